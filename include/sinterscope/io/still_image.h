// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One image a file: what PNG, JPEG and BMP have in common. No scale in the file (a dpi is a size of paper):
// the pixel size can come only from a sidecar text, or from the user.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"
#include "sinterscope/io/sample_type.h"

namespace sinterscope {

struct StillImage {
  std::string format;
  std::uint64_t width = 0;
  std::uint64_t height = 0;
  int channels = 1;
  SampleType type = SampleType::u8;
  double gray_tolerance = 0.0;  ///< channels that differ by no more count as gray
  std::vector<std::string> warnings;
  std::function<cv::Mat()> decode;  ///< height x width, channels R, G, B(, A); thread-safe
};

/// A source of one frame: gray, or the luminance of a colour image with a warning.
std::unique_ptr<FrameSource> open_still_image(const std::filesystem::path& path, StillImage image,
                                              const OpenOptions& options);

}  // namespace sinterscope
