// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How a pixel scatters about its mean: variance = gain * (mean - offset) + read_variance.
//
// gain: counts per detected electron (or per quantum); offset: reading without signal; read_variance: noise
// that does not depend on the signal. Both terms are floored so that a variance is always positive. Breaks
// down where the detector saturates and where an instrument has smoothed or compressed the image.

#include <algorithm>

namespace sinterscope {

struct NoiseModel {
  double gain = 1.0;  ///< counts per quantum
  double gain_se = 0.0;
  double offset = 0.0;         ///< counts
  double read_variance = 0.0;  ///< counts^2
  double row_noise_sd = 0.0;   ///< counts; common shift of a scanned row
  double saturation = 0.0;     ///< pixel value at or above which a pixel is clipped; 0 = none seen

  /// Variance in counts^2 of a pixel of this mean value.
  double variance(double mean) const {
    return std::max(gain * std::max(mean - offset, 0.0) + read_variance, 1e-12);
  }
};

}  // namespace sinterscope
