// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <opencv2/core.hpp>

namespace sinterscope {

/// Between the pixels, linearly; beyond the border as at the border.
inline double interpolated(const cv::Mat1f& image, double x, double y) {
  x = std::clamp(x, 0.0, image.cols - 1.0), y = std::clamp(y, 0.0, image.rows - 1.0);
  const int x0 = static_cast<int>(x), y0 = static_cast<int>(y);
  const int x1 = std::min(x0 + 1, image.cols - 1), y1 = std::min(y0 + 1, image.rows - 1);
  const double a = x - x0, b = y - y0;
  return (1 - b) * ((1 - a) * image(y0, x0) + a * image(y0, x1)) +
         b * ((1 - a) * image(y1, x0) + a * image(y1, x1));
}

}  // namespace sinterscope
