// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Modified curvature diffusion by ITK, in a file of its own because ITK's headers are slow to compile.

#include <opencv2/core.hpp>

namespace sinterscope {

/// `image` has noise of standard deviation 1; gradients well above noise stay, the rest is smoothed.
cv::Mat1f diffuse_by_curvature(const cv::Mat1f& image, int iterations);

}  // namespace sinterscope
