// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/lattice_picture.h"

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>

namespace sinterscope {
namespace {

const cv::Scalar support(243, 241, 234), grid(226, 223, 212);

/// Colour of the top atom of a column of this height.
cv::Scalar level_colour(int height) {
  static const std::array<cv::Scalar, 4> colours{cv::Scalar(40, 104, 168), cv::Scalar(226, 144, 40),
                                                 cv::Scalar(186, 48, 34), cv::Scalar(88, 18, 38)};
  return colours[static_cast<std::size_t>(std::clamp(height, 1, 4) - 1)];
}

cv::Scalar mixed(const cv::Scalar& one, const cv::Scalar& other, double share) {
  return one * (1.0 - share) + other * share;
}

/// A lit ball: rim, body, light spot.
void draw_ball(cv::Mat3b& picture, cv::Point site, int pixels, int height) {
  constexpr int shift_bits = 4;
  constexpr double sub_pixel = 1 << shift_bits;
  const cv::Scalar colour = level_colour(height);
  const double x = (site.x + 0.5) * pixels - 0.5, y = (site.y + 0.5) * pixels - 0.5, radius = 0.47 * pixels;
  const auto disc = [&](double offset, double part, const cv::Scalar& paint) {
    const cv::Point centre(cvRound((x - offset * radius) * sub_pixel),
                           cvRound((y - offset * radius) * sub_pixel));
    cv::circle(picture, centre, std::max(1, cvRound(part * radius * sub_pixel)), paint, cv::FILLED,
               cv::LINE_AA, shift_bits);
  };
  disc(0.0, 1.0, mixed(colour, cv::Scalar(0, 0, 0), 0.35));
  disc(0.05, 0.85, colour);
  if (pixels >= 8) disc(0.3, 0.35, mixed(colour, cv::Scalar(255, 255, 255), 0.55));
}

}  // namespace

int pixels_per_site(int side_sites, int side_px) {
  return std::clamp(side_px / std::max(1, side_sites), 1, 32);
}

cv::Mat3b lattice_picture(const cv::Mat1i& heights, int pixels_per_site) {
  constexpr int smallest_ball_px = 5;
  cv::Mat3b picture(heights.rows * pixels_per_site, heights.cols * pixels_per_site);
  picture.setTo(support);
  if (pixels_per_site >= smallest_ball_px) {
    for (int row = 0; row < picture.rows; row += pixels_per_site) picture.row(row).setTo(grid);
    for (int column = 0; column < picture.cols; column += pixels_per_site) picture.col(column).setTo(grid);
  }
  for (int row = 0; row < heights.rows; ++row)
    for (int column = 0; column < heights.cols; ++column) {
      const int height = heights(row, column);
      if (height <= 0) continue;
      if (pixels_per_site >= smallest_ball_px)
        draw_ball(picture, {column, row}, pixels_per_site, height);
      else
        picture(cv::Rect(column * pixels_per_site, row * pixels_per_site, pixels_per_site, pixels_per_site))
            .setTo(level_colour(height));
    }
  return picture;
}

cv::Mat3b with_caption(const cv::Mat3b& picture, const std::string& words) {
  constexpr double font_px = 22.0;  // of a Hershey letter at scale 1
  const double scale = std::clamp(picture.cols / 28.0 / font_px, 0.35, 1.2);
  const int strip = cvRound(2.0 * font_px * scale);
  cv::Mat3b result(picture.rows + strip, picture.cols);
  result.setTo(cv::Scalar(255, 255, 255));
  picture.copyTo(result.rowRange(0, picture.rows));
  cv::putText(result, words, {strip / 4, picture.rows + cvRound(1.45 * font_px * scale)},
              cv::FONT_HERSHEY_SIMPLEX, scale, cv::Scalar(34, 34, 34), 1, cv::LINE_AA);
  return result;
}

}  // namespace sinterscope
