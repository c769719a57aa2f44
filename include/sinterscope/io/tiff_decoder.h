// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The door to libtiff: decodes single pages, from many threads at once.

#include <filesystem>
#include <opencv2/core.hpp>

#include "sinterscope/io/tiff_page.h"

namespace sinterscope {

class TiffDecoder {
 public:
  explicit TiffDecoder(std::filesystem::path path);

  /// The samples of one page, channels interleaved, depth_of(type). Throws Error where libtiff cannot decode
  /// it.
  cv::Mat decode(const TiffPage& page, SampleType type) const;

 private:
  std::filesystem::path path_;
};

}  // namespace sinterscope
