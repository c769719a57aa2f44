// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/surroundings.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

constexpr double noise_sd = 0.5;  // after the smoothing below, about 0.14

/// A facet of 100 with a bright seam of 40 along its edge at 20 degrees, dark ground beyond.
cv::Mat1f facet_with_seam(cv::Point2d corner_at, bool corner) {
  cv::Mat1f image(60, 60);
  const double c = std::cos(0.35), s = std::sin(0.35);
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x) {
      const double u = c * (x - corner_at.x) + s * (y - corner_at.y),
                   v = c * (y - corner_at.y) - s * (x - corner_at.x);
      const double depth = corner ? std::min(u, v) : u;
      image(y, x) = depth < 0.0 ? 30.0F : depth < 3.0 ? 140.0F : 100.0F;
    }
  return image;
}

void add_disk(cv::Mat1f& image, cv::Point2d at, double diameter, float height) {
  for (int y = 0; y < image.rows; ++y)
    for (int x = 0; x < image.cols; ++x)
      if (std::hypot(x - at.x, y - at.y) < 0.5 * diameter) image(y, x) += height;
}

cv::Mat1f photographed(cv::Mat1f image, std::uint64_t seed) {
  Rng rng(seed);
  for (float& pixel : image) pixel += static_cast<float>(noise_sd * rng.normal());
  cv::GaussianBlur(image, image, {}, 1.0);
  return image;
}

TEST(Surroundings, GiveADiskOnAPlainFacetItsHeightAndNoStructure) {
  cv::Mat1f image(60, 60, 100.0F);
  add_disk(image, {30, 30}, 9.0, 40.0F);
  const Surroundings around = judge_surroundings(photographed(image, 1), {30, 30, 9.0}, true, 0.2, {});
  // The Gaussian that lies nearest to a disk is a quarter higher than it: sum(w) / sum(w^2) over the disk,
  // for the stated width 0.36 d, is 1.26 less the blurred rim.
  EXPECT_NEAR(around.height, 1.25 * 40.0, 4.0);
  EXPECT_LT(around.structure, 0.05 * around.height);
  EXPECT_LT(around.lopsided, 0.1 * around.height);
  EXPECT_NEAR(around.alone, 40.0, 2.0);  // the sectors are compared with the middle itself
}

TEST(Surroundings, ForetellASeamSoThatNothingStandsOutOnIt) {
  const cv::Mat1f image = photographed(facet_with_seam({30, 30}, false), 2);
  const Surroundings around = judge_surroundings(image, {30, 31, 7.0}, true, 0.2, {});
  // The seam is 40 above the facet; along 16 directions it is met within 5.6 degrees.
  EXPECT_LT(std::abs(around.height), 6.0);
}

TEST(Surroundings, SeeAParticleBesideASeamAlmostAtItsFullHeight) {
  cv::Mat1f image = facet_with_seam({30, 30}, false);
  add_disk(image, {38, 33}, 7.0, 40.0F);
  const Surroundings around = judge_surroundings(photographed(image, 3), {38, 33, 7.0}, true, 0.2, {});
  EXPECT_GT(around.height, 28.0);
  EXPECT_LT(around.structure, 0.2 * around.height);
}

TEST(Surroundings, FindUnforetoldStructureAtACorner) {
  const cv::Mat1f image = photographed(facet_with_seam({25, 25}, true), 4);
  const Surroundings around = judge_surroundings(image, {26, 28, 7.0}, true, 0.2, {});
  EXPECT_GT(around.structure, 0.1 * std::abs(around.height));
  EXPECT_LT(around.alone, 0.5 * around.height);
}

TEST(Surroundings, AreUnevenBesideASeamAndNotOnAPlane) {
  cv::Mat1f image = facet_with_seam({30, 30}, false);
  add_disk(image, {38, 33}, 7.0, 40.0F);
  EXPECT_GT(judge_surroundings(photographed(image, 7), {38, 33, 7.0}, true, 0.2, {}).uneven, 4.0);
  cv::Mat1f slope(60, 60);
  for (int y = 0; y < slope.rows; ++y)
    for (int x = 0; x < slope.cols; ++x) slope(y, x) = 100.0F + 0.7F * static_cast<float>(x);
  add_disk(slope, {30, 30}, 9.0, 40.0F);
  EXPECT_LT(judge_surroundings(photographed(slope, 8), {30, 30, 9.0}, true, 0.2, {}).uneven, 0.5);
}

TEST(Surroundings, LeaveOutOtherParticlesThatTheyAreToldOf) {
  cv::Mat1f image(60, 60, 100.0F);
  add_disk(image, {30, 30}, 9.0, 40.0F);
  add_disk(image, {41, 30}, 9.0, 40.0F);
  const cv::Mat1f seen = photographed(image, 5);
  const Surroundings alone = judge_surroundings(seen, {30, 30, 9.0}, true, 0.2, {{41, 30, 9.0}});
  const Surroundings both = judge_surroundings(seen, {30, 30, 9.0}, true, 0.2, {});
  EXPECT_LT(alone.structure, 0.05 * alone.height);
  EXPECT_GT(both.structure, 2.0 * alone.structure + 1.0);
}

TEST(Surroundings, JudgeDarkBlobsByTheirDepthAndWorkAtTheRim) {
  cv::Mat1f image(60, 60, 100.0F);
  add_disk(image, {3, 30}, 9.0, -40.0F);
  const Surroundings around = judge_surroundings(photographed(image, 6), {3, 30, 9.0}, false, 0.2, {});
  EXPECT_GT(around.height, 35.0);  // seen to two thirds
  EXPECT_LT(around.height, 65.0);
}

}  // namespace
}  // namespace sinterscope
