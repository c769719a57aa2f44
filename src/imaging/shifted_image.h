// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// An image moved by a fraction of a pixel.
//
// Separable Lanczos interpolation with three lobes, its weights normalised to one. cv::warpAffine is not
// used: it rounds the shift to 1/32 px, which on binned frames is more than the drift is known to.

#include <opencv2/core.hpp>

namespace sinterscope {

/// How many pixels along the rim of a shifted image rest on mirrored data.
inline constexpr int shifted_rim = 3;

/// result(p) = image(p + fraction), |fraction| <= 1 in each direction; the rim is mirrored.
cv::Mat1f shifted_image(const cv::Mat1f& image, cv::Point2d fraction);

}  // namespace sinterscope
