// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/experiment/separable_filter.h"

#include <gtest/gtest.h>

#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

// 70 columns: more than are summed together, and a rest.
constexpr int rows = 9, columns = 70;

cv::Mat1f noise_image() {
  Rng rng(3);
  cv::Mat1f image(rows, columns);
  for (float& pixel : image) pixel = static_cast<float>(rng.uniform());
  return image;
}

TEST(SeparableFilter, OfASinglePixelLeavesTheWeightsMirrored) {
  cv::Mat1f image(rows, columns, 0.0F);
  image(4, 66) = 1.0F;
  const cv::Mat1f result = separable_filter(image, {1, 2, 4}, {8, 16, 32}, cv::BORDER_CONSTANT);
  const cv::Mat1f expected = (cv::Mat1f(3, 3) << 128, 64, 32, 64, 32, 16, 32, 16, 8);
  EXPECT_EQ(cv::norm(result(cv::Rect(65, 3, 3, 3)), expected, cv::NORM_INF), 0.0);
  EXPECT_EQ(cv::sum(result)[0], 7.0 * 56.0);
}

TEST(SeparableFilter, ReadsAtAWholePixelBesideByOneWeight) {
  const cv::Mat1f image = noise_image();
  const cv::Mat1f result = separable_filter(image, {0, 0, 1}, {1, 0, 0}, cv::BORDER_REFLECT_101);
  EXPECT_EQ(cv::norm(result(cv::Rect(0, 1, columns - 1, rows - 1)),
                     image(cv::Rect(1, 0, columns - 1, rows - 1)), cv::NORM_INF),
            0.0);
  EXPECT_EQ(result(5, columns - 1), image(4, columns - 2));  // the border pixel itself is not repeated
  EXPECT_EQ(result(0, 3), image(1, 4));
}

TEST(SeparableFilter, KeepsTheSumWhereTheBorderReflects) {
  // Each pixel hands its whole weight on: what leaves over the border comes back.
  const cv::Mat1f image = noise_image();
  const std::vector<float> weights = {0.0625F, 0.25F, 0.375F, 0.25F, 0.0625F};
  EXPECT_NEAR(cv::sum(separable_filter(image, weights, weights, cv::BORDER_REFLECT))[0], cv::sum(image)[0],
              1e-4);
}

TEST(SeparableFilter, ReachesFurtherThanTheImageIsHigh) {
  const std::vector<float> weights(2 * 20 + 1, 1.0F / 41.0F);
  const cv::Mat1f result = separable_filter(cv::Mat1f(3, 5, 2.0F), weights, weights, cv::BORDER_REFLECT);
  EXPECT_LT(cv::norm(result, cv::Mat1f(3, 5, 2.0F), cv::NORM_INF), 1e-5);
}

TEST(SeparableFilter, TellsOfEachRowOnceItStands) {
  const cv::Mat1f image = noise_image();
  cv::Mat1f told(image.size());
  int next = 0;
  const cv::Mat1f result =
      separable_filter(image, {0.5F, 0, 0.5F}, {1, 0, 2}, cv::BORDER_REFLECT, [&](int y, const float* row) {
        EXPECT_EQ(y, next++);
        std::copy_n(row, columns, told[y]);
      });
  EXPECT_EQ(next, rows);
  EXPECT_EQ(cv::norm(told, result, cv::NORM_INF), 0.0);
}

}  // namespace
}  // namespace sinterscope
