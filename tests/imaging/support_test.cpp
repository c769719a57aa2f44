// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/support.h"

#include <gtest/gtest.h>

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
      const SupportArea support = find_support(detected(expected_frame(painted), Rng(4)), NoiseModel{});
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
  SupportOptions guarded;
  guarded.guard_px = 5.0;
  const cv::Mat1f frame = detected(expected_frame(paint(CubeScene{})), Rng(4));
  const SupportArea wide = find_support(frame, NoiseModel{}),
                    narrow = find_support(frame, NoiseModel{}, guarded);
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

TEST(FindSupport, RefusesAnEmptyImage) { EXPECT_THROW(find_support({}, NoiseModel{}), Error); }

}  // namespace
}  // namespace sinterscope
