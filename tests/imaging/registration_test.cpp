// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/registration.h"

#include <gtest/gtest.h>

#include "support/cube_scene.h"

namespace sinterscope {
namespace {

using testing::CubeScene;
using testing::detected;
using testing::expected_frame;
using testing::paint;

std::vector<cv::Point2d> random_walk(int count, double step, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<cv::Point2d> shifts(1);
  for (int i = 1; i < count; ++i)
    shifts.push_back(shifts.back() + cv::Point2d(step * rng.normal(), step * rng.normal()));
  return shifts;
}

FramesInMemory moving_frames(const CubeScene& scene, const std::vector<cv::Point2d>& shifts) {
  const auto painted = paint(scene);
  const Rng rng(scene.seed + 1000);
  std::vector<cv::Mat1f> frames;
  for (std::size_t i = 0; i < shifts.size(); ++i)
    frames.push_back(detected(expected_frame(painted, shifts[i]), rng.stream("frame", i)));
  return FramesInMemory(std::move(frames));
}

Drift register_frames(const FrameSource& frames) {
  NoProgress progress;
  NoiseModel poisson;
  return estimate_drift(frames, poisson, {}, progress);
}

/// Root mean square of the errors of one component over the frames after the first.
double rms_error(const Drift& drift, const std::vector<cv::Point2d>& truth) {
  double sum = 0;
  for (std::size_t i = 1; i < drift.size(); ++i) {
    const cv::Point2d error = drift[i].shift_px - truth[i] + truth[0];
    sum += 0.5 * error.dot(error);
  }
  return std::sqrt(sum / static_cast<double>(drift.size() - 1));
}

TEST(EstimateDrift, FollowsARandomWalkToAFractionOfAPixel) {
  // The demand of 0.05 px at 60 and 0.15 px at 8 counts is for 1024 px frames; a quarter of their edge has a
  // quarter of their edge length, so twice the error is allowed here.
  for (const auto& [counts, limit] : {std::pair{60.0, 0.06}, std::pair{8.0, 0.3}}) {
    CubeScene scene;
    scene.support_counts = counts;
    scene.vacuum_counts = 0.1 * counts;
    const auto truth = random_walk(12, 0.5, 42);
    const Drift drift = register_frames(moving_frames(scene, truth));
    EXPECT_LT(rms_error(drift, truth), limit) << counts;
    for (const FrameShift& shift : drift) EXPECT_TRUE(shift.reliable);
  }
}

TEST(EstimateDrift, StatesItsErrorHonestly) {
  // Pulls over independent scenes: their variance is 1 within 4 sigma of 2 x 64 values, chi^2 from 0.5
  // to 1.5.
  double sum = 0;
  int count = 0;
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    CubeScene scene;
    scene.frame_px = 192;
    scene.support_counts = 15.0;
    scene.vacuum_counts = 1.5;
    scene.seed = seed;
    const auto truth = random_walk(5, 0.7, seed);
    const Drift drift = register_frames(moving_frames(scene, truth));
    for (std::size_t i = 1; i < drift.size(); ++i) {
      const cv::Point2d pull = (drift[i].shift_px - truth[i]) * (1.0 / drift[i].sigma_px);
      sum += pull.dot(pull);
      count += 2;
    }
  }
  EXPECT_GT(sum / count, 0.5);
  EXPECT_LT(sum / count, 1.6);
}

TEST(EstimateDrift, FindsJumpsOfTwentyPixels) {
  const std::vector<cv::Point2d> truth{{0, 0}, {0.4, 0.3}, {20.3, -19.6}, {20.1, -19.2}, {-3.3, 4.2}};
  const Drift drift = register_frames(moving_frames(CubeScene{}, truth));
  EXPECT_LT(rms_error(drift, truth), 0.08);
}

TEST(EstimateDrift, MarksFramesThatShowNothingAndInterpolatesThem) {
  const std::vector<cv::Point2d> truth{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}};
  const CubeScene scene;
  const auto painted = paint(scene);
  std::vector<cv::Mat1f> frames;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    cv::Mat1d expected = expected_frame(painted, truth[i]);
    if (i == 2) expected = scene.vacuum_counts;  // the beam was off the specimen
    frames.push_back(detected(expected, Rng(50 + i)));
  }
  const Drift drift = register_frames(FramesInMemory(std::move(frames)));
  EXPECT_FALSE(drift[2].reliable);
  EXPECT_GE(drift[2].sigma_px, 1.0);
  EXPECT_NEAR(drift[2].shift_px.x, 2.0, 0.2);
  EXPECT_TRUE(drift[3].reliable);
  EXPECT_NEAR(drift[3].shift_px.y, 3.0, 0.1);
}

TEST(EstimateDrift, SurvivesAnEmptyFirstFrame) {
  const CubeScene scene;
  const auto painted = paint(scene);
  std::vector<cv::Mat1f> frames{detected(cv::Mat1d(scene.frame_px, scene.frame_px, 6.0), Rng(1))};
  for (int i = 1; i < 4; ++i)
    frames.push_back(
        detected(expected_frame(painted, {1.0 * i, 0.0}), Rng(static_cast<std::uint64_t>(50 + i))));
  const Drift drift = register_frames(FramesInMemory(std::move(frames)));
  EXPECT_FALSE(drift[0].reliable);
  EXPECT_EQ(drift[0].shift_px, cv::Point2d());
  EXPECT_NEAR(drift[3].shift_px.x - drift[1].shift_px.x, 2.0, 0.1);
}

TEST(EstimateDrift, CallsVacuumUnreliable) {
  std::vector<cv::Mat1f> frames;
  for (std::uint64_t i = 0; i < 4; ++i) frames.push_back(detected(cv::Mat1d(256, 256, 5.0), Rng(60 + i)));
  const Drift drift = register_frames(FramesInMemory(std::move(frames)));
  for (std::size_t i = 1; i < drift.size(); ++i) {
    EXPECT_FALSE(drift[i].reliable);
    EXPECT_GE(drift[i].sigma_px, 1.0);
  }
}

TEST(EstimateDrift, IsNotPulledByParticlesThatComeAndGo) {
  CubeScene with;
  with.filled = false;
  CubeScene without = with;
  without.particles = 0;
  const auto full = paint(with), bare = paint(without);
  const std::vector<cv::Point2d> truth{{0, 0}, {0.5, 0.2}, {1.1, 0.7}, {1.4, 0.4}};
  std::vector<cv::Mat1f> frames;
  for (std::size_t i = 0; i < truth.size(); ++i)
    frames.push_back(detected(expected_frame(i < 2 ? full : bare, truth[i]), Rng(70 + i)));
  EXPECT_LT(rms_error(register_frames(FramesInMemory(std::move(frames))), truth), 0.06);
}

TEST(EstimateDrift, FollowsAJumpBetweenHoldsWhoseParticlesDiffer) {
  for (const auto& [counts, limit] : {std::pair{60.0, 0.06}, std::pair{8.0, 0.3}}) {
    CubeScene cold;
    cold.support_counts = counts;
    cold.vacuum_counts = 0.1 * counts;
    cold.particles = 20;
    CubeScene hot = cold;
    hot.particles = 0;
    const auto full = paint(cold), bare = paint(hot);
    const std::vector<cv::Point2d> truth{{0, 0},      {0.5, -0.2},   {0.9, 0.3},  {15.2, -13.1},
                                         {15, -12.5}, {14.8, -12.2}, {-5.1, 6.3}, {-5.4, 6.6}};
    std::vector<cv::Mat1f> frames;
    for (std::size_t i = 0; i < truth.size(); ++i)
      frames.push_back(detected(expected_frame(i < 3 || i > 5 ? full : bare, truth[i]), Rng(80 + i)));
    const Drift drift = register_frames(FramesInMemory(std::move(frames)));
    EXPECT_LT(rms_error(drift, truth), limit) << counts;
    for (const FrameShift& shift : drift) EXPECT_TRUE(shift.reliable) << counts;
  }
}

TEST(EstimateDrift, IsNotConfidentOfWhatBelongsToTheDetector) {
  // No specimen, but rows that jump and a shading that never moves.
  NoiseModel noise;
  noise.row_noise_sd = 2.0;
  std::vector<cv::Mat1f> frames;
  for (std::uint64_t i = 0; i < 5; ++i) {
    Rng rows = Rng(90).stream("rows", i);
    cv::Mat1f frame = detected(cv::Mat1d(256, 256, 30.0), Rng(95 + i));
    for (int y = 0; y < frame.rows; ++y) {
      const float shift = static_cast<float>(2.0 * rows.normal());
      for (int x = 0; x < frame.cols; ++x) frame(y, x) += shift + 0.02F * static_cast<float>(x);
    }
    frames.push_back(frame);
  }
  NoProgress silent;
  const Drift drift = estimate_drift(FramesInMemory(std::move(frames)), noise, {}, silent);
  for (std::size_t i = 1; i < drift.size(); ++i) {
    EXPECT_FALSE(drift[i].reliable) << i;
    EXPECT_GE(drift[i].sigma_px, 1.0) << i;
  }
}

TEST(EstimateDrift, LeavesASingleFrameAndRegisteredFramesAlone) {
  const FramesInMemory one(std::vector<cv::Mat1f>{cv::Mat1f(64, 64, 3.0F)});
  const Drift drift = register_frames(one);
  ASSERT_EQ(drift.size(), 1U);
  EXPECT_EQ(drift[0].shift_px, cv::Point2d());
  EXPECT_EQ(drift[0].sigma_px, 0.0);
  EXPECT_TRUE(drift[0].reliable);
}

}  // namespace
}  // namespace sinterscope
