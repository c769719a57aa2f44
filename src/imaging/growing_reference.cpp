// SPDX-License-Identifier: GPL-3.0-or-later
#include "growing_reference.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "shifted_image.h"

namespace sinterscope {

namespace {

/// Beyond this many frames old ones fade, so that the reference follows a support whose particles come and
/// go.
constexpr float memory_frames = 32.0F;

}  // namespace

void GrowingReference::grow_to_hold(cv::Rect area) {
  const cv::Rect canvas(origin_, sum_.size());
  if (!sum_.empty() && (canvas & area) == area) return;
  constexpr int margin = 16;  // so that a slow drift does not copy the canvas at every frame
  const cv::Rect wanted(area.x - margin, area.y - margin, area.width + 2 * margin, area.height + 2 * margin);
  const cv::Rect grown = sum_.empty() ? wanted : (canvas | wanted);
  cv::Mat1f sum = cv::Mat1f::zeros(grown.size()), weight = cv::Mat1f::zeros(grown.size());
  if (!sum_.empty()) {
    sum_.copyTo(sum(canvas - grown.tl()));
    weight_.copyTo(weight(canvas - grown.tl()));
  }
  sum_ = sum, weight_ = weight, origin_ = grown.tl();
}

void GrowingReference::add(const cv::Mat1f& image, cv::Point2d shift) {
  const cv::Point whole(static_cast<int>(std::lround(shift.x)), static_cast<int>(std::lround(shift.y)));
  const cv::Point2d fraction(shift.x - whole.x, shift.y - whole.y);
  cv::Mat1f moved = image;
  cv::Rect inner(0, 0, image.cols, image.rows);
  if (std::abs(fraction.x) > 1e-6 || std::abs(fraction.y) > 1e-6) {
    moved = shifted_image(image, fraction);
    inner = {shifted_rim, shifted_rim, image.cols - 2 * shifted_rim, image.rows - 2 * shifted_rim};
  }
  const cv::Rect area = inner - whole;
  grow_to_hold(area);
  cv::Mat1f sum = sum_(area - origin_), weight = weight_(area - origin_);
  for (int y = 0; y < sum.rows; ++y) {
    float* s = sum[y];
    float* w = weight[y];
    const float* from = moved[y + inner.y] + inner.x;
    for (int x = 0; x < sum.cols; ++x) {
      const float keep = w[x] >= memory_frames ? (memory_frames - 1.0F) / memory_frames : 1.0F;
      s[x] = keep * s[x] + from[x];
      w[x] = keep * w[x] + 1.0F;
    }
  }
}

GrowingReference::View GrowingReference::view(cv::Size image, cv::Point shift) const {
  View result;
  const cv::Rect specimen = cv::Rect(origin_, sum_.size()) & cv::Rect(cv::Point() - shift, image);
  if (specimen.empty()) return result;
  const cv::Mat1f weight = weight_(specimen - origin_), sum = sum_(specimen - origin_);
  const cv::Mat1b known = weight > 0.5F;
  const cv::Rect bounds = cv::boundingRect(known);
  if (bounds.empty()) return result;
  result.overlap = bounds + specimen.tl() + shift;
  result.mean.create(bounds.size());
  cv::divide(sum(bounds), weight(bounds), result.mean);
  const cv::Scalar middle = cv::mean(result.mean, known(bounds));
  result.mean.setTo(middle, ~known(bounds));
  result.frames = cv::mean(weight(bounds), known(bounds))[0];
  return result;
}

}  // namespace sinterscope
