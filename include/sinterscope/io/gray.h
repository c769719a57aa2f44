// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Colour images to one channel.

#include <opencv2/core.hpp>

namespace sinterscope {

struct GrayImage {
  cv::Mat pixels;         ///< one channel, depth of the input
  bool coloured = false;  ///< channels differ by more than the tolerance: pixels are the luminance
};

/// 1 channel: itself; 2: the first (the second is alpha); 3 or 4: channels in the order R, G, B(, A), alpha
/// ignored. Equal channels give that channel, others the luminance 0.299 R + 0.587 G + 0.114 B (ITU-R
/// BT.601).
GrayImage to_gray(const cv::Mat& image, double tolerance = 0.0);

}  // namespace sinterscope
