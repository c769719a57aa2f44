// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/hold_change.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sinterscope {
namespace {

// The grid: common changes of ln(diameter), and shares of particles that are gone.
constexpr double change_step = 0.1;
constexpr int least_change = -20, largest_change = 10;
constexpr std::size_t changes = largest_change - least_change + 1;
constexpr std::array<double, 11> shares{0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99};

double prior_of_share(std::size_t index, double gone_prior) {
  if (index < 2) return (1.0 - gone_prior) / 2.0;
  return index + 1 == shares.size() ? gone_prior / 2.0
                                    : gone_prior / 2.0 / static_cast<double>(shares.size() - 3);
}

double change_at(std::size_t index) { return change_step * (least_change + static_cast<int>(index)); }

/// What each grid point predicts for one particle.
struct Prediction {
  std::array<Unseen, changes> unseen{};    ///< of a vanished one
  std::array<double, changes> survival{};  ///< density of the change of a survivor
};

/// How well a change foretells what a survivor shows, up to a factor common to all changes. The size of a
/// particle at the limit of detection is hardly known: it is found when noise makes it look large.
double survival_density(const Standing& survivor, const Sighting& changed, cv::Size frame_size,
                        double own_change) {
  constexpr double any_size = 1.25;    // density of a size that may be anything within a factor e either way
  constexpr double wrong_link = 0.05;  // a wrong link or a merged neighbour must not veto a change
  constexpr double odd_pattern = 0.01;
  const double variance =
      own_change * own_change + survivor.before.log_diameter_variance + survivor.log_variance_after;
  const double miss = *survivor.log_diameter_after - changed.log_diameter;
  const double measured = std::exp(-0.5 * miss * miss / variance) / std::sqrt(variance);
  if (survivor.looks.empty()) return measured + wrong_link;
  const CompletenessCurve& curve = *survivor.looks.front().curve;
  const double share = curve.probability(std::exp(changed.log_diameter)) / curve.plateau;
  const double pattern =
      probability_of_pattern(changed, own_change, survivor.looks, frame_size, survivor.gone_later);
  const double by_chance = std::pow(0.5, static_cast<double>(survivor.looks.size()));
  return (share * measured + (1.0 - share) * any_size + wrong_link) * (pattern + odd_pattern * by_chance);
}

Prediction predict_fates(const Standing& particle, cv::Size frame_size, double own_change) {
  Prediction prediction;
  for (std::size_t k = 0; k < changes; ++k) {
    Sighting changed = particle.before;
    changed.log_diameter += change_at(k);
    if (particle.log_diameter_after) {
      prediction.survival[k] = survival_density(particle, changed, frame_size, own_change);
    } else {
      prediction.unseen[k] = unseen(changed, own_change, particle.looks, frame_size);
    }
  }
  return prediction;
}

}  // namespace

HoldChange judge_hold_change(std::span<const Standing> particles, cv::Size frame_size,
                             const ChangePrior& prior) {
  std::vector<Prediction> predictions;
  for (const Standing& particle : particles)
    predictions.push_back(predict_fates(particle, frame_size, prior.own_change));

  std::array<std::array<double, changes>, shares.size()> weight{};
  double largest = -1e300;
  for (std::size_t s = 0; s < shares.size(); ++s)
    for (std::size_t k = 0; k < changes; ++k) {
      const double z = change_at(k) / prior.common_change;
      double log_weight = std::log(prior_of_share(s, prior.gone_prior)) - 0.5 * z * z;
      for (std::size_t i = 0; i < particles.size(); ++i)
        log_weight += particles[i].log_diameter_after
                          ? std::log((1.0 - shares[s]) * predictions[i].survival[k])
                          : std::log(shares[s] + (1.0 - shares[s]) * predictions[i].unseen[k].total());
      weight[s][k] = log_weight;
      largest = std::max(largest, log_weight);
    }
  double total = 0.0;
  for (auto& row : weight)
    for (double& one : row) total += one = std::exp(one - largest);

  HoldChange result;
  double square = 0.0;
  for (std::size_t s = 0; s < shares.size(); ++s)
    for (std::size_t k = 0; k < changes; ++k) {
      result.log_change += weight[s][k] / total * change_at(k);
      square += weight[s][k] / total * change_at(k) * change_at(k);
    }
  result.log_change_se = std::sqrt(std::max(square - result.log_change * result.log_change, 0.0));
  std::vector<Fate>& fates = result.fates;
  fates.resize(particles.size());
  for (std::size_t i = 0; i < particles.size(); ++i) {
    if (particles[i].log_diameter_after) continue;
    Fate& fate = fates[i];
    const double outside =
        predictions[i].unseen[0].outside;  // a place out of view says nothing about its particle
    for (std::size_t s = 0; s < shares.size(); ++s)
      for (std::size_t k = 0; k < changes; ++k) {
        const Unseen& there = predictions[i].unseen[k];
        const double gone = shares[s] * (1.0 - outside), small = (1.0 - shares[s]) * there.below_limit,
                     missed = (1.0 - shares[s]) * there.missed;
        const double share = weight[s][k] / total / (gone + outside + small + missed);
        fate.gone += share * gone;
        fate.there.outside += share * outside;
        fate.there.below_limit += share * small;
        fate.there.missed += share * missed;
      }
  }
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
