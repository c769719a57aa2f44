// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/frame_checks.h"

#include <gtest/gtest.h>

#include "test_files.h"

namespace sinterscope {
namespace {

cv::Mat1b noisy_image(int rows) {
  cv::Mat1b image(rows, 200);
  cv::RNG random(3);
  random.fill(image, cv::RNG::NORMAL, 100, 15);
  return image;
}

TEST(FrameChecks, SeeABurntInBarWithText) {
  cv::Mat1b image = noisy_image(200);
  image.rowRange(180, 200).setTo(0);
  for (int x = 20; x < 80; x += 3) image.col(x).rowRange(186, 194).setTo(255);  // letters
  EXPECT_EQ(suspected_bar_rows(image), 20);
  cv::Mat wide;
  image.convertTo(wide, CV_16U, 257.0);
  EXPECT_EQ(suspected_bar_rows(wide), 20);
}

TEST(FrameChecks, SeeNoneInImagesEmptyFramesAndFloats) {
  EXPECT_EQ(suspected_bar_rows(noisy_image(200)), 0);
  EXPECT_EQ(suspected_bar_rows(cv::Mat1b(200, 200, uchar{0})), 0);  // nothing recorded at all
  cv::Mat1b half_dark = noisy_image(200);
  half_dark.rowRange(100, 200).setTo(0);  // vacuum below the edge of the specimen
  EXPECT_EQ(suspected_bar_rows(half_dark), 0);
  EXPECT_EQ(suspected_bar_rows(cv::Mat1f(200, 200, 1.0F)), 0);
}

}  // namespace
}  // namespace sinterscope
