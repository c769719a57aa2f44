// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/overlay.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace sinterscope {
namespace {

Particle particle_at(double x, double y, double diameter, int track) {
  Particle p;
  p.x_px = x;
  p.y_px = y;
  p.diameter_px = diameter;
  p.track = track;
  return p;
}

bool coloured(const cv::Vec3b& pixel) { return pixel[0] != pixel[1] || pixel[1] != pixel[2]; }

TEST(PaintOverlay, DrawsARingJustOutsideTheParticle) {
  const cv::Mat1f frame(640, 640, 50.0F);
  const cv::Mat3b picture =
      paint_overlay(frame, std::vector<Particle>{particle_at(300, 200, 40, 3)}, std::nullopt);
  double sum = 0, count = 0;
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x)
      if (coloured(picture(y, x))) sum += std::hypot(x - 300, y - 200), ++count;
  ASSERT_GT(count, 100);
  // The ring stands one line width and one pixel outside the radius of 20 px; drawing rounds to a pixel.
  EXPECT_NEAR(sum / count, 22, 1);
}

TEST(PaintOverlay, EnlargesSmallFramesAndKeepsTheRingInPlace) {
  const cv::Mat1f frame(100, 100, 50.0F);
  const cv::Mat3b picture =
      paint_overlay(frame, std::vector<Particle>{particle_at(30, 70, 10, 3)}, std::nullopt);
  ASSERT_EQ(picture.size(), cv::Size(700, 700));  // the smallest whole factor that reaches 640 px
  double x_sum = 0, y_sum = 0, count = 0;
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x)
      if (coloured(picture(y, x))) x_sum += x, y_sum += y, ++count;
  // pixel 30 of the frame covers pixels 210 to 216 of the picture: its centre is 213
  EXPECT_NEAR(x_sum / count, 213, 0.5);
  EXPECT_NEAR(y_sum / count, 493, 0.5);
}

TEST(PaintOverlay, LeavesTheFrameAlone) {
  const cv::Mat1f frame(64, 64, 50.0F), before = frame.clone();
  paint_overlay(frame, std::vector<Particle>{particle_at(30, 30, 10, 1)}, 0.1);
  EXPECT_EQ(cv::countNonZero(frame != before), 0);
}

TEST(PaintOverlay, DrawsAScaleBarOnlyWithCalibration) {
  const cv::Mat1f frame(640, 640, 50.0F);  // flat: painted black
  const auto bright = [&](std::optional<double> nm) {
    const cv::Mat3b picture = paint_overlay(frame, {}, nm);
    int count = 0;
    for (const cv::Vec3b& pixel : picture) count += pixel == cv::Vec3b(255, 255, 255) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(bright(std::nullopt), 0);
  // 0.15 nm/px: 20 nm is the largest round length within a quarter of 96 nm: 133 px long, 5 px high, and its
  // label
  EXPECT_GE(bright(0.15), 133 * 5);
}

TEST(PaintOverlay, SurvivesParticlesOutsideTheFrameAndNanPixels) {
  cv::Mat1f frame(64, 64, 50.0F);
  frame(3, 3) = NAN;
  EXPECT_NO_THROW(paint_overlay(frame, std::vector<Particle>{particle_at(-500, 900, 1e5, 1)}, 0.1));
}

TEST(TrackColour, TellsNeighbouringTracksApart) {
  for (int track = 0; track < 200; ++track) {
    const auto a = track_colour(track), b = track_colour(track + 1);
    int difference = 0;
    for (std::size_t k = 0; k < 3; ++k) difference += std::abs(a[k] - b[k]);
    EXPECT_GT(difference, 120) << track;
  }
}

}  // namespace
}  // namespace sinterscope
