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

TEST(RunningAverage, StandsInTheCoordinatesOfItsFrame) {
  const Shifted s = noise_free_frames();
  const RunningAverage running(s.frames, s.drift, 1);
  const Frame frame = running.load(3);
  EXPECT_EQ(frame.index, 3U);
  const cv::Rect inner(8, 8, 240, 240);
  EXPECT_LT(cv::norm(frame.pixels(inner), s.frames.load(3).pixels(inner)) / std::sqrt(inner.area()), 0.5);
}

}  // namespace
}  // namespace sinterscope
