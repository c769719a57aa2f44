// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The share of particles of a given diameter that the detector finds, measured with artificial particles.
//
// Model: p(d) = plateau / (1 + exp(-(d - d50) / width)). Diameters in px (the calibration turns them into
// nm). Also what the detector finds where nothing is: false detections per area and their sizes.

#include <cmath>
#include <vector>

namespace sinterscope {

struct InjectionCount {
  double diameter_px = 0.0;
  int injected = 0;
  int found = 0;
};

struct CompletenessCurve {
  double d50_px = 0.0;  ///< p = plateau / 2
  double d50_se_px = 0.0;
  double width_px = 1.0;  ///< logistic width
  double plateau =
      1.0;  ///< share found far above the limit (below 1 where particles sit in crowds or at edges)
  /// Of the luck of one particle in two frames of a hold (binomial.h): a place that hides a particle hides it
  /// in all frames.
  double frame_correlation = 0.0;
  double false_density_px2 = 0.0;  ///< false detections per px^2 of searched area and frame
  double standing_false_density_px2 =
      0.0;                              ///< those that stand in a whole block of frames, per px^2 and block
  int standing_frames = 1;              ///< frames of a block
  double false_diameter_px = 0.0;       ///< median diameter of false detections
  double false_diameter_log_sd = 0.15;  ///< spread of ln d of false detections
  std::vector<InjectionCount> counts;   ///< the measured points

  double probability(double diameter_px) const {
    return plateau / (1.0 + std::exp(-(diameter_px - d50_px) / width_px));
  }
  /// Diameter found with probability p; infinite where p >= plateau.
  double diameter_at(double p) const;
};

/// Tracks per px^2 that false detections alone form in a hold of so many frames and that hold at least
/// `least` of them: b F P(Poisson((F - 1) b a) >= least - 1) / least, with b per frame and a the area within
/// which detections of different frames are linked. False detections of different frames are independent; one
/// that returns at the same place in every frame, such as a spot of texture, is not covered.
double false_track_density_px2(const CompletenessCurve& curve, int frames, double linking_area_px2,
                               int least);

/// The same of false detections in the average of a block of frames, which return in each of its frames.
double standing_false_track_density_px2(const CompletenessCurve& curve, int frames, int least);

}  // namespace sinterscope
