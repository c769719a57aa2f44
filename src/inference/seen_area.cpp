// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/seen_area.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

/// The pixels of the specimen that a frame with this shift shows, but for its border.
cv::Rect window(cv::Size frame_size, const FrameShift& shift, int border_px) {
  const cv::Point corner(static_cast<int>(std::lround(-shift.shift_px.x)) + border_px,
                         static_cast<int>(std::lround(-shift.shift_px.y)) + border_px);
  const cv::Size inner(frame_size.width - 2 * border_px, frame_size.height - 2 * border_px);
  return cv::Rect(corner, inner) & cv::Rect(cv::Point(0, 0), frame_size);
}

cv::Point pixel_of(cv::Point2d specimen_px) {
  return {static_cast<int>(std::lround(specimen_px.x)), static_cast<int>(std::lround(specimen_px.y))};
}

}  // namespace

SeenArea::SeenArea(const SupportArea& support, const Drift& drift, const Hold& hold,
                   const ThermalHistory& history, double min_presence, double border_px)
    : frame_size_(support.mask.size()),
      border_px_(std::min(static_cast<int>(std::lround(border_px)),
                          std::min(frame_size_.width, frame_size_.height) / 8)),
      area_px2_(support.area_px),
      area_se_px2_(support.area_se_px) {
  for (const int frame : hold.frames) {
    const std::size_t index =
        static_cast<std::size_t>(history.frames[static_cast<std::size_t>(frame)].region_frame);
    if (!drift.empty() && index >= drift.size())
      throw Error(fmt::format("region '{}': the drift has {} shifts, frame {} has none",
                              history.regions[static_cast<std::size_t>(hold.region)], drift.size(), index));
    shifts_.push_back(drift.empty() ? FrameShift{} : drift[index]);
  }
  if (!support.mask.empty()) {
    cv::Mat1i views = cv::Mat1i::zeros(frame_size_);
    for (const FrameShift& shift : shifts_) views(window(frame_size_, shift, border_px_)) += 1;
    const double needed = std::max(1.0, std::ceil(min_presence * static_cast<double>(shifts_.size()) - 1e-9));
    mask_ = support.mask & (views >= needed);
    const double share =
        cv::countNonZero(mask_) / std::max(1.0, static_cast<double>(cv::countNonZero(support.mask)));
    area_px2_ *= share;
    area_se_px2_ *= share;
  }
  if (!(area_px2_ > 0.0))
    throw Error(fmt::format("region '{}', hold {}: no support area is in view",
                            history.regions[static_cast<std::size_t>(hold.region)], hold.hold));
}

bool SeenArea::contains(cv::Point2d specimen_px) const {
  if (mask_.empty()) return true;
  const cv::Point pixel = pixel_of(specimen_px);
  return cv::Rect(cv::Point(0, 0), frame_size_).contains(pixel) && mask_(pixel) != 0;
}

cv::Rect2d SeenArea::always_shown_px() const {
  const cv::Rect2d whole(-0.5, -0.5, frame_size_.width,
                         frame_size_.height);  // pixels are centred on whole numbers
  cv::Rect2d shown = whole - shifts_.front().shift_px;
  for (const FrameShift& shift : shifts_) shown &= whole - shift.shift_px;
  return shown;
}

int SeenArea::frames_showing(cv::Point2d specimen_px) const {
  if (mask_.empty()) return static_cast<int>(shifts_.size());
  return static_cast<int>(std::count_if(shifts_.begin(), shifts_.end(), [&](const FrameShift& shift) {
    return window(frame_size_, shift, border_px_).contains(pixel_of(specimen_px));
  }));
}

}  // namespace sinterscope
