// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Pictures for people: PNG, to a file or to memory (a report embeds them). The same pixels give the same
// bytes.

#include <filesystem>
#include <opencv2/core.hpp>
#include <string>

namespace sinterscope {

/// CV_8UC1 (gray), CV_8UC3 (channels R, G, B) or CV_16UC1 as the bytes of a PNG file. Throws Error for other
/// types.
std::string png_bytes(const cv::Mat& image);

void write_png(const std::filesystem::path& path, const cv::Mat& image);

}  // namespace sinterscope
