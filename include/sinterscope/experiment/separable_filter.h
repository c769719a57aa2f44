// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A filter along x and one along y, over all pixels of an image.
//
// The search filters every frame at every scale, and averages read each frame between its pixels: next to
// the decoding this is most of what is done to a pixel. cv::sepFilter2D adds up one sum at a time along x, so
// that each addition waits for the one before; here 32 pixels side by side are summed together, by the widest
// instructions that the processor has. The sums are taken in the same order: same numbers. On this floor
// because two rooms that do not know each other filter.

#include <functional>
#include <opencv2/core.hpp>
#include <vector>

namespace sinterscope {

/// An odd number of weights along each axis; result(y, x) is the sum of along_x[i] * along_y[j] *
/// image(y + j - rows/2, x + i - columns/2). border: how cv::borderInterpolate continues the image. row_done
/// is called with each row of the result as soon as it stands, from the top down: while it is in the cache.
cv::Mat1f separable_filter(const cv::Mat1f& image, const std::vector<float>& along_x,
                           const std::vector<float>& along_y, int border,
                           const std::function<void(int y, const float* row)>& row_done = {});

}  // namespace sinterscope
