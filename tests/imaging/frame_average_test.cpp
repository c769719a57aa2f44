// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/frame_average.h"

#include <gtest/gtest.h>

#include "sinterscope/core/error.h"
#include "support/cube_scene.h"

namespace sinterscope {
namespace {

using testing::CubeScene;
using testing::expected_frame;
using testing::paint;

struct Shifted {
  FramesInMemory frames;
  Drift drift;
  cv::Mat1f truth;
};

Shifted noise_free_frames() {
  const auto painted = paint(CubeScene{});
  std::vector<cv::Mat1f> frames;
  Drift drift;
  for (int i = 0; i < 5; ++i) {
    const cv::Point2d shift(0.37 * i, -0.71 * i);
    frames.push_back(expected_frame(painted, shift));
    drift.push_back({shift, 0.01, true});
  }
  return {FramesInMemory(std::move(frames)), drift, expected_frame(painted)};
}

TEST(AverageFrames, PutsMovedFramesOnTopOfEachOther) {
  const Shifted s = noise_free_frames();
  const FrameAverage average = average_frames(s.frames, s.drift, 0, 5);
  const cv::Rect inner(8, 8, 240, 240);
  const double error = cv::norm(average.frame.pixels(inner), s.truth(inner)) / std::sqrt(inner.area());
  // Cubic interpolation of a step of 54 counts blurred by 1.67 px: a few tenths of a count at the edges.
  EXPECT_LT(error, 0.5);
  EXPECT_EQ(average.weight(128, 128), 5.0F);
}

TEST(AverageFrames, KnowsWhereAFrameHasNoData) {
  const Shifted s = noise_free_frames();
  const FrameAverage average = average_frames(s.frames, s.drift, 4, 1);
  // Frame 4 is displaced by (1.48, -2.84): the specimen's first rows are outside, its last columns too.
  EXPECT_EQ(average.weight(0, 100), 0.0F);
  // Its own rows begin at 2.84; one more rests on the rim of the interpolation.
  EXPECT_EQ(average.weight(4, 100), 1.0F);
  EXPECT_EQ(average.weight(100, 255), 0.0F);
  EXPECT_GT(average.frame.pixels(0, 100), 0.0F);
}

TEST(AverageFrames, LeavesOutUnreliableFrames) {
  const FramesInMemory frames(std::vector<cv::Mat1f>{cv::Mat1f(32, 32, 1.0F), cv::Mat1f(32, 32, 100.0F)});
  Drift drift(2);
  drift[1].reliable = false;
  EXPECT_EQ(average_frames(frames, drift, 0, 2).frame.pixels(5, 5), 1.0F);
}

TEST(AverageFrames, RefusesAWrongRange) {
  const FramesInMemory frames(std::vector<cv::Mat1f>{cv::Mat1f(32, 32, 1.0F)});
  EXPECT_THROW(average_frames(frames, Drift(1), 0, 2), Error);
  EXPECT_THROW(average_frames(frames, Drift(2), 0, 1), Error);
}

TEST(HoldAverages, StandInTheCoordinatesOfEachFrame) {
  const Shifted s = noise_free_frames();
  const cv::Rect inner(8, 8, 240, 240);
  for (const std::optional<int> window : {std::optional<int>(), std::optional<int>(1)}) {
    const HoldAverages averages(s.frames, s.drift, {0}, window);
    for (std::size_t i = 0; i < 5; ++i) {
      const Frame frame = averages.load(i);
      EXPECT_EQ(frame.index, i);
      // Two interpolations of a step of 54 counts blurred by 1.67 px.
      EXPECT_LT(cv::norm(frame.pixels(inner), s.frames.load(i).pixels(inner)) / std::sqrt(inner.area()), 0.8)
          << i;
    }
  }
}

TEST(HoldAverages, StopAtTheEndOfAHold) {
  std::vector<cv::Mat1f> frames;
  for (const float level : {1.0F, 3.0F, 10.0F, 20.0F}) frames.emplace_back(16, 16, level);
  const FramesInMemory source(frames);
  const HoldAverages whole(source, Drift(4), {0, 2}), running(source, Drift(4), {0, 2}, 5);
  for (const HoldAverages* averages : {&whole, &running}) {
    EXPECT_FLOAT_EQ(averages->load(1).pixels(8, 8), 2.0F);
    EXPECT_FLOAT_EQ(averages->load(2).pixels(8, 8), 15.0F);
  }
}

TEST(HoldAverages, SayHowMuchNoiseIsLeft) {
  const auto painted = paint(CubeScene{});
  std::vector<cv::Mat1f> frames;
  for (std::uint64_t i = 0; i < 8; ++i)
    frames.push_back(testing::detected(expected_frame(painted), Rng(i + 1)));
  const FramesInMemory source(frames);
  const HoldAverages averages(source, Drift(8), {0});
  const NoiseModel noise = averages.noise_of(3, NoiseModel{});
  const cv::Mat1d truth = expected_frame(painted);
  const cv::Mat1f residual = averages.load(3).pixels - cv::Mat1f(truth);
  double chi2 = 0;
  for (int y = 0; y < residual.rows; ++y)
    for (int x = 0; x < residual.cols; ++x)
      chi2 += std::pow(static_cast<double>(residual(y, x)), 2) / noise.variance(truth(y, x));
  // 65536 pixels: chi^2 per pixel is 1 within 4 sqrt(2 / 65536) and the skewness of counts of 6 / 8.
  EXPECT_NEAR(chi2 / static_cast<double>(residual.total()), 1.0, 0.03);
}

TEST(HoldAverages, KeepTheFramesOwnPixelsWhereNothingElseIsKnown) {
  const Shifted s = noise_free_frames();
  Drift drift = s.drift;
  drift[4].reliable = false;
  const HoldAverages averages(s.frames, drift, {0});
  EXPECT_EQ(cv::norm(averages.load(4).pixels, s.frames.load(4).pixels), 0.0);
  // Frame 3 shows rows at its top that no other reliable frame of the hold's middle has.
  EXPECT_GT(averages.load(3).pixels(0, 100), 0.0F);
}

TEST(HoldAverages, RefuseHoldsThatAreNone) {
  const FramesInMemory source(std::vector<cv::Mat1f>{cv::Mat1f(16, 16, 1.0F), cv::Mat1f(16, 16, 1.0F)});
  EXPECT_THROW(HoldAverages(source, Drift(2), {1}), Error);
  EXPECT_THROW(HoldAverages(source, Drift(2), {0, 2}), Error);
  EXPECT_THROW(HoldAverages(source, Drift(1), {0}), Error);
  EXPECT_THROW(HoldAverages(source, Drift(2), {0}, -1), Error);
}

}  // namespace
}  // namespace sinterscope
