// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/background.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

cv::Mat1f noisy_slope(int n, double sd) {
  Rng rng(3);
  cv::Mat1f image(n, n);
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) image(y, x) = static_cast<float>(50.0 + 0.1 * x + sd * rng.normal());
  return image;
}

TEST(EstimateBackground, FollowsASlopeAndItsScatter) {
  const Background b = estimate_background(noisy_slope(256, 3.0), {});
  // 256 pixels a mesh: the median is known to 1.25 * 3 / 16 = 0.23 counts; the 3.2 counts a mesh spans add a
  // little.
  EXPECT_NEAR(b.level(128, 64), 56.4F, 1.0F);
  EXPECT_NEAR(b.level(128, 200), 70.0F, 1.0F);
  EXPECT_NEAR(cv::mean(b.rms)[0], 3.1, 0.3);
}

TEST(EstimateBackground, IgnoresParticlesAndVacuum) {
  cv::Mat1f image = noisy_slope(256, 3.0);
  cv::Mat1b support(256, 256, 255);
  image(cv::Rect(0, 0, 256, 96)).setTo(0.0F);
  support(cv::Rect(0, 0, 256, 96)).setTo(0);
  cv::circle(image, {128, 200}, 9, 150.0, -1);
  const Background b = estimate_background(image, support);
  EXPECT_NEAR(b.level(200, 128), 62.8F, 1.5F);
  EXPECT_NEAR(b.level(100, 128), 62.8F, 1.5F);
  EXPECT_LT(b.rms(200, 128), 6.0F);
}

TEST(EstimateBackground, CopesWithoutAnySupport) {
  const Background b = estimate_background(noisy_slope(64, 1.0), cv::Mat1b::zeros(64, 64));
  EXPECT_NEAR(b.level(32, 32), 53.2F, 1.5F);
}

}  // namespace
}  // namespace sinterscope
