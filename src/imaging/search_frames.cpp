// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/search_frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "sinterscope/core/error.h"
#include "sinterscope/imaging/variance_stabilisation.h"

namespace sinterscope {
namespace {

constexpr int patch_px = 8;  ///< over which the pixel noise is averaged away before brightnesses are compared

/// The background as it looks at the frame's place and brightness: a straight line through patch against
/// patch, because noise in the background's own pixels would flatten the line.
cv::Mat1f fitted_to(const cv::Mat1f& frame, const cv::Mat1f& background, cv::Point2d shift) {
  cv::Mat1f moved, of_background, of_frame;
  const cv::Matx23d by(1, 0, shift.x, 0, 1, shift.y);
  cv::warpAffine(background, moved, by, background.size(), cv::INTER_CUBIC, cv::BORDER_REPLICATE);
  const cv::Size patches(std::max(frame.cols / patch_px, 1), std::max(frame.rows / patch_px, 1));
  cv::resize(moved, of_background, patches, 0, 0, cv::INTER_AREA);
  cv::resize(frame, of_frame, patches, 0, 0, cv::INTER_AREA);
  const double x = cv::mean(of_background)[0], y = cv::mean(of_frame)[0];
  const cv::Mat1f dx = of_background - x, dy = of_frame - y;
  const double xx = dx.dot(dx), xy = dx.dot(dy);
  const double slope = xx > 1e-9 * static_cast<double>(dx.total()) ? xy / xx : 1.0;
  return cv::Mat1f(moved * slope + (y - slope * x));
}

}  // namespace

SearchFrames::SearchFrames(const FrameSource& clean, const NoiseModel& noise, Drift drift, bool stabilised)
    : clean_(&clean), noise_(noise), drift_(std::move(drift)), stabilised_(stabilised) {
  if (drift_.size() != clean.size())
    throw Error(fmt::format("{} drift shifts for {} frames: register the same frames first", drift_.size(),
                            clean.size()));
  taken_off_.resize(clean.size());
}

void SearchFrames::take_off(const TakenOff& one) {
  for (std::size_t i = one.first; i < one.first + one.count; ++i) {
    taken_off_.at(i) = one;
    taken_off_[i].first = i, taken_off_[i].count = 1;
  }
}

std::vector<TakenOff> SearchFrames::taken_off() const {
  std::vector<TakenOff> all;
  for (const TakenOff& one : taken_off_) {
    if (one.background.empty()) continue;
    if (!all.empty() && all.back().first + all.back().count == one.first &&
        all.back().background.data == one.background.data)
      ++all.back().count;
    else
      all.push_back(one);
  }
  return all;
}

cv::Mat1b SearchFrames::support_known_in(std::size_t i) const {
  const TakenOff& one = taken_off_.at(i);
  const cv::Mat1b shown = one.shown.empty() ? cv::Mat1b(clean_->frame_size(), 255) : one.shown;
  const cv::Matx23d by(1, 0, drift_[i].shift_px.x, 0, 1, drift_[i].shift_px.y);
  cv::Mat1b known;
  cv::warpAffine(shown, known, by, shown.size(), cv::INTER_NEAREST, cv::BORDER_CONSTANT, cv::Scalar(0));
  return known;
}

cv::Mat1f SearchFrames::support_in(const cv::Mat1f& raw, std::size_t i) const {
  cv::Mat1f support = fitted_to(raw, taken_off_.at(i).counts, drift_[i].shift_px);
  support.setTo(std::numeric_limits<float>::quiet_NaN(), ~support_known_in(i));
  return support;
}

Frame SearchFrames::load(std::size_t i) const {
  Frame frame = clean_->load(i);
  frame.pixels = prepare(frame.pixels, i);
  return frame;
}

cv::Mat1f SearchFrames::prepare(const cv::Mat1f& clean, std::size_t i) const {
  const cv::Mat1f image = stabilised_ ? stabilise(clean, noise_) : clean;
  const cv::Mat1f& background = taken_off_.at(i).background;
  if (background.empty()) return image;
  const cv::Mat1f fitted = fitted_to(image, background, drift_[i].shift_px);
  return cv::Mat1f(image - fitted + cv::mean(fitted)[0]);
}

}  // namespace sinterscope
