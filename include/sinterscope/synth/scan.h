// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where the specimen lies while each frame of one region is scanned.
//
// Model: between frames the specimen takes a steady step plus a random one; at a change of hold it jumps.
// Optionally it also moves during the frame, row by row, which shears the image. raw position = specimen
// position + shift. What breaks it: rotation and stretching, which are not painted.

#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/synth/scene.h"

namespace sinterscope {

/// The motion during one frame of `rows` rows: shift in the middle of the frame, and its change over the
/// frame.
struct FrameMotion {
  cv::Point2d shift_px;
  cv::Point2d change_px;  ///< zero unless the specimen moves within the frame

  cv::Point2d shift_at_row(double row, int rows) const {
    return shift_px + ((row + 0.5) / rows - 0.5) * change_px;
  }
  /// Where a specimen position appears in the raw frame.
  cv::Point2d raw_position(cv::Point2d specimen_px, int rows) const;
};

/// One entry per frame; holds[i] is the hold of frame i. The first frame has shift (0, 0).
std::vector<FrameMotion> draw_motion(const DriftSettings& drift, const std::vector<int>& holds, Rng rng);

}  // namespace sinterscope
