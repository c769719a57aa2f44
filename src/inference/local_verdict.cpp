// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/local_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sinterscope/core/error.h"
#include "sinterscope/core/random.h"
#include "sinterscope/core/units.h"
#include "sinterscope/inference/around_small.h"
#include "sinterscope/inference/statistics.h"
#include "sinterscope/theory/entropy_model.h"

namespace sinterscope {
namespace {

constexpr double outline_and_error = 1.1;  ///< radii from the border at which a particle is surely whole

/// One catchment of the reference hold.
struct Neighbourhood {
  double x_nm, y_nm, area_nm2, diameter_nm, diameter_se_nm;
};

/// The catchments of one size class with a draw of the observed atoms per site of each for every draw of the
/// posterior.
class Neighbourhoods {
 public:
  Neighbourhoods(std::vector<Neighbourhood> list, double reference_K, const Sample& sample,
                 const EntropyFit& fit, Rng rng)
      : list_(std::move(list)), sample_(sample), fit_(fit), rng_(rng) {
    for (const Neighbourhood& one : list_) area_nm2_ += one.area_nm2;
    for (const PosteriorShare& draw : fit_.draws) {
      const double dispersed = c_star(draw.dh_eV, reference_K);
      double mean = 0.0;
      for (const Neighbourhood& one : list_) {
        const double diameter =
            one.diameter_nm * std::exp(one.diameter_se_nm / one.diameter_nm * rng_.normal());
        const double in_particle = sample_.atoms(diameter) / (sample_.site_density_nm2 * one.area_nm2);
        totals_.push_back(std::exp(-draw.log_calibration) * in_particle + dispersed);
        mean += totals_.back() * one.area_nm2 / area_nm2_;
      }
      means_.push_back(mean);
    }
    std::sort(means_.begin(), means_.end());
  }

  std::size_t size() const { return list_.size(); }

  /// Median and intervals of the mean total; what dh leaves open above stays open.
  Estimate total() const {
    const std::vector<double> equal(means_.size(), 1.0);
    const auto quantile = [&](double p) { return weighted_quantile(means_, equal, p); };
    const bool above = fit_.dh_eV.bounded == "both" || fit_.dh_eV.bounded == "above";
    Estimate c;
    c.bounded = above ? "both" : "below";
    c.interval68.low = quantile(0.16);
    c.interval95.low = quantile(0.025);
    if (!above) return c;
    c.estimate = quantile(0.5);
    c.interval68.high = quantile(0.84);
    c.interval95.high = quantile(0.975);
    return c;
  }

  /// Expected number that show a particle, its s.d., and how likely one is to disperse all it has.
  void foretell(LocalVerdict& verdict, const DetectionLimit& limit) const {
    Rng rng = rng_.stream(verdict.region, static_cast<std::uint64_t>(verdict.hold));
    const double draws = static_cast<double>(fit_.draws.size());
    double sum = 0.0, squares = 0.0, spread = 0.0, dispersed = 0.0;
    for (std::size_t s = 0; s < fit_.draws.size(); ++s) {
      const PosteriorShare& draw = fit_.draws[s];
      const double capacity = c_star(draw.dh_eV, verdict.temperature_K);
      double seen = 0.0;
      for (std::size_t j = 0; j < list_.size(); ++j) {
        const double sites = sample_.site_density_nm2 * list_[j].area_nm2;
        const double variance = std::min(1.0, (1.0 - capacity) / (sites * capacity));
        const double most = capacity * std::exp(std::sqrt(variance) * rng.normal() - 0.5 * variance);
        const double left = totals_[s * list_.size() + j] - most;
        double p = 0.0;
        if (left <= 0.0)
          dispersed += 1.0;
        else
          p = limit.probability(
              std::cbrt(std::exp(draw.log_calibration) * left * sites / sample_.atoms_per_nm3()));
        p = 1.0 - (1.0 - p) * std::exp(-limit.false_density_nm2 * list_[j].area_nm2);
        seen += p;
        spread += p * (1.0 - p);
      }
      sum += seen;
      squares += seen * seen;
    }
    verdict.with_particle_expected = sum / draws;
    const double variance = squares / draws - std::pow(sum / draws, 2) + spread / draws;
    verdict.with_particle_expected_sd = std::sqrt(std::max(0.0, variance));
    verdict.probability_dispersed = dispersed / (draws * static_cast<double>(list_.size()));
  }

 private:
  double c_star(double dh_eV, double temperature_K) const {
    return critical_concentration(dh_eV, temperature_K, fit_.options.entropy_per_atom);
  }

  std::vector<Neighbourhood> list_;
  const Sample& sample_;
  const EntropyFit& fit_;
  Rng rng_;
  double area_nm2_ = 0.0;
  std::vector<double> totals_;  ///< by draw, then neighbourhood
  std::vector<double> means_;   ///< weighted by area, ascending
};

/// Which centres have a particle of the hold nearer to them than to any other.
std::vector<bool> occupied(const std::vector<Neighbourhood>& centres, const HoldInventory& hold) {
  std::vector<bool> taken(centres.size(), false);
  for (const SizedParticle& particle : hold.particles) {
    const auto distance2 = [&](const Neighbourhood& one) {
      return std::pow(one.x_nm - particle.x_nm, 2) + std::pow(one.y_nm - particle.y_nm, 2);
    };
    const auto nearest = std::min_element(
        centres.begin(), centres.end(),
        [&](const Neighbourhood& a, const Neighbourhood& b) { return distance2(a) < distance2(b); });
    taken[static_cast<std::size_t>(nearest - centres.begin())] = true;
  }
  return taken;
}

/// Whether its particle, were it still there, would be whole in each frame.
bool stays_in_view(const Neighbourhood& one, const cv::Rect2d& shown_nm) {
  const double reach = outline_and_error * 0.5 * one.diameter_nm;
  return one.x_nm - reach >= shown_nm.x && one.y_nm - reach >= shown_nm.y &&
         one.x_nm + reach <= shown_nm.br().x && one.y_nm + reach <= shown_nm.br().y;
}

LocalVerdict judge(const Neighbourhoods& of_class, const HoldInventory& hold, int with_particle,
                   const EntropyFit& fit) {
  const auto c_star = [&](double dh) {
    return critical_concentration(dh, *hold.temperature_K, fit.options.entropy_per_atom);
  };
  LocalVerdict verdict;
  verdict.hold = hold.hold;
  verdict.region = hold.region;
  verdict.temperature_K = *hold.temperature_K;
  verdict.neighbourhoods = static_cast<int>(of_class.size());
  verdict.with_particle = with_particle;
  verdict.c_ad = of_class.total();
  verdict.c_star = c_star(fit.posterior_median_dh_eV);
  verdict.c_star_interval95 = mapped(fit.dh_eV.interval95, c_star);
  of_class.foretell(verdict, hold.limit);
  verdict.observed = 2 * with_particle >= verdict.neighbourhoods ? "particles" : "dispersed";
  verdict.predicted = verdict.probability_dispersed >= 0.5 ? "dispersed" : "particles";
  constexpr double z95 = 1.96, to_whole = 0.5;
  const double off = std::abs(with_particle - verdict.with_particle_expected);
  verdict.agrees =
      verdict.observed == verdict.predicted || off <= z95 * verdict.with_particle_expected_sd + to_whole;
  return verdict;
}

void judge_region(const std::string& region, const Locality& locality,
                  std::span<const HoldInventory> inventories, const Sample& sample, const EntropyFit& fit,
                  std::vector<LocalVerdict>& verdicts) {
  const auto reference = reference_hold(region, locality, inventories);
  if (!reference) return;
  const HoldInventory& cold = inventories[*reference];
  std::vector<Neighbourhood> centres;
  std::vector<bool> large;
  for (std::size_t i = 0; i < cold.particles.size(); ++i) {
    const LocalParticle& one = locality.holds[*reference].particles[i];
    if (!(one.cell_area_nm2 > 0.0)) continue;
    centres.push_back(
        {one.x_nm, one.y_nm, one.cell_area_nm2, one.diameter_nm, cold.particles[i].diameter_se_nm});
    large.push_back(one.large);
  }
  if (centres.empty()) return;
  for (std::size_t h = 0; h < inventories.size(); ++h) {
    const HoldInventory& hold = inventories[h];
    if (hold.region != region || hold.hold == cold.hold || !hold.temperature_K ||
        !std::isfinite(hold.limit.d50_nm))
      continue;
    const std::vector<bool> taken = occupied(centres, hold);
    for (const bool of_large : {true, false}) {
      std::vector<Neighbourhood> in_view;
      int with_particle = 0;
      for (std::size_t i = 0; i < centres.size(); ++i) {
        if (large[i] != of_large || !stays_in_view(centres[i], locality.holds[h].shown_nm)) continue;
        in_view.push_back(centres[i]);
        with_particle += taken[i] ? 1 : 0;
      }
      if (in_view.empty()) continue;
      const Neighbourhoods drawn(std::move(in_view), *cold.temperature_K, sample, fit,
                                 Rng(1).stream("neighbourhoods"));
      verdicts.push_back(judge(drawn, hold, with_particle, fit));
      verdicts.back().reference_hold = cold.hold;
      verdicts.back().size_class = of_large ? "large" : "small";
    }
  }
}

std::string celsius(double kelvin) { return fmt::format("{:.0f} C", celsius_from_kelvin(kelvin)); }

/// "around the 4 large particles c_ad 0.53 [0.3, 0.95] > c* 0.032 [0.02, 0.04], and 4 keep a particle".
std::string class_sentence(const LocalVerdict& one) {
  const auto range = [](const Interval& interval) {
    return fmt::format("[{:.2g}, {:.2g}]", interval.low.value_or(0.0), interval.high.value_or(1.0));
  };
  return fmt::format(
      "around the {} {} c_ad {:.2g} {} {} c* {:.2g} {} per site (below with probability {:.2f}), and {} "
      "keep{} a particle",
      one.neighbourhoods, one.size_class, *one.c_ad.estimate, range(one.c_ad.interval95),
      *one.c_ad.estimate < one.c_star ? "<" : ">", one.c_star, range(one.c_star_interval95),
      one.probability_dispersed, one.with_particle == 0 ? "none" : std::to_string(one.with_particle),
      one.with_particle == 1 || one.with_particle == 0 ? "s" : "");
}

}  // namespace

std::vector<LocalVerdict> judge_neighbourhoods(const Locality& locality,
                                               std::span<const HoldInventory> inventories,
                                               const Sample& sample, const EntropyFit& fit) {
  if (locality.holds.size() != inventories.size())
    throw Error(fmt::format("local verdicts: locality of {} holds for {} inventories", locality.holds.size(),
                            inventories.size()));
  for (std::size_t h = 0; h < inventories.size(); ++h)
    if (locality.holds[h].particles.size() != inventories[h].particles.size())
      throw Error(
          fmt::format("local verdicts: locality has {} particles in hold {} of region '{}', its "
                      "inventory {}",
                      locality.holds[h].particles.size(), inventories[h].hold, inventories[h].region,
                      inventories[h].particles.size()));
  std::vector<LocalVerdict> verdicts;
  if (!locality.large_from_nm || fit.draws.empty()) return verdicts;
  std::vector<std::string> regions;
  for (const HoldInventory& hold : inventories)
    if (std::find(regions.begin(), regions.end(), hold.region) == regions.end())
      regions.push_back(hold.region);
  for (const std::string& region : regions)
    judge_region(region, locality, inventories, sample, fit, verdicts);
  return verdicts;
}

void judge_whole_holds(std::vector<HoldVerdict>& holds, std::span<const LocalVerdict> local,
                       std::span<const HoldInventory> inventories) {
  for (HoldVerdict& hold : holds) {
    for (const HoldInventory& whole : inventories)
      if (whole.region == hold.region && whole.hold == hold.hold) {
        hold.c_np = whole.c_np;
        hold.detected = static_cast<int>(whole.particles.size());
      }
    for (const LocalVerdict& one : local) {
      if (one.region != hold.region || one.hold != hold.hold || one.size_class != "large") continue;
      hold.of_large = hold.observed == "dispersed" && hold.predicted == "dispersed" &&
                      one.observed == "particles" && one.predicted == "particles";
      if (one.observed == "particles") hold.observed = "particles";
      if (one.predicted == "particles") hold.predicted = "particles";
      hold.agrees = hold.agrees && one.agrees;
      hold.probability_dispersed *= one.probability_dispersed;
      hold.detections_expected += one.with_particle_expected;
      hold.detections_expected_sd = std::hypot(hold.detections_expected_sd, one.with_particle_expected_sd);
    }
  }
}

std::vector<FitMessage> local_messages(std::span<const LocalVerdict> verdicts, const Locality& locality) {
  std::vector<std::string> regions;
  std::map<std::string, double> hottest;
  for (const LocalVerdict& one : verdicts) {
    if (!hottest.count(one.region)) regions.push_back(one.region);
    hottest[one.region] = std::max(hottest[one.region], one.temperature_K);
  }
  std::vector<FitMessage> messages;
  for (const std::string& region : regions) {
    std::vector<const LocalVerdict*> hot;  // of the first hold that is as hot as any
    for (const LocalVerdict& one : verdicts)
      if (one.region == region && one.temperature_K == hottest[region] &&
          (hot.empty() || hot[0]->hold == one.hold))
        hot.push_back(&one);
    std::vector<std::string> parts;
    for (const LocalVerdict* one : hot)
      if (one->c_ad.estimate && one->c_star_interval95.low && one->c_star_interval95.high)
        parts.push_back(class_sentence(*one));
    if (parts.empty()) continue;  // dh is open: no c* to compare with
    messages.push_back(
        {"local", fmt::format("Region '{}', hold {} ({}), by neighbourhood: {}.", region, hot[0]->hold,
                              celsius(hottest[region]), fmt::join(parts, "; "))});
  }
  if (!messages.empty() && locality.avoidance) {
    const double p = locality.avoidance->p_value;
    messages.push_back(
        {"local_return", fmt::format("Small particles that come back {} the large ones (p = {:.2g}).",
                                     p < 0.05 ? "keep away from" : "are not shown to avoid", p)});
  }
  return messages;
}

}  // namespace sinterscope
