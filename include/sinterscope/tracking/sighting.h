// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What is known of place and size of a particle at one moment, and how well it fits another moment: the terms
// from which linking makes its prices.

#include <opencv2/core/types.hpp>

#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/particle.h"

namespace sinterscope {

struct Sighting {
  cv::Point2d place_px;         ///< specimen coordinates
  double place_variance = 0.0;  ///< of each coordinate, px^2
  double log_diameter = 0.0;    ///< ln(diameter / px)
  double log_diameter_variance = 0.0;
};

/// How far a particle strays on its own.
struct Wander {
  double motion_share = 0.05;  ///< rms per axis and sqrt(frame), in diameters
  double size_scatter = 0.1;   ///< rms of ln(diameter) per sqrt(frame)
};

/// The place and size of a measured particle with their errors; `shift` is that of its frame.
Sighting sighting(const Particle& particle, const FrameShift& shift);

/// `before`, as it is expected `frames` later.
Sighting predict(Sighting before, double frames, const Wander& wander);

/// Both together, weighted by their variances (one step of a Kalman filter).
Sighting combine(const Sighting& predicted, const Sighting& measured);

/// Variance of the displacement between two independent sightings, per axis.
inline double displacement_variance(const Sighting& a, const Sighting& b) {
  return a.place_variance + b.place_variance;
}

/// The sizes among which a foreign detection would be drawn.
struct SizeLaw {
  double mean_log_diameter = 0.0;
  double sd_log_diameter = 0.3;
  double log_density(double log_diameter) const;
};

/// ln of the density of `measured` if it is the same particle as `predicted`, over its density (per px^2) if
/// it is a foreign detection drawn from `law`, which are spread with `density` per px^2. `spoilt_share`: of
/// measurements that ran away in place and size.
inline constexpr double usual_spoilt_share = 0.05;
double log_ratio_same(const Sighting& predicted, const Sighting& measured, const SizeLaw& law, double density,
                      double spoilt_share = usual_spoilt_share);

/// ln of the density (per px^2) of the place of `measured` if it is the same particle as `predicted`.
double log_place_density(const Sighting& predicted, const Sighting& measured);

/// The displacement beyond which the ratio times `odds` falls below 1 for every size, for measurements with
/// this variance of their place (per axis).
double gate_radius(const Sighting& predicted, double measured_variance, double density, double odds);

}  // namespace sinterscope
