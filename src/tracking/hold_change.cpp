// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/hold_change.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sinterscope {
namespace {

// The grids: common changes of ln(diameter), shares of particles that are gone, common errors of the sizes of
// survivors in standard deviations, and shares of sites at which a later hold shows a particle again: of the
// gone, and of those that stood there unseen.
constexpr double change_step = 0.1;
constexpr int least_change = -20, largest_change = 10;
constexpr std::size_t steps = largest_change - least_change + 1;
// Every change is taken twice: the frames of a hold find a particle each for itself, or all together.
constexpr std::size_t changes = 2 * steps;
constexpr std::array<double, 12> shares{0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999};
constexpr std::array<double, 6> errors{0.0, 0.5, 1.0, 1.5, 2.0, 3.0};
constexpr std::array<double, 7> gone_return{0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95};
constexpr std::array<double, 5> unseen_return{0.1, 0.3, 0.5, 0.7, 0.95};
constexpr std::size_t returns = gone_return.size() * unseen_return.size();
double gone_return_at(std::size_t index) { return gone_return[index % gone_return.size()]; }
double unseen_return_at(std::size_t index) { return unseen_return[index / gone_return.size()]; }

// Sizes are compared by densities up to one factor, in units in which a normal law of spread s has 1 / s in
// its middle: what may be anything within a factor e either way has 1.25.
constexpr double any_size = 1.25;

double prior_of_share(std::size_t index, double gone_prior) {
  if (index < 2) return (1.0 - gone_prior) / 2.0;
  return index + 1 == shares.size() ? gone_prior / 2.0
                                    : gone_prior / 2.0 / static_cast<double>(shares.size() - 3);
}

double prior_of_return(std::size_t index, double site_memory) {
  return gone_return_at(index) == 0.0 ? 1.0 - site_memory
                                      : site_memory / static_cast<double>(gone_return.size() - 1);
}

double change_at(std::size_t index) { return change_step * (least_change + static_cast<int>(index % steps)); }
double together_at(std::size_t index) { return index < steps ? 0.0 : 1.0; }

/// What each grid point predicts for one particle.
struct Prediction {
  std::array<Unseen, changes> unseen{};                               ///< of a vanished one
  std::array<std::array<double, errors.size()>, changes> survival{};  ///< density of what a survivor shows
  double foreign = 0.0;                                               ///< the same if it is none
};

/// How well a change foretells what a survivor shows, for each common error.
std::array<double, errors.size()> survival_density(const Standing& survivor, std::size_t k,
                                                   cv::Size frame_size, double own_change, double confirmed) {
  constexpr double wrong_size = 0.05;  // a merged neighbour or a fit that ran away must not veto a change
  constexpr double odd_pattern = 0.01;
  const Survival& after = *survivor.after;
  Sighting changed = survivor.before;
  changed.log_diameter += change_at(k);
  const double variance = own_change * own_change + after.log_variance;
  double found = 1.0;
  if (!survivor.looks.empty()) {
    const double by_chance = std::pow(0.5, static_cast<double>(survivor.looks.size()));
    found = probability_of_pattern(changed, own_change, survivor.looks, frame_size, after.gone_later,
                                   confirmed, together_at(k)) +
            odd_pattern * by_chance;
  }
  std::array<double, errors.size()> result{};
  for (std::size_t e = 0; e < errors.size(); ++e) {
    const double miss = after.log_change - change_at(k) - errors[e] * after.single_error;
    const double measured = std::exp(-0.5 * miss * miss / variance) / std::sqrt(variance);
    result[e] = (measured + wrong_size) * found;
  }
  return result;
}

/// In how many of the frames the survivors are found, if the frames find them together: most of them then
/// confirm what their average shows. A smaller share speaks for frames that decide each for itself.
double share_of_finds(std::span<const Standing> particles) {
  double finds = 1.0, frames = 2.0;
  for (const Standing& particle : particles) {
    if (!particle.after) continue;
    for (const Look& look : particle.looks) {
      finds += look.found ? 1.0 : 0.0;
      frames += 1.0;
    }
  }
  constexpr double least = 0.75;
  return std::max(finds / frames, least);
}

/// A foreign detection may be found in any number of the frames, in any of them.
double foreign_density(const Standing& survivor) {
  const double frames = static_cast<double>(survivor.looks.size());
  double log_pattern = 0.0;
  if (frames > 0.0) {
    const double finds = static_cast<double>(std::count_if(survivor.looks.begin(), survivor.looks.end(),
                                                           [](const Look& look) { return look.found; }));
    log_pattern = std::lgamma(finds + 1.0) + std::lgamma(frames - finds + 1.0) - std::lgamma(frames + 1.0) -
                  std::log(frames);
  }
  constexpr double certain = 30.0;
  return any_size * std::exp(std::clamp(survivor.after->log_foreign + log_pattern, -certain, certain));
}

Prediction predict_fates(const Standing& particle, cv::Size frame_size, double own_change, double confirmed) {
  Prediction prediction;
  for (std::size_t k = 0; k < changes; ++k) {
    if (particle.after) {
      prediction.survival[k] = survival_density(particle, k, frame_size, own_change, confirmed);
      continue;
    }
    Sighting changed = particle.before;
    changed.log_diameter += change_at(k);
    prediction.unseen[k] = unseen(changed, own_change, particle.looks, frame_size, {}, together_at(k));
  }
  if (particle.after) prediction.foreign = foreign_density(particle);
  return prediction;
}

/// Density of what later holds show at the site of a particle of which a share comes back: itself, or one
/// that is no newcomer. `otherwise`: of a newcomer.
double return_density(const Standing& particle, double share, double otherwise) {
  if (!particle.later_holds) return 1.0;
  constexpr double certain = 30.0;
  return particle.log_return ? share * std::exp(std::min(*particle.log_return, certain)) + otherwise
                             : 1.0 - share;
}

/// The weights of share and change with the errors of survivors, and with what comes back.
struct Explained {
  double gone, there;
};

Explained explain(const Standing& particle, double share, std::size_t r) {
  // A place that is taken has no room for a newcomer.
  return {share * return_density(particle, gone_return_at(r), 1.0 - gone_return_at(r)),
          (1.0 - share) * return_density(particle, unseen_return_at(r), 0.0)};
}

/// The weights of two grids over shares and changes: what is summed over the third.
class Posterior {
 public:
  Posterior(std::span<const Standing> particles, const std::vector<Prediction>& predictions,
            const ChangePrior& prior);
  /// Calls visit(share, change, error, returned share, weight); the weights add up to 1.
  template <typename Visit>
  void visit(Visit&& visit) const {
    for (std::size_t s = 0; s < shares.size(); ++s)
      for (std::size_t k = 0; k < changes; ++k)
        for (std::size_t e = 0; e < errors.size(); ++e)
          for (std::size_t r = 0; r < returns; ++r) {
            const double weight = std::exp(survivors_[s][k][e] + vanished_[s][k][r] - largest_) / total_;
            if (weight > 1e-9) visit(s, k, e, r, weight);
          }
  }

 private:
  template <std::size_t third>
  using Grid = std::array<std::array<std::array<double, third>, changes>, shares.size()>;
  Grid<errors.size()> survivors_{};  ///< logarithms
  Grid<returns> vanished_{};
  double largest_ = -1e300, total_ = 1.0;
};

Posterior::Posterior(std::span<const Standing> particles, const std::vector<Prediction>& predictions,
                     const ChangePrior& prior) {
  for (std::size_t s = 0; s < shares.size(); ++s)
    for (std::size_t k = 0; k < changes; ++k) {
      const double z = change_at(k) / prior.common_change;
      for (std::size_t e = 0; e < errors.size(); ++e) {
        double& weight = survivors_[s][k][e];
        weight = std::log(prior_of_share(s, prior.gone_prior)) - 0.5 * z * z - 0.5 * errors[e] * errors[e];
        for (std::size_t i = 0; i < particles.size(); ++i)
          if (particles[i].after)
            weight += std::log((1.0 - shares[s]) * predictions[i].survival[k][e] +
                               shares[s] * predictions[i].foreign);
      }
      for (std::size_t r = 0; r < returns; ++r) {
        double& weight = vanished_[s][k][r];
        weight = std::log(prior_of_return(r, prior.site_memory) + 1e-300);
        for (std::size_t i = 0; i < particles.size(); ++i)
          if (!particles[i].after) {
            const Explained by = explain(particles[i], shares[s], r);
            weight += std::log(by.gone + by.there * predictions[i].unseen[k].total());
          }
      }
      largest_ = std::max(largest_, *std::max_element(survivors_[s][k].begin(), survivors_[s][k].end()) +
                                        *std::max_element(vanished_[s][k].begin(), vanished_[s][k].end()));
    }
  double total = 0.0;
  visit([&total](std::size_t, std::size_t, std::size_t, std::size_t, double weight) { total += weight; });
  total_ = total;
}

}  // namespace

HoldChange judge_hold_change(std::span<const Standing> particles, cv::Size frame_size,
                             const ChangePrior& prior) {
  const double confirmed = share_of_finds(particles);
  std::vector<Prediction> predictions;
  for (const Standing& particle : particles)
    predictions.push_back(predict_fates(particle, frame_size, prior.own_change, confirmed));
  const Posterior posterior(particles, predictions, prior);

  HoldChange result;
  result.fates.resize(particles.size());
  double square = 0.0;
  posterior.visit([&](std::size_t s, std::size_t k, std::size_t e, std::size_t r, double weight) {
    result.log_change += weight * change_at(k);
    square += weight * change_at(k) * change_at(k);
    for (std::size_t i = 0; i < particles.size(); ++i) {
      Fate& fate = result.fates[i];
      if (particles[i].after) {
        const double gone = shares[s] * predictions[i].foreign;
        fate.gone += weight * gone / (gone + (1.0 - shares[s]) * predictions[i].survival[k][e]);
        continue;
      }
      // A place out of view says nothing about its particle.
      const Unseen& there = predictions[i].unseen[k];
      const Explained by = explain(particles[i], shares[s], r);
      const double stays = by.there, gone = by.gone * (1.0 - there.outside);
      const double outside = there.outside, small = stays * there.below_limit, missed = stays * there.missed;
      const double share = weight / (gone + outside + small + missed);
      fate.gone += share * gone;
      fate.there.outside += share * outside;
      fate.there.below_limit += share * small;
      fate.there.missed += share * missed;
    }
  });
  result.log_change_se = std::sqrt(std::max(square - result.log_change * result.log_change, 0.0));
  return result;
}

Fate judge_alone(const Sighting& before, std::span<const Look> looks, cv::Size frame_size, double gone_prior,
                 double change, std::span<const Look> finds) {
  const Unseen there = unseen(before, change, looks, frame_size, finds);
  const double gone = gone_prior * (1.0 - there.outside), stays = 1.0 - gone_prior;
  const double total = gone + there.outside + stays * (there.below_limit + there.missed);
  return {gone / total,
          {there.outside / total, stays * there.below_limit / total, stays * there.missed / total}};
}

}  // namespace sinterscope
