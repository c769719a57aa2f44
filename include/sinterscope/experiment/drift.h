// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where the specimen lay in each frame of one region.

#include <opencv2/core.hpp>
#include <vector>

namespace sinterscope {

/// specimen position = raw position - shift. Frame 0 of the region has shift (0, 0).
struct FrameShift {
  cv::Point2d shift_px;   ///< x (columns), y (rows)
  double sigma_px = 0.0;  ///< standard error of each component
  bool reliable = true;   ///< false: the match was too poor; shift interpolated, sigma enlarged
};

/// One entry per frame of the region.
using Drift = std::vector<FrameShift>;

}  // namespace sinterscope
