// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/frame_average.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "shifted_image.h"
#include "sinterscope/core/error.h"

namespace sinterscope {

namespace {

/// What `pixels` show at pixel p of coordinates in which everything lies `shift` further back: pixels(p +
/// shift), over the rectangle `inside` of those coordinates that has data.
struct MovedBack {
  cv::Mat1f pixels;
  cv::Rect inside;
};

MovedBack move_back(const cv::Mat1f& pixels, cv::Point2d shift) {
  const cv::Point whole(static_cast<int>(std::lround(shift.x)), static_cast<int>(std::lround(shift.y)));
  const cv::Point2d fraction(shift.x - whole.x, shift.y - whole.y);
  const cv::Rect frame(0, 0, pixels.cols, pixels.rows);
  const bool by_fraction = std::abs(fraction.x) > 1e-6 || std::abs(fraction.y) > 1e-6;
  const cv::Mat1f moved = by_fraction ? shifted_image(pixels, fraction) : pixels;
  const int rim = by_fraction ? 1 : 0;  // beyond it the mirrored rim of the interpolation has little weight
  const cv::Rect known(rim, rim, frame.width - 2 * rim, frame.height - 2 * rim);
  MovedBack result;
  result.inside = (known - whole) & frame;
  if (!result.inside.empty()) result.pixels = moved(result.inside + whole);
  return result;
}

}  // namespace

FrameAverage average_frames(const FrameSource& source, const Drift& drift, std::size_t first,
                            std::size_t count, cv::Point2d origin_px) {
  if (count == 0 || first + count > source.size())
    throw Error(fmt::format("cannot average frames {} to {}: the source has {}", first, first + count,
                            source.size()));
  if (drift.size() != source.size())
    throw Error(fmt::format("{} drift shifts for {} frames: register the same frames first", drift.size(),
                            source.size()));
  const auto begin = drift.begin() + static_cast<std::ptrdiff_t>(first),
             end = begin + static_cast<std::ptrdiff_t>(count);
  const bool any_reliable = std::any_of(begin, end, [](const FrameShift& s) { return s.reliable; });

  FrameAverage average;
  average.weight = cv::Mat1f::zeros(source.frame_size());
  cv::Mat1f sum = cv::Mat1f::zeros(source.frame_size());
  for (std::size_t i = first; i < first + count; ++i) {
    if (any_reliable && !drift[i].reliable) continue;
    const Frame frame = source.load(i);
    if (average.frame.pixels.empty()) average.frame = frame;
    const MovedBack moved = move_back(frame.pixels, drift[i].shift_px - origin_px);
    if (moved.inside.empty()) continue;
    sum(moved.inside) += moved.pixels;
    average.weight(moved.inside) += 1.0F;
  }
  const cv::Mat1b known = average.weight > 0.5F;
  cv::Mat1f mean;
  cv::divide(sum, average.weight, mean);
  mean.setTo(cv::mean(mean, known), ~known);
  average.frame.pixels = mean;
  return average;
}

RunningAverage::RunningAverage(const FrameSource& source, Drift drift, int half_window)
    : source_(&source), drift_(std::move(drift)), half_window_(half_window) {
  if (half_window < 0) throw Error(fmt::format("half_window is {}: must be 0 or more frames", half_window));
}

Frame RunningAverage::load(std::size_t i) const {
  const std::size_t reach = static_cast<std::size_t>(half_window_);
  const std::size_t first = i - std::min(i, reach), last = std::min(i + reach, source_->size() - 1);
  Frame frame = average_frames(*source_, drift_, first, last - first + 1, drift_.at(i).shift_px).frame;
  const Frame own = source_->load(i);
  frame.index = own.index, frame.time_s = own.time_s;
  return frame;
}

}  // namespace sinterscope
