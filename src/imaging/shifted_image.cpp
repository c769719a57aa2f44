// SPDX-License-Identifier: GPL-3.0-or-later
#include "shifted_image.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "sinterscope/core/units.h"

namespace sinterscope {

namespace {

/// Seven taps at -3 ... 3 that read an image at `fraction`.
cv::Mat1f lanczos_taps(double fraction) {
  constexpr double lobes = 3.0;
  const auto sinc = [](double x) { return std::abs(x) < 1e-9 ? 1.0 : std::sin(pi * x) / (pi * x); };
  cv::Mat1f taps(1, 7);
  for (int i = 0; i < 7; ++i) {
    const double x = i - 3 - fraction;
    taps(0, i) = std::abs(x) < lobes ? static_cast<float>(sinc(x) * sinc(x / lobes)) : 0.0F;
  }
  return taps / cv::sum(taps)[0];
}

}  // namespace

cv::Mat1f shifted_image(const cv::Mat1f& image, cv::Point2d fraction) {
  cv::Mat1f result;
  cv::sepFilter2D(image, result, CV_32F, lanczos_taps(fraction.x), lanczos_taps(fraction.y), {-1, -1}, 0.0,
                  cv::BORDER_REFLECT_101);
  return result;
}

}  // namespace sinterscope
