// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/support.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "sinterscope/core/error.h"
#include "support/cube_scene.h"

namespace sinterscope {
namespace {

using testing::cube_mask;
using testing::CubeScene;
using testing::detected;
using testing::expected_frame;
using testing::paint;

TEST(FindSupport, FindsTheAreaOfCubesInVacuum) {
  for (const double counts : {8.0, 60.0})
    for (const double rim : {1.0, 1.5}) {
      CubeScene scene;
      scene.frame_px = 384;
      scene.support_counts = counts;
      scene.vacuum_counts = 0.1 * counts;
      scene.rim = rim;
      scene.seed = 2;  // no sliver of vacuum between two cubes, which would count as a pinhole
      const auto painted = paint(scene);
      const double truth = cv::countNonZero(cube_mask(painted));
      SupportOptions options;
      options.facets = "none";
      const SupportArea support =
          find_support(detected(expected_frame(painted), Rng(4)), NoiseModel{}, options);
      // About 1100 px of rim at 0.1 px each. Rims half as bright again and 2 to 3 px wide push the half-way
      // line out by (0.5 * 2.5) / 0.9 px, all in one direction.
      EXPECT_NEAR(support.area_px / truth, 1.0, rim > 1.0 ? 0.02 : 0.004) << counts << ' ' << rim;
      EXPECT_NEAR(support.area_px, truth, 1.5 * support.area_se_px);
      EXPECT_EQ(support.area_px, cv::countNonZero(support.mask));
      EXPECT_LT(support.area_se_px, 0.05 * truth);
    }
}

TEST(FindSupport, TakesTheWholeFrameWhereThereIsNoVacuum) {
  for (const double counts : {8.0, 60.0}) {
    CubeScene scene;
    scene.filled = true;
    scene.support_counts = counts;
    const SupportArea support = find_support(detected(expected_frame(paint(scene)), Rng(4)), NoiseModel{});
    EXPECT_EQ(support.area_px, 256.0 * 256.0);
    EXPECT_EQ(support.area_se_px, 0.0);
  }
}

TEST(FindSupport, TakesTheWholeFrameWhenToldSo) {
  SupportOptions options;
  options.method = "none";
  const SupportArea support =
      find_support(detected(expected_frame(paint(CubeScene{})), Rng(4)), NoiseModel{}, options);
  EXPECT_EQ(support.area_px, 256.0 * 256.0);
}

TEST(FindSupport, LeavesAGuardBandAlongTheRim) {
  SupportOptions bare, guarded;
  bare.facets = guarded.facets = "none";
  guarded.guard_px = 5.0;
  const cv::Mat1f frame = detected(expected_frame(paint(CubeScene{})), Rng(4));
  const SupportArea wide = find_support(frame, NoiseModel{}, bare),
                    narrow = find_support(frame, NoiseModel{}, guarded);
  EXPECT_EQ(wide.guard_px, 0.0);
  EXPECT_EQ(narrow.guard_px, 5.0);
  EXPECT_EQ(cv::countNonZero(narrow.oxide != wide.mask), 0);
  EXPECT_LT(narrow.area_px, wide.area_px);
  EXPECT_EQ(cv::countNonZero(narrow.mask & ~wide.mask), 0);
}

TEST(FindSupport, FindsBrightVacuumOnRequest) {
  const auto painted = paint(CubeScene{});
  const cv::Mat1d inverted = 80.0 - expected_frame(painted);
  SupportOptions options;
  options.method = "bright_vacuum";
  const SupportArea support = find_support(detected(inverted, Rng(4)), NoiseModel{}, options);
  EXPECT_NEAR(support.area_px / cv::countNonZero(cube_mask(painted)), 1.0, 0.04);
}

/// Two facets side by side, the whole frame, with a bright straight edge between them along the column 256,
/// and disks of 4 to 60 px on them, half as bright again.
struct TwoFacets {
  cv::Mat1d expected{512, 512, 60.0};
  std::vector<cv::Point3d> particles;  ///< x, y, radius
};

TwoFacets two_facets(double counts, double edge_height, std::uint64_t seed) {
  TwoFacets scene;
  cv::Mat1d level(512, 512, counts);
  level.colRange(256, 512).setTo(1.2 * counts);
  Rng rng(seed);
  for (int k = 0; k < 10; ++k) {
    const double radius = k < 2 ? 60.0 : rng.uniform(4.0, 14.0);
    const bool left = k % 2 == 0;
    // Clear of the edge, so that its neighbourhood is the facet's.
    const double x = left ? rng.uniform(65.0, 240.0 - radius) : rng.uniform(272.0 + radius, 445.0),
                 y = rng.uniform(65.0, 445.0);
    const bool clear = std::none_of(scene.particles.begin(), scene.particles.end(), [&](const auto& p) {
      return std::hypot(p.x - x, p.y - y) < p.z + radius + 6.0;
    });
    if (!clear) continue;
    scene.particles.emplace_back(x, y, radius);
    cv::circle(level, cv::Point2d(x, y), cvRound(radius), 1.5 * counts, -1);
  }
  for (int y = 0; y < 512; ++y)
    for (int x = 0; x < 512; ++x) level(y, x) += edge_height * counts * std::exp(-std::abs(x - 255.5) / 5.0);
  scene.expected = testing::blurred_and_shifted(level, 1.67, {});
  return scene;
}

TEST(FindSupport, LeavesOutABrightStraightEdgeAndItsBand) {
  for (const double counts : {8.0, 60.0}) {
    const TwoFacets scene = two_facets(counts, 0.8, 5);
    const SupportArea support = find_support(detected(scene.expected, Rng(6)), NoiseModel{});
    EXPECT_EQ(cv::countNonZero(support.oxide), 512 * 512);  // no vacuum
    // An exponential of 5 px falls to a quarter of its height at 7 px; blur and smoothing (2.6 px together)
    // lower and widen it.
    EXPECT_GE(support.guard_px, 5.0) << counts;
    EXPECT_LE(support.guard_px, 12.0) << counts;
    for (const int x : {255, 256}) EXPECT_EQ(cv::countNonZero(support.mask.col(x)), 0) << counts;
    const double truth = 512.0 * (512.0 - 2.0 * support.guard_px);
    EXPECT_NEAR(support.area_px, truth, 3.0 * support.area_se_px) << counts;
    EXPECT_LT(support.area_se_px, 0.05 * truth);
    EXPECT_EQ(support.area_px, cv::countNonZero(support.mask));
  }
}

TEST(FindSupport, LeavesOutTheShortEdgeThatJoinsLongOnesAtACorner) {
  // From (255, 180) on the long edge a third one of 28 px, shorter than what is taken for an edge elsewhere.
  cv::Mat1d level(512, 512, 60.0);
  cv::line(level, {255, 0}, {255, 511}, 130.0, 5);
  cv::line(level, {255, 180}, {283, 180}, 130.0, 5);
  cv::line(level, {380, 380}, {408, 380}, 130.0, 5);  // the same by itself is no facet's edge
  const SupportArea support =
      find_support(detected(testing::blurred_and_shifted(level, 1.67, {}), Rng(6)), NoiseModel{});
  EXPECT_EQ(support.mask(180, 277), 0);
  EXPECT_NE(support.mask(180, 320), 0);
  EXPECT_NE(support.mask(380, 394), 0);
}

TEST(FindSupport, TakesALargeParticleBesideAnEdgeForNoShortOne) {
  // As long as the short edge above, and as near to the long one.
  cv::Mat1d level(512, 512, 60.0);
  cv::line(level, {255, 0}, {255, 511}, 130.0, 5);
  cv::circle(level, cv::Point2d(274, 180), 13, 100.0, -1);
  const SupportArea support =
      find_support(detected(testing::blurred_and_shifted(level, 1.67, {}), Rng(6)), NoiseModel{});
  ASSERT_LT(support.guard_px, 14.0);
  EXPECT_EQ(cv::countNonZero(support.mask(cv::Rect(270, 165, 30, 31))), 30 * 31);
}

TEST(FindSupport, NeverTakesAParticleForAnEdge) {
  for (const std::uint64_t seed : {5, 6, 7}) {
    const TwoFacets scene = two_facets(60.0, 0.8, seed);
    const SupportArea support = find_support(detected(scene.expected, Rng(seed)), NoiseModel{});
    for (const cv::Point3d& p : scene.particles) {
      // Nothing is missing anywhere on a particle out of the edge's reach.
      if (std::abs(p.x - 255.5) - p.z < support.guard_px + 3.0) continue;
      cv::Mat1b disk = cv::Mat1b::zeros(512, 512);
      cv::circle(disk, cv::Point2d(p.x, p.y), cvRound(p.z), 255, -1);
      EXPECT_EQ(cv::countNonZero(disk & ~support.mask), 0) << p << " seed " << seed;
    }
  }
}

TEST(FindSupport, FindsNoFacetsWhereTheSupportIsUneven) {
  // Smooth lumps of a wide range of brightness: ridges in plenty, hardly one of them straight.
  for (const std::uint64_t seed : {1, 2, 3}) {
    Rng rng(seed);
    cv::Mat1d lumps(512, 512);
    for (double& v : lumps) v = rng.normal();
    lumps = testing::blurred_and_shifted(lumps, 8.0, {});
    cv::Scalar mean, sd;
    cv::meanStdDev(lumps, mean, sd);
    cv::Mat1d expected = 60.0 + lumps * (20.0 / sd[0]);
    expected = cv::max(expected, 5.0);
    const SupportArea support = find_support(detected(expected, Rng(seed + 10)), NoiseModel{});
    EXPECT_EQ(support.guard_px, 0.0) << seed;
    EXPECT_EQ(cv::countNonZero(support.oxide != support.mask), 0) << seed;
  }
}

TEST(FindSupport, TakesAFilmOfParticlesForNoFacets) {
  // Rows of touching disks: straight lines of gaps in three directions, and next to nothing between them.
  cv::Mat1d expected(512, 512, 30.0);
  for (int row = 0; row * 26 < 540; ++row)
    for (int k = 0; k * 30 < 560; ++k)
      cv::circle(expected, {k * 30 + (row % 2) * 15, row * 26}, 15, cv::Scalar(90.0), cv::FILLED);
  expected = testing::blurred_and_shifted(expected, 1.5, {});
  const SupportArea support = find_support(detected(expected, Rng(5)), NoiseModel{});
  EXPECT_EQ(support.guard_px, 0.0);
  EXPECT_EQ(cv::countNonZero(support.oxide != support.mask), 0);
}

TEST(FindSupport, FindsNoFacetInAMereStepOfThickness) {
  cv::Mat1d level(512, 512, 40.0);
  level.colRange(200, 512).setTo(60.0);
  level.rowRange(300, 512) *= 1.3;
  const SupportArea support =
      find_support(detected(testing::blurred_and_shifted(level, 1.67, {}), Rng(3)), NoiseModel{});
  EXPECT_EQ(support.area_px, 512.0 * 512.0);
}

// Overlapping squares, as a transmission image of cubes shows them: steps without bright edges.
cv::Mat1f overlaid(bool squares) {
  cv::Mat1f image(512, 512, 20.0F);
  Rng place(6);
  for (int k = 0; k < 10; ++k) {
    const cv::Point2f centre(static_cast<float>(place.uniform(0, 512)),
                             static_cast<float>(place.uniform(0, 512)));
    const auto turn = static_cast<float>(place.uniform(0, 90));
    cv::Mat1f one = cv::Mat1f::zeros(image.size());
    if (squares) {
      cv::Point2f corner[4];
      cv::RotatedRect(centre, {130, 130}, turn).points(corner);
      std::vector<cv::Point> outline(corner, corner + 4);
      cv::fillConvexPoly(one, outline, 25.0);
    } else {
      cv::ellipse(one, cv::RotatedRect(centre, {110, 150}, turn), 25.0, cv::FILLED);
    }
    image += one;
  }
  cv::GaussianBlur(image, image, {}, 1.5);
  return detected(image, Rng(7));
}

TEST(FindSupport, TellsStraightOutlinesFromCrookedOnes) {
  SupportOptions options;
  options.method = "auto";
  EXPECT_TRUE(find_support(overlaid(true), NoiseModel{}, options).facetted);
  EXPECT_FALSE(find_support(overlaid(false), NoiseModel{}, options).facetted);
  options.facets = "none";
  EXPECT_FALSE(find_support(overlaid(true), NoiseModel{}, options).facetted);
}

TEST(FindSupport, RefusesAnEmptyImage) { EXPECT_THROW(find_support({}, NoiseModel{}), Error); }

}  // namespace
}  // namespace sinterscope
