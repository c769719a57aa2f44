// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Undecimated (a trous) cubic B-spline wavelet shrinkage of an image whose noise has standard deviation 1.

#include <opencv2/core.hpp>

namespace sinterscope {

/// Shrinks `scales` dyadic scales by 1 - (threshold * sd / coefficient)^2, to zero below the threshold.
cv::Mat1f shrink_wavelets(const cv::Mat1f& image, int scales, double threshold);

}  // namespace sinterscope
