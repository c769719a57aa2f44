// SPDX-License-Identifier: GPL-3.0-or-later
#include "confirmation.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/particles/surroundings.h"

namespace sinterscope {
namespace {

constexpr double least_confirmation = 2.0;  ///< height over its error
constexpr double beside_px = 6.0;           ///< of its surroundings that are fitted with it
constexpr double least_pixels = 12.0;       ///< for four unknowns

/// Height of a blob of known place and width over a plane, over its standard error, by least squares. The
/// blob is a Gaussian: nearly a blurred disk. The error is that of the pixels' own scatter about the fit.
double height_at(const cv::Mat1f& clean, const Detection& place) {
  const double sigma = blob_sigma * place.diameter_px, reach = 0.5 * place.diameter_px + beside_px;
  const int x0 = std::max(0, cvCeil(place.x_px - reach)),
            x1 = std::min(clean.cols - 1, cvFloor(place.x_px + reach));
  const int y0 = std::max(0, cvCeil(place.y_px - reach)),
            y1 = std::min(clean.rows - 1, cvFloor(place.y_px + reach));
  cv::Matx44d normal = cv::Matx44d::zeros();
  cv::Vec4d right = cv::Vec4d::all(0.0);
  double squares = 0.0, pixels = 0.0;
  for (int y = y0; y <= y1; ++y)
    for (int x = x0; x <= x1; ++x) {
      const double dx = x - place.x_px, dy = y - place.y_px, r2 = dx * dx + dy * dy;
      if (r2 > reach * reach) continue;
      const cv::Vec4d row(std::exp(-0.5 * r2 / (sigma * sigma)), 1.0, dx, dy);
      const double value = static_cast<double>(clean(y, x));
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
    const double height = height_at(clean, one);
    if (height < least_confirmation) continue;
    one.significance = one.significance > 0.0 ? std::min(one.significance, height) : height;
    result.push_back(one);
  }
  return result;
}

}  // namespace sinterscope
