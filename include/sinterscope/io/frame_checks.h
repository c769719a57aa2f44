// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a look at the pixels tells of a frame that its metadata do not.

#include <opencv2/core.hpp>

namespace sinterscope {

/// Rows at the bottom that look like a burnt-in data bar: a block in which most pixels of every other row
/// have one value, below an image that is not like that. 0 = none. 8- and 16-bit frames only. The guess fails
/// where the bar shows a picture, and where the specimen ends in an evenly black or saturated strip: it is
/// told, never acted on.
int suspected_bar_rows(const cv::Mat& native);

}  // namespace sinterscope
