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

}  // namespace sinterscope
