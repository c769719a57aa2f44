// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/frame_average.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "shifted_image.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/imaging/variance_stabilisation.h"

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
                            std::size_t count, cv::Point2d origin_px, int threads) {
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
  parallel_in_order(count, threads, [&](std::size_t k) -> std::function<void()> {
    const std::size_t i = first + k;
    if (any_reliable && !drift[i].reliable) return [] {};
    Frame frame = source.load(i);
    return [&average, &sum, frame, moved = move_back(frame.pixels, drift[i].shift_px - origin_px)] {
      if (average.frame.pixels.empty()) average.frame = frame;
      if (moved.inside.empty()) return;
      sum(moved.inside) += moved.pixels;
      average.weight(moved.inside) += 1.0F;
    };
  });
  const cv::Mat1b known = average.weight > 0.5F;
  cv::Mat1f mean;
  cv::divide(sum, average.weight, mean);
  mean.setTo(cv::mean(mean, known), ~known);
  average.frame.pixels = mean;
  return average;
}

/// A hold, averaged when first asked for.
struct HoldAverages::Hold {
  std::size_t first = 0, count = 0;
  mutable std::once_flag made;
  mutable FrameAverage average;
  mutable cv::Point2d origin;  ///< the coordinates of the average: those of the middle of the hold's drift
};

HoldAverages::~HoldAverages() = default;

HoldAverages::HoldAverages(const FrameSource& source, Drift drift, std::vector<std::size_t> first_of_hold,
                           std::optional<int> half_window)
    : source_(&source), drift_(std::move(drift)), half_window_(half_window) {
  if (half_window && *half_window < 0)
    throw Error(fmt::format("half_window is {}: must be 0 or more frames", *half_window));
  if (drift_.size() != source.size())
    throw Error(fmt::format("{} drift shifts for {} frames: register the same frames first", drift_.size(),
                            source.size()));
  if (first_of_hold.empty() || first_of_hold.front() != 0)
    throw Error("the first hold must begin with frame 0");
  first_of_hold.push_back(source.size());
  for (std::size_t h = 0; h + 1 < first_of_hold.size(); ++h) {
    if (first_of_hold[h + 1] <= first_of_hold[h])
      throw Error(fmt::format("hold {} begins with frame {} and ends before it", h, first_of_hold[h]));
    holds_.push_back(std::make_unique<Hold>());
    holds_.back()->first = first_of_hold[h];
    holds_.back()->count = first_of_hold[h + 1] - first_of_hold[h];
  }
}

const HoldAverages::Hold& HoldAverages::hold_of(std::size_t i) const {
  const auto after =
      std::upper_bound(holds_.begin(), holds_.end(), i,
                       [](std::size_t frame, const auto& hold) { return frame < hold->first; });
  return **(after - 1);
}

std::pair<std::size_t, std::size_t> HoldAverages::range_of(std::size_t i) const {
  const Hold& hold = hold_of(i);
  if (!half_window_) return {hold.first, hold.count};
  const auto reach = static_cast<std::size_t>(*half_window_);
  const std::size_t first = std::max(hold.first, i - std::min(i, reach));
  const std::size_t last = std::min(hold.first + hold.count - 1, i + reach);
  return {first, last - first + 1};
}

Frame HoldAverages::load(std::size_t i) const {
  Frame frame = source_->load(i);
  const auto range = range_of(i);
  if (range.second == 1 || !drift_[i].reliable) return frame;
  const cv::Point2d own = drift_[i].shift_px;
  if (half_window_) {
    const FrameAverage average = average_frames(*source_, drift_, range.first, range.second, own);
    frame.pixels = average.frame.pixels;
    return frame;
  }
  const Hold& hold = hold_of(i);
  std::call_once(hold.made, [&] {
    hold.origin = drift_[hold.first + hold.count / 2].shift_px;
    hold.average = average_frames(*source_, drift_, hold.first, hold.count, hold.origin);
  });
  const MovedBack moved = move_back(hold.average.frame.pixels, hold.origin - own);
  const MovedBack weight = move_back(hold.average.weight, hold.origin - own);
  cv::Mat1f pixels = frame.pixels.clone();
  if (!moved.inside.empty()) moved.pixels.copyTo(pixels(moved.inside), weight.pixels > 0.5F);
  frame.pixels = pixels;
  return frame;
}

NoiseModel HoldAverages::noise_of(std::size_t i, const NoiseModel& single) const {
  const auto range = range_of(i);
  if (!drift_[i].reliable) return single;
  const auto begin = drift_.begin() + static_cast<std::ptrdiff_t>(range.first);
  const auto frames = std::count_if(begin, begin + static_cast<std::ptrdiff_t>(range.second),
                                    [](const FrameShift& shift) { return shift.reliable; });
  return averaged_noise(single, static_cast<double>(std::max<std::ptrdiff_t>(frames, 1)));
}

}  // namespace sinterscope
