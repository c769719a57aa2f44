// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What was found elsewhere (in the average of a block, in a particle-free hold) asked of one frame.

#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/particles/detect.h"

namespace sinterscope {

/// Of places known from elsewhere those at which this frame shows something: a height over a plane above two
/// of its standard errors. `places` in the coordinates of `clean`.
std::vector<Detection> confirmed(const cv::Mat1f& clean, const std::vector<Detection>& places);

/// Of what this frame's own search found, what its block's average does not show as well: a height of their
/// difference above three of its standard errors. What stands in all frames alike is for the search of the
/// average to find, which sees it clearer and knows a corner when it sees one. `average` lies `shift_px`
/// before `clean`; empty = everything is kept.
std::vector<Detection> changed(const cv::Mat1f& clean, const cv::Mat1f& average, cv::Point2d shift_px,
                               std::vector<Detection> found);

}  // namespace sinterscope
