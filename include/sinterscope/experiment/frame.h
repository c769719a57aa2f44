// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One recorded image.

#include <cstddef>
#include <opencv2/core.hpp>

#include "sinterscope/experiment/calibration.h"

namespace sinterscope {

/// Pixels in the detector's own numbers (counts), row 0 on top; the centre of the top-left pixel is (0, 0).
/// Copying shares the pixels (cv::Mat): never write into a frame that was handed in, clone first.
struct Frame {
  cv::Mat1f pixels;
  Calibration calibration;
  std::size_t index = 0;  ///< position in its source
  double time_s = 0.0;    ///< since the start of its source
};

}  // namespace sinterscope
