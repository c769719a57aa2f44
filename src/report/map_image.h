// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A field of values as a picture inside a figure.

#include <opencv2/core.hpp>
#include <string>
#include <string_view>

namespace sinterscope {

/// Light to dark with a rising share (0 to 1, clamped), the same order of lightness in grey: white, sand,
/// teal, night blue. Red, green, blue.
cv::Vec3b map_colour(double share);

/// Bytes of a PNG of 8-bit pixels (red, green, blue).
std::string encode_png(const cv::Mat3b& rgb);

/// A PNG of shares; the first row is the lowest, as on an axis.
std::string map_png(const cv::Mat1d& share);

/// An <image> element that fills a box of a figure with a PNG.
std::string image_element(double x, double y, double width, double height, std::string_view png);

}  // namespace sinterscope
