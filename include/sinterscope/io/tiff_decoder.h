// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The door to libtiff: decodes single pages, from many threads at once.

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>

#include "sinterscope/io/tiff_page.h"

namespace sinterscope {

class TiffDecoder {
 public:
  explicit TiffDecoder(std::filesystem::path path);
  ~TiffDecoder();

  /// The samples of one page, channels interleaved, depth_of(type). Throws Error where libtiff cannot decode
  /// it.
  cv::Mat decode(const TiffPage& page, SampleType type) const;

 private:
  class Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace sinterscope
