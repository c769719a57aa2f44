// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/experiment/frame_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sinterscope/core/error.h"

namespace sinterscope {

namespace {

/// The top of a type that a detector can reach; infinite for the wide ones.
double top_of_depth(int depth) {
  switch (depth) {
    case CV_8U:
      return 255.0;
    case CV_16U:
      return 65535.0;
    case CV_16S:
      return 32767.0;
    default:
      return std::numeric_limits<double>::infinity();
  }
}

}  // namespace

PixelStatistics measure_statistics(const FrameSource& source) {
  PixelStatistics result{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                         0.0, 0.0, 0.0};
  double count = 0.0;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const cv::Mat pixels = source.load_native(i);
    double low = 0, high = 0;
    cv::minMaxLoc(pixels, &low, &high);
    result.minimum = std::min(result.minimum, low);
    result.maximum = std::max(result.maximum, high);
    result.sum += cv::sum(pixels)[0];
    const double top = top_of_depth(pixels.depth());
    if (high == top) result.saturated += cv::countNonZero(pixels == top);
    count += static_cast<double>(pixels.total());
  }
  if (count == 0.0) return {};
  result.mean = result.sum / count;
  result.saturated /= count;
  return result;
}

FrameSelection::FrameSelection(const FrameSource& source, std::vector<std::size_t> frames)
    : source_(&source), frames_(std::move(frames)), description_(source.description()) {
  for (const std::size_t i : frames_)
    if (i >= source.size())
      throw Error(fmt::format("frame {} selected from a source of {} frames", i, source.size()));
  description_.frames = frames_.size();
  if (description_.times_s.empty()) return;
  description_.times_s.clear();
  for (const std::size_t i : frames_) description_.times_s.push_back(source.description().times_s[i]);
}

Frame FrameSelection::load(std::size_t i) const {
  Frame frame = source_->load(frames_.at(i));
  frame.index = i;
  return frame;
}

cv::Mat FrameSelection::load_native(std::size_t i) const { return source_->load_native(frames_.at(i)); }

FramesInMemory::FramesInMemory(std::vector<cv::Mat1f> frames, Calibration calibration,
                               double frame_interval_s)
    : frames_(std::move(frames)) {
  description_.format = "memory";
  description_.dtype = "float32";
  description_.frames = frames_.size();
  description_.calibration = std::move(calibration);
  description_.frame_interval_s = frame_interval_s;
  if (frames_.empty()) return;
  description_.width = frames_.front().cols;
  description_.height = frames_.front().rows;
  for (std::size_t i = 0; i < frames_.size(); ++i)
    if (frames_[i].size() != frames_.front().size())
      throw Error(fmt::format("frame {} is {} x {} pixels, frame 0 is {} x {}", i, frames_[i].cols,
                              frames_[i].rows, description_.width, description_.height));
}

Frame FramesInMemory::load(std::size_t i) const {
  return {frames_.at(i), description_.calibration, i,
          static_cast<double>(i) * *description_.frame_interval_s};
}

}  // namespace sinterscope
