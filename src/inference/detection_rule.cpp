// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/detection_rule.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/binomial.h"

namespace sinterscope {
namespace {

/// The diameter counted with a share of the plateau of the rule.
double counted_at(const DetectionRule& rule, const CompletenessCurve& curve, double share) {
  const double wanted = share * correlated_binomial_tail(rule.frames, rule.least_detections(rule.frames),
                                                         curve.plateau, curve.frame_correlation);
  double low = 0.0, high = curve.plateau;
  for (int step = 0; step < 100; ++step) {
    const double middle = 0.5 * (low + high);
    const double tail = correlated_binomial_tail(rule.frames, rule.least_detections(rule.frames), middle,
                                                 curve.frame_correlation);
    (tail < wanted ? low : high) = middle;
  }
  return curve.diameter_at(0.5 * (low + high));
}

}  // namespace

int DetectionRule::least_detections(int in_view) const {
  return std::max(least_against_false, static_cast<int>(std::ceil(min_presence * in_view - 1e-9)));
}

DetectionRule detection_rule(const CompletenessCurve& curve, int frames, double area_px2,
                             double linking_area_px2, double min_presence, double max_false_tracks) {
  DetectionRule rule;
  rule.frames = frames;
  rule.min_presence = min_presence;
  const auto false_tracks = [&](int least) {
    return false_track_density_px2(curve, frames, linking_area_px2, least);
  };
  while (rule.least_against_false < frames &&
         false_tracks(rule.least_against_false) * area_px2 > max_false_tracks)
    ++rule.least_against_false;
  const int least = rule.least_detections(frames);
  rule.false_track_density_px2 = false_tracks(least) + standing_false_track_density_px2(curve, frames, least);
  return rule;
}

double probability_counted(const DetectionRule& rule, const CompletenessCurve& curve, double diameter_px) {
  return correlated_binomial_tail(rule.frames, rule.least_detections(rule.frames),
                                  curve.probability(diameter_px), curve.frame_correlation);
}

DetectionLimit detection_limit(const DetectionRule& rule, const CompletenessCurve& curve,
                               double pixel_size_nm) {
  const double quartile_distance = counted_at(rule, curve, 0.75) - counted_at(rule, curve, 0.25);
  DetectionLimit limit;
  limit.plateau = correlated_binomial_tail(rule.frames, rule.least_detections(rule.frames), curve.plateau,
                                           curve.frame_correlation);
  limit.d50_nm = counted_at(rule, curve, 0.5) * pixel_size_nm;
  limit.d50_se_nm = curve.d50_se_px * pixel_size_nm;
  limit.width_nm = quartile_distance / (2.0 * std::log(3.0)) * pixel_size_nm;
  limit.false_density_nm2 = rule.false_track_density_px2 / (pixel_size_nm * pixel_size_nm);
  limit.false_diameter_nm = curve.false_diameter_px * pixel_size_nm;
  limit.false_diameter_log_sd = curve.false_diameter_log_sd;
  return limit;
}

}  // namespace sinterscope
