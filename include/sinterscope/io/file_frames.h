// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What all frames that come from files have in common: a reader supplies the description and read_frame(),
// this adds the cut of the data bar, the conversion to float, the time of a frame and the check that every
// pixel is a number.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

class FileFrames : public FrameSource {
 public:
  const SourceDescription& description() const final { return description_; }
  Frame load(std::size_t i) const final;
  cv::Mat load_native(std::size_t i) const final;

 protected:
  FileFrames(std::filesystem::path path, OpenOptions options)
      : path_(std::move(path)), options_(std::move(options)) {}

  /// Frame i < size() as it stands in the file, data bar and all. Called from many threads.
  virtual cv::Mat read_frame(std::size_t i) const = 0;

  /// Sets width, height, frames; drops the data bar of `info_bar_rows` (metadata) or of the options. Throws
  /// Error for an empty or an impossible shape and for a frame above the cap. Call once.
  void set_shape(std::uint64_t frames, std::uint64_t width, std::uint64_t height, std::size_t bytes_per_pixel,
                 int info_bar_rows = 0);

  Error error(std::string_view message) const;  ///< "path: format: message"

  std::filesystem::path path_;
  OpenOptions options_;
  SourceDescription description_;
};

/// The pixels as float. Throws Error with place and number of the pixels that are NaN or infinite.
cv::Mat1f finite_pixels(const cv::Mat& native);

}  // namespace sinterscope
