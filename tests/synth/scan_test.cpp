// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/scan.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sinterscope {
namespace {

TEST(Motion, BeginsAtRestAndWalksAsStated) {
  DriftSettings drift;
  drift.walk_px = 0.5;
  drift.velocity_x_px = 0.2;
  const int frames = 5000;
  const auto motion = draw_motion(drift, std::vector<int>(frames, 0), Rng(1));
  EXPECT_EQ(motion.front().shift_px, cv::Point2d(0, 0));
  double squares = 0.0;
  for (int i = 1; i < frames; ++i)
    squares += std::pow(
        motion[static_cast<std::size_t>(i)].shift_px.y - motion[static_cast<std::size_t>(i - 1)].shift_px.y,
        2);
  EXPECT_NEAR(squares / (frames - 1) / 0.25, 1.0, 5.0 * std::sqrt(2.0 / frames));
  EXPECT_NEAR(motion.back().shift_px.x / frames, 0.2, 5.0 * 0.5 / std::sqrt(frames));
}

TEST(Motion, JumpsWhereTheHoldChanges) {
  DriftSettings drift;
  drift.walk_px = 0.0;
  drift.jump_px = 20.0;
  const auto motion = draw_motion(drift, {0, 0, 1, 1}, Rng(2));
  EXPECT_EQ(motion[1].shift_px, motion[0].shift_px);
  EXPECT_NEAR(cv::norm(motion[2].shift_px - motion[1].shift_px), 20.0, 1e-9);
}

TEST(Motion, SettlesExponentiallyAfterAChangeOfHold) {
  DriftSettings drift;
  drift.walk_px = 0.0;
  drift.settling_px = 4.0;
  drift.settling_frames = 2.0;
  const auto motion = draw_motion(drift, {0, 0, 1, 1, 1, 1}, Rng(3));
  EXPECT_EQ(motion[2].shift_px, motion[0].shift_px);
  const double first = cv::norm(motion[3].shift_px - motion[2].shift_px);
  const double third = cv::norm(motion[5].shift_px - motion[4].shift_px);
  EXPECT_NEAR(first, 4.0, 1e-9);
  EXPECT_NEAR(third / first, std::exp(-1.0), 1e-9);
}

TEST(Motion, WithinAFramePlacesAParticleOnTheRowThatScansIt) {
  FrameMotion motion;
  motion.shift_px = {1.0, -2.0};
  motion.change_px = {6.0, 3.0};
  const cv::Point2d specimen(40.0, 70.0);
  const cv::Point2d raw = motion.raw_position(specimen, 100);
  const cv::Point2d shift = motion.shift_at_row(raw.y, 100);
  EXPECT_NEAR(raw.x, specimen.x + shift.x, 1e-12);
  EXPECT_NEAR(raw.y, specimen.y + shift.y, 1e-12);
}

}  // namespace
}  // namespace sinterscope
