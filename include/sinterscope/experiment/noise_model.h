// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How a pixel scatters about its mean: variance = gain * (mean - offset) + read_variance.
//
// gain: counts per detected electron (or per quantum); offset: reading without signal; read_variance: noise
// that does not depend on the signal. Both terms are floored so that a variance is always positive. Breaks
// down where the detector saturates and where an instrument has smoothed or compressed the image, or changed
// its contrast: such images scatter otherwise than their neighbouring pixels differ, which coarse_ratio
// tells.

#include <algorithm>

namespace sinterscope {

struct NoiseModel {
  double gain = 1.0;  ///< counts per quantum
  double gain_se = 0.0;
  double offset = 0.0;         ///< counts
  double read_variance = 0.0;  ///< counts^2
  double row_noise_sd = 0.0;   ///< counts; common shift of a scanned row
  double saturation = 0.0;     ///< pixel value at or above which a pixel is clipped; 0 = none seen
  double coarse_ratio = 1.0;   ///< variance among pixels two apart over the model's; 1 for counts

  /// Variance in counts^2 of a pixel of this mean value.
  double variance(double mean) const {
    return std::max(gain * std::max(mean - offset, 0.0) + read_variance, 1e-12);
  }

  /// Whether the pixels are counts whose noise this is, and not those of an image that was smoothed,
  /// compressed or stretched, or in which structure as fine as the pixels outweighs the noise.
  bool explains_scatter() const { return coarse_ratio < 1.1; }
};

}  // namespace sinterscope
