// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/sighting.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

// A contact or a flash of the background spoils the size of a particle without warning: this share of sizes
// tells nothing and lies anywhere in a range of e^4 in diameter.
constexpr double outlier_share = 0.05;
constexpr double outlier_density = 1.0 / 4.0;

double normal_density(double x, double variance) {
  return std::exp(-0.5 * x * x / variance) / std::sqrt(2.0 * pi * variance);
}

double with_outliers(double density) {
  return (1.0 - outlier_share) * density + outlier_share * outlier_density;
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

double log_ratio_same(const Sighting& predicted, const Sighting& measured, const SizeLaw& law,
                      double density) {
  const double variance = displacement_variance(predicted, measured);
  const cv::Point2d step = measured.place_px - predicted.place_px;
  const double growth = measured.log_diameter - predicted.log_diameter;
  const double size_variance = predicted.log_diameter_variance + measured.log_diameter_variance;
  return -0.5 * step.dot(step) / variance - std::log(2.0 * pi * variance * density) +
         std::log(with_outliers(normal_density(growth, size_variance))) -
         law.log_density(measured.log_diameter);
}

double gate_radius(double displacement_variance, double density, double odds) {
  const double best_size_ratio =
      with_outliers(normal_density(0.0, 2.0 * least_log_variance)) / (outlier_share * outlier_density);
  const double log_odds = std::log(odds * best_size_ratio / (2.0 * pi * displacement_variance * density));
  return std::sqrt(2.0 * displacement_variance * std::max(log_odds, 0.0));
}

}  // namespace sinterscope
