// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/hold_count.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sinterscope/core/median.h"
#include "sinterscope/core/units.h"
#include "sinterscope/inference/detection_rule.h"
#include "sinterscope/inference/relaxation.h"
#include "sinterscope/inference/seen_area.h"

namespace sinterscope {
namespace {

/// Where a detector gives no error, a tenth of the diameter is a cautious one.
double diameter_se(const Particle& particle) {
  return particle.diameter_se_px > 0.0 ? particle.diameter_se_px : 0.1 * particle.diameter_px;
}

/// On facets only whole particles are reported: half the median diameter of the region's.
double unseen_border_px(std::span<const Particle> particles, const SupportArea& support, int region) {
  std::vector<double> diameters;
  for (const Particle& particle : particles)
    if (support.facetted && particle.region == region) diameters.push_back(particle.diameter_px);
  return diameters.empty() ? 0.0 : 0.5 * median(diameters);
}

/// The sightings of one track in the hold.
using Sightings = std::vector<const Particle*>;

std::vector<Sightings> sightings_in(std::span<const Particle> particles, std::span<const Track> tracks,
                                    const Hold& hold) {
  std::vector<Sightings> result;
  for (const Track& track : tracks) {
    if (track.region != hold.region || track.last_frame < hold.frames.front() ||
        track.first_frame > hold.frames.back())
      continue;
    Sightings seen;
    for (const std::size_t index : track.particles)
      if (particles[index].hold == hold.hold && particles[index].frame >= hold.frames.front())
        seen.push_back(&particles[index]);
    if (!seen.empty()) result.push_back(std::move(seen));
  }
  return result;
}

cv::Point2d mean_place(const Sightings& seen) {
  cv::Point2d sum(0.0, 0.0);
  for (const Particle* particle : seen) sum += {particle->x_specimen_px, particle->y_specimen_px};
  return sum / static_cast<double>(seen.size());
}

/// Weighted mean diameter, its error widened where the sightings scatter more than their errors say.
SizedParticle mean_particle(const Sightings& seen, double pixel_size_nm, double common_error) {
  double weights = 0.0, sum = 0.0, chi2 = 0.0;
  for (const Particle* particle : seen) {
    const double weight = 1.0 / std::pow(diameter_se(*particle), 2);
    weights += weight;
    sum += weight * particle->diameter_px;
  }
  const double mean = sum / weights, n = static_cast<double>(seen.size());
  for (const Particle* particle : seen)
    chi2 += std::pow((particle->diameter_px - mean) / diameter_se(*particle), 2);
  const double excess = n > 1.0 ? std::max(1.0, chi2 / (n - 1.0)) : 1.0;
  const cv::Point2d place = pixel_size_nm * mean_place(seen);
  return {mean * pixel_size_nm, std::hypot(std::sqrt(excess / weights), common_error * mean) * pixel_size_nm,
          seen.front()->track, place.x, place.y};
}

/// The area over which detections of one particle scatter: a circle of four standard errors of a
/// displacement.
double linking_area(std::span<const Particle> particles, int region) {
  double sum = 0.0, count = 0.0;
  for (const Particle& particle : particles)
    if (particle.region == region) {
      sum += particle.position_se_px > 0.0 ? particle.position_se_px : 0.1 * particle.diameter_px;
      count += 1.0;
    }
  const double se = count > 0.0 ? sum / count : 1.0;
  return pi * 16.0 * 2.0 * se * se;
}

/// Volume (up to a factor) in each frame, over the particles whose place every frame shows. Particles that
/// come or go within the hold belong to it, so the share of frames in which they are seen does not matter
/// here.
std::vector<AmountInTime> volume_in_time(const std::vector<Sightings>& tracks, const SeenArea& area,
                                         int least, const Hold& hold, const ThermalHistory& history,
                                         const CompletenessCurve& curve) {
  std::vector<AmountInTime> series;
  for (const int frame : hold.frames)
    series.push_back({history.frames[static_cast<std::size_t>(frame)].time_s, 0.0, 0.0});
  for (const Sightings& seen : tracks) {
    const cv::Point2d place = mean_place(seen);
    if (static_cast<int>(seen.size()) < least || !area.contains(place) ||
        area.frames_showing(place) < static_cast<int>(hold.frames.size()))
      continue;
    for (const Particle* particle : seen) {
      const double d = particle->diameter_px, s = diameter_se(*particle);
      const double found = std::max(curve.probability(d), 0.1);
      const std::size_t at = static_cast<std::size_t>(
          std::lower_bound(hold.frames.begin(), hold.frames.end(), particle->frame) - hold.frames.begin());
      series[at].amount += d * d * d / found;
      series[at].variance +=
          (std::pow(3.0 * d * d * s, 2) + (1.0 - found) * std::pow(d, 6)) / (found * found);
    }
  }
  return series;
}

}  // namespace

HoldInventory count_hold(std::span<const Particle> particles, std::span<const Track> tracks, const Hold& hold,
                         const ThermalHistory& history, const SupportArea& support,
                         const CompletenessCurve& curve, const Drift& drift, double pixel_size_nm,
                         const CountRule& rule) {
  const double border_px = unseen_border_px(particles, support, hold.region);
  const SeenArea area(support, drift, hold, history, rule.min_presence, border_px);
  const int frames = static_cast<int>(hold.frames.size());
  const DetectionRule detection =
      detection_rule(curve, frames, area.area_px2(), linking_area(particles, hold.region), rule.min_presence,
                     rule.max_false_tracks);
  HoldInventory result;
  result.hold = hold.hold;
  result.region = history.regions[static_cast<std::size_t>(hold.region)];
  result.temperature_K = hold.temperature_K;
  result.start_s = hold.start_s;
  result.end_s = hold.end_s;
  result.frames = frames;
  result.border_px = border_px;
  result.support_area_nm2 = area.area_px2() * pixel_size_nm * pixel_size_nm;
  result.support_area_se_nm2 = area.area_se_px2() * pixel_size_nm * pixel_size_nm;
  result.limit = detection_limit(detection, curve, pixel_size_nm);
  result.d50_nm = result.limit.d50_nm;
  constexpr double found = 0.9;
  if (result.limit.plateau > found)
    result.d90_nm =
        result.limit.d50_nm + result.limit.width_nm * std::log(found / (result.limit.plateau - found));

  const std::vector<Sightings> seen = sightings_in(particles, tracks, hold);
  double detections = 0.0;
  for (const Sightings& track : seen) {
    const cv::Point2d place = mean_place(track);
    if (!area.contains(place) ||
        static_cast<int>(track.size()) < detection.least_detections(area.frames_showing(place)))
      continue;
    result.particles.push_back(mean_particle(track, pixel_size_nm, rule.common_size_error));
    detections += static_cast<double>(track.size());
  }
  result.particles_per_frame = detections / frames;
  const std::vector<AmountInTime> series =
      volume_in_time(seen, area, std::max(detection.least_against_false, 2), hold, history, curve);
  if (const auto relaxation = fit_relaxation(series)) {
    result.settled = relaxation->settled;
    if (relaxation->rate_per_s) {
      result.relaxation_time_s = 1.0 / *relaxation->rate_per_s;
      const double last = relaxation->plateau + relaxation->remaining;
      if (last > 0.0) result.still_to_change = -relaxation->remaining / last;
    }
  }
  return result;
}

}  // namespace sinterscope
