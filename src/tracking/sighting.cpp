// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/sighting.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

// A contact, a flash of the background or a fit that ran away spoils the size of a particle without warning,
// and its place with it: this share of measurements lies anywhere in a range of e^4 in diameter and about the
// particle by this share of its diameter (rms per axis).
constexpr double outlier_share = usual_spoilt_share;
constexpr double outlier_density = 1.0 / 4.0;
constexpr double outlier_reach = 0.25;

double normal_density(double x, double variance) {
  return std::exp(-0.5 * x * x / variance) / std::sqrt(2.0 * pi * variance);
}

double with_outliers(double density) {
  return (1.0 - outlier_share) * density + outlier_share * outlier_density;
}

double outlier_variance(const Sighting& predicted, double variance) {
  const double reach = outlier_reach * std::exp(predicted.log_diameter);
  return variance + reach * reach;
}

constexpr double tiny = 1e-300;  ///< keeps a logarithm finite

/// Of a displacement in the plane.
double place_density(double distance2, double variance) {
  return std::exp(-0.5 * distance2 / variance) / (2.0 * pi * variance);
}

// A size that is right to 1 % is more than any frame tells; it also keeps the ratio of densities finite.
constexpr double least_log_variance = 1e-4;

}  // namespace

Sighting sighting(const Particle& particle, const FrameShift& shift) {
  // Where a detector gives no error, a tenth of the diameter is a cautious one for both.
  // A place known worse than to the particle's own radius would only open the gate to its neighbours.
  const double place_se = particle.position_se_px > 0.0
                              ? std::min(particle.position_se_px, 0.5 * particle.diameter_px)
                              : 0.1 * particle.diameter_px;
  const double log_se = particle.diameter_se_px > 0.0 ? particle.diameter_se_px / particle.diameter_px : 0.1;
  return {{particle.x_specimen_px, particle.y_specimen_px},
          place_se * place_se + shift.sigma_px * shift.sigma_px,
          std::log(particle.diameter_px),
          std::max(log_se * log_se, least_log_variance)};
}

Sighting predict(Sighting before, double frames, const Wander& wander) {
  const double motion = wander.motion_share * std::exp(before.log_diameter);
  before.place_variance += frames * motion * motion;
  before.log_diameter_variance += frames * wander.size_scatter * wander.size_scatter;
  return before;
}

Sighting combine(const Sighting& predicted, const Sighting& measured) {
  const double place_gain = predicted.place_variance / (predicted.place_variance + measured.place_variance);
  const double size_gain =
      predicted.log_diameter_variance / (predicted.log_diameter_variance + measured.log_diameter_variance);
  return {predicted.place_px + place_gain * (measured.place_px - predicted.place_px),
          (1.0 - place_gain) * predicted.place_variance,
          predicted.log_diameter + size_gain * (measured.log_diameter - predicted.log_diameter),
          (1.0 - size_gain) * predicted.log_diameter_variance};
}

double SizeLaw::log_density(double log_diameter) const {
  return std::log(
      with_outliers(normal_density(log_diameter - mean_log_diameter, sd_log_diameter * sd_log_diameter)));
}

double log_ratio_same(const Sighting& predicted, const Sighting& measured, const SizeLaw& law, double density,
                      double spoilt_share) {
  const double variance = displacement_variance(predicted, measured);
  const cv::Point2d step = measured.place_px - predicted.place_px;
  const double growth = measured.log_diameter - predicted.log_diameter;
  const double size_variance = predicted.log_diameter_variance + measured.log_diameter_variance;
  const double sound =
      (1.0 - spoilt_share) * place_density(step.dot(step), variance) * normal_density(growth, size_variance);
  const double spoilt =
      spoilt_share * outlier_density * place_density(step.dot(step), outlier_variance(predicted, variance));
  return std::log(sound + spoilt + tiny) - std::log(density) - law.log_density(measured.log_diameter);
}

double log_place_density(const Sighting& predicted, const Sighting& measured) {
  const double variance = displacement_variance(predicted, measured);
  const cv::Point2d step = measured.place_px - predicted.place_px;
  return std::log((1.0 - outlier_share) * place_density(step.dot(step), variance) +
                  outlier_share * place_density(step.dot(step), outlier_variance(predicted, variance)) +
                  tiny);
}

double gate_radius(const Sighting& predicted, double measured_variance, double density, double odds) {
  const double best_stranger = 1.0 / (outlier_share * outlier_density);
  const double variance = predicted.place_variance + measured_variance;
  const auto radius = [&](double share, double size_density, double spread) {
    const double best = odds * share * size_density * best_stranger / (2.0 * pi * spread * density);
    return std::sqrt(2.0 * spread * std::max(std::log(best), 0.0));
  };
  return std::max(radius(1.0 - outlier_share, normal_density(0.0, 2.0 * least_log_variance), variance),
                  radius(outlier_share, outlier_density, outlier_variance(predicted, variance)));
}

}  // namespace sinterscope
