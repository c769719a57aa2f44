// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/file_frames.h"

#include <fmt/format.h>

#include <cmath>

namespace sinterscope {

Error FileFrames::error(std::string_view message) const {
  return Error(fmt::format("{}: {}: {}", path_.string(), description_.format, message));
}

void FileFrames::set_shape(std::uint64_t frames, std::uint64_t width, std::uint64_t height,
                           std::size_t bytes_per_pixel, int info_bar_rows) {
  constexpr std::uint64_t longest_side = 1U << 20U;
  if (frames == 0) throw error("holds no frame: nothing to analyse");
  if (width == 0 || height == 0 || width > longest_side || height > longest_side)
    throw error(fmt::format("frames of {} x {} pixels: not a possible image size, the file is damaged", width,
                            height));
  const std::uint64_t cap = static_cast<std::uint64_t>(options_.max_frame_megabytes) << 20U;
  if (width * height > cap / bytes_per_pixel)
    throw error(fmt::format(
        "a frame of {} x {} pixels takes more than the cap of {} MB: raise max_frame_megabytes if "
        "the file is sound",
        width, height, options_.max_frame_megabytes));
  int cut = options_.cut_bottom_rows;
  if (cut == 0 && info_bar_rows > 0) {
    if (options_.cut_info_bar)
      cut = info_bar_rows;
    else
      description_.warnings.push_back(fmt::format("the bottom {} rows are a data bar", info_bar_rows));
  }
  if (static_cast<std::uint64_t>(cut) >= height)
    throw usage_error(fmt::format("{}: cut_bottom_rows is {}, but frames are only {} rows high",
                                  path_.string(), cut, height));
  description_.frames = frames;
  description_.width = static_cast<int>(width);
  description_.height = static_cast<int>(height) - cut;
}

cv::Mat FileFrames::load_native(std::size_t i) const {
  if (i >= size()) throw Error(fmt::format("{}: frame {} of {} asked for", path_.string(), i, size()));
  cv::Mat pixels = read_frame(i);
  return pixels.rows > description_.height ? pixels.rowRange(0, description_.height) : pixels;
}

Frame FileFrames::load(std::size_t i) const {
  const cv::Mat native = load_native(i);
  Frame frame;
  frame.pixels =
      in_context(fmt::format("{}: frame {}", path_.string(), i), [&] { return finite_pixels(native); });
  frame.calibration = description_.calibration;
  frame.index = i;
  const std::vector<double>& times_s = description_.times_s;
  frame.time_s =
      i < times_s.size() ? times_s[i] : static_cast<double>(i) * description_.frame_interval_s.value_or(0.0);
  return frame;
}

cv::Mat1f finite_pixels(const cv::Mat& native) {
  cv::Mat1f pixels;
  native.convertTo(pixels, CV_32F);
  if (native.depth() != CV_32F && native.depth() != CV_64F) return pixels;
  std::size_t wrong = 0;
  cv::Point first;
  for (int y = 0; y < pixels.rows; ++y) {
    const float* row = pixels[y];
    for (int x = 0; x < pixels.cols; ++x)
      if (!std::isfinite(row[x]) && wrong++ == 0) first = {x, y};
  }
  if (wrong > 0)
    throw Error(fmt::format(
        "{} of {} pixels are NaN or infinite, the first at x = {}, y = {}: replace them (dead pixels, "
        "a masked border) or leave the frame out",
        wrong, pixels.total(), first.x, first.y));
  return pixels;
}

}  // namespace sinterscope
