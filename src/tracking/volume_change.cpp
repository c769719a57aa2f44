// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/volume_change.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

constexpr double typical_growth = 0.1;       ///< of ln(diameter), scale of the half-normal
constexpr double weight_of_prior = 5.0;      ///< particles
constexpr double common_scale_error = 0.02;  ///< of all diameters of a range of frames: focus, dose, rim
constexpr double merged_volume_error = 0.1;  ///< a merged particle need not keep the shape factor

double normal_density(double x, double variance) {
  return std::exp(-0.5 * x * x / variance) / std::sqrt(2.0 * pi * variance);
}
double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// Density of a measured change that is a half-normal growth plus a normal error.
double growth_density(double change, double variance) {
  const double scale2 = typical_growth * typical_growth, total = variance + scale2;
  return 2.0 * normal_density(change, total) *
         normal_cdf(change * typical_growth / std::sqrt(variance * total));
}

/// One particle whose fits ran away, or a wrong link, must not outweigh all others by the cube of its size.
double probability_sound(const MeanSize& before, const MeanSize& after) {
  constexpr double usual_change = 0.3, spoilt_share = 0.05, spoilt_density = 0.25;  // of ln(diameter)
  const double change = std::log(after.diameter_px / before.diameter_px);
  const double variance = usual_change * usual_change + std::pow(before.se_px / before.diameter_px, 2) +
                          std::pow(after.se_px / after.diameter_px, 2);
  const double sound = (1.0 - spoilt_share) * normal_density(change, variance);
  return sound / (sound + spoilt_share * spoilt_density);
}

}  // namespace

std::vector<Growth> find_growth(const RegionView& view, const Stretch& stretch, double growth_prior) {
  struct Densities {
    double none, grew, shrank;
  };
  std::vector<Growth> result;
  std::vector<Densities> densities;
  for (std::size_t i = 0; i < view.tracks().size(); ++i) {
    const ViewedTrack& track = view.tracks()[i];
    if (track.first > stretch.before_last || track.last < stretch.after_first) continue;
    const auto before = view.size_between(track, stretch.before_first, stretch.before_last);
    const auto after = view.size_between(track, stretch.after_first, stretch.after_last);
    if (!before || !after) continue;
    const double change = std::log(after->diameter_px / before->diameter_px);
    const double variance =
        std::pow(before->se_px / before->diameter_px, 2) + std::pow(after->se_px / after->diameter_px, 2);
    result.push_back({i, change, 0.0, *after});
    densities.push_back({normal_density(change, variance), growth_density(change, variance),
                         growth_density(-change, variance)});
  }
  double grew = growth_prior, shrank = growth_prior;
  constexpr int rounds = 30;
  for (int round = 0; round < rounds; ++round) {
    double sum_grew = weight_of_prior * growth_prior, sum_shrank = weight_of_prior * growth_prior;
    for (std::size_t i = 0; i < result.size(); ++i) {
      const double by_growth = grew * densities[i].grew, by_shrinking = shrank * densities[i].shrank;
      const double total = by_growth + by_shrinking + std::max(1.0 - grew - shrank, 0.0) * densities[i].none;
      if (!(total > 0.0)) continue;
      result[i].probability = by_growth / total;
      sum_grew += by_growth / total;
      sum_shrank += by_shrinking / total;
    }
    grew = sum_grew / (weight_of_prior + static_cast<double>(result.size()));
    shrank = sum_shrank / (weight_of_prior + static_cast<double>(result.size()));
  }
  return result;
}

double probability_ripened(const RegionView& view, const Stretch& stretch, double ripening_prior) {
  struct Standing {
    MeanSize before, after;
  };
  double vanished = 0.0, diameters = 0.0, count = 0.0;
  std::vector<Standing> standing;
  for (const ViewedTrack& track : view.tracks()) {
    if (track.first > stretch.before_last) continue;
    const auto before = view.size_between(track, stretch.before_first, stretch.before_last);
    if (!before) continue;
    diameters += before->diameter_px;
    count += 1.0;
    if (track.last < stretch.after_first) {
      vanished += before->volume();
      continue;
    }
    const auto after = view.size_between(track, stretch.after_first, stretch.after_last);
    if (after) standing.push_back({*before, *after});
  }
  if (!(vanished > 0.0)) return 0.0;
  double gained = 0.0, variance = 0.0, sizes = 0.0;
  for (const auto& [before, after] : standing) {
    // By the mean of both: a particle measured too large once does not count as large for it.
    if (before.diameter_px + after.diameter_px < 2.0 * diameters / count) continue;
    const double sound = probability_sound(before, after);
    gained += sound * (after.volume() - before.volume());
    variance += sound * (before.volume_se() * before.volume_se() + after.volume_se() * after.volume_se());
    sizes += sound * 0.5 * (before.volume() + after.volume());
  }
  if (!(variance > 0.0)) return 0.0;
  variance += std::pow(3.0 * common_scale_error * sizes, 2);
  // Under ripening the larger half takes up between a third and five times what vanished (the rest comes from
  // the smaller half), evenly in the logarithm; under redispersion nothing, or it loses, or less than a
  // third.
  constexpr int steps = 24;
  const double least = 1.0 / 3.0, most = 5.0;
  const auto likelihood = [&](double share) {
    return std::exp(-0.5 * std::pow(gained - share * vanished, 2) / variance);
  };
  double ripened = 0.0, little = 0.0;
  for (int k = 0; k < steps; ++k) {
    ripened += likelihood(least * std::pow(most / least, (k + 0.5) / steps)) / steps;
    little += likelihood(least * (k + 0.5) / steps) / steps;
  }
  const double dispersed =
      0.5 * std::exp(-0.5 * std::pow(std::max(gained, 0.0), 2) / variance) + 0.5 * little;
  const double by_ripening = ripening_prior * ripened, by_dispersion = (1.0 - ripening_prior) * dispersed;
  // Both impossible: growth far beyond what vanished. It is growth all the same.
  if (!(by_ripening + by_dispersion > 0.0)) return gained > 0.0 ? 1.0 : 0.0;
  return by_ripening / (by_ripening + by_dispersion);
}

double jump_odds(const MeanSize& before, const MeanSize& after, const MeanSize& partner) {
  const double jump = after.volume() - before.volume(), volume = partner.volume();
  const double none = before.volume_se() * before.volume_se() + after.volume_se() * after.volume_se();
  const double merged =
      none + partner.volume_se() * partner.volume_se() + std::pow(merged_volume_error * after.volume(), 2);
  const double log_odds = -0.5 * std::pow(jump - volume, 2) / merged - 0.5 * std::log(merged) +
                          0.5 * jump * jump / none + 0.5 * std::log(none);
  constexpr double decided = 50.0;
  return std::exp(std::clamp(log_odds, -decided, decided));
}

}  // namespace sinterscope
