// SPDX-License-Identifier: GPL-3.0-or-later
#include "shifted_image.h"

#include <cmath>
#include <vector>

#include "sinterscope/core/units.h"
#include "sinterscope/experiment/separable_filter.h"

namespace sinterscope {

namespace {

/// Seven taps at -3 ... 3 that read an image at `fraction`.
std::vector<float> lanczos_taps(double fraction) {
  constexpr double lobes = 3.0;
  const auto sinc = [](double x) { return std::abs(x) < 1e-9 ? 1.0 : std::sin(pi * x) / (pi * x); };
  cv::Mat1f taps(1, 7);
  for (int i = 0; i < 7; ++i) {
    const double x = i - 3 - fraction;
    taps(0, i) = std::abs(x) < lobes ? static_cast<float>(sinc(x) * sinc(x / lobes)) : 0.0F;
  }
  taps /= cv::sum(taps)[0];
  return {taps.begin(), taps.end()};
}

}  // namespace

cv::Mat1f shifted_image(const cv::Mat1f& image, cv::Point2d fraction) {
  return separable_filter(image, lanczos_taps(fraction.x), lanczos_taps(fraction.y), cv::BORDER_REFLECT_101);
}

}  // namespace sinterscope
