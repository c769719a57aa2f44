// SPDX-License-Identifier: GPL-3.0-or-later
#include "confirmation.h"

#include <algorithm>
#include <cmath>

#include "interpolated.h"
#include "sinterscope/particles/surroundings.h"

namespace sinterscope {
namespace {

constexpr double least_confirmation = 2.0;  ///< height over its error
constexpr double least_change = 3.0;   ///< the same of what a frame shows and its block's average does not
constexpr double beside_px = 6.0;      ///< of its surroundings that are fitted with it
constexpr double least_pixels = 12.0;  ///< for four unknowns

/// Height of a blob of known place and width over a plane, over its standard error, by least squares. The
/// blob is a Gaussian: nearly a blurred disk. The error is that of the pixels' own scatter about the fit.
/// pixel_at(y, x): the image, `size`.
template <typename PixelAt>
double height_at(const PixelAt& pixel_at, cv::Size size, const Detection& place) {
  const double sigma = blob_sigma * place.diameter_px, reach = 0.5 * place.diameter_px + beside_px;
  const int x0 = std::max(0, cvCeil(place.x_px - reach)),
            x1 = std::min(size.width - 1, cvFloor(place.x_px + reach));
  const int y0 = std::max(0, cvCeil(place.y_px - reach)),
            y1 = std::min(size.height - 1, cvFloor(place.y_px + reach));
  cv::Matx44d normal = cv::Matx44d::zeros();
  cv::Vec4d right = cv::Vec4d::all(0.0);
  double squares = 0.0, pixels = 0.0;
  for (int y = y0; y <= y1; ++y)
    for (int x = x0; x <= x1; ++x) {
      const double dx = x - place.x_px, dy = y - place.y_px, r2 = dx * dx + dy * dy;
      if (r2 > reach * reach) continue;
      const cv::Vec4d row(std::exp(-0.5 * r2 / (sigma * sigma)), 1.0, dx, dy);
      const double value = static_cast<double>(pixel_at(y, x));
      normal += row * row.t();
      right += value * row;
      squares += value * value;
      pixels += 1.0;
    }
  if (pixels < least_pixels) return 0.0;
  bool solved = false;
  const cv::Matx44d inverse = normal.inv(cv::DECOMP_CHOLESKY, &solved);
  if (!solved) return 0.0;
  const cv::Vec4d fit = inverse * right;
  const double variance = std::max(squares - fit.dot(right), 0.0) / (pixels - 4.0) * inverse(0, 0);
  return variance > 0.0 ? (place.bright ? fit[0] : -fit[0]) / std::sqrt(variance) : 0.0;
}

}  // namespace

std::vector<Detection> confirmed(const cv::Mat1f& clean, const std::vector<Detection>& places) {
  std::vector<Detection> result;
  for (Detection one : places) {
    if (one.x_px <= 0.0 || one.y_px <= 0.0 || one.x_px >= clean.cols - 1.0 || one.y_px >= clean.rows - 1.0)
      continue;
    const double height = height_at(clean, clean.size(), one);
    if (height < least_confirmation) continue;
    one.significance = one.significance > 0.0 ? std::min(one.significance, height) : height;
    result.push_back(one);
  }
  return result;
}

std::vector<Detection> changed(const cv::Mat1f& clean, const cv::Mat1f& average, cv::Point2d shift_px,
                               std::vector<Detection> found) {
  if (average.empty()) return found;
  const auto change = [&](int y, int x) {
    return static_cast<double>(clean(y, x)) - interpolated(average, x - shift_px.x, y - shift_px.y);
  };
  std::erase_if(found,
                [&](const Detection& one) { return height_at(change, clean.size(), one) < least_change; });
  return found;
}

}  // namespace sinterscope
