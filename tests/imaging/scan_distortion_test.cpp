// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/scan_distortion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <opencv2/imgproc.hpp>

#include "sinterscope/core/units.h"
#include "support/cube_scene.h"

namespace sinterscope {
namespace {

using testing::CubeScene;
using testing::detected;
using testing::expected_frame;
using testing::paint;

constexpr int frames = 5;

/// How far the content of row y of frame k is displaced: one and a half waves down the frame.
cv::Point2d bend(int k, double y, double height) {
  const double phase = 2.0 * pi * (1.5 * y / height + k / static_cast<double>(frames));
  return {1.5 * std::sin(phase), 0.8 * std::cos(phase)};
}

/// A scene scanned five times, each time bent otherwise, with counting noise.
std::vector<cv::Mat1f> bent_series(const cv::Mat1d& scene) {
  std::vector<cv::Mat1f> series;
  for (int k = 0; k < frames; ++k) {
    cv::Mat2f read_at(scene.size());
    for (int y = 0; y < scene.rows; ++y)
      for (int x = 0; x < scene.cols; ++x) {
        const cv::Point2d by = bend(k, y, scene.rows);
        read_at(y, x) = cv::Vec2f(static_cast<float>(x - by.x), static_cast<float>(y - by.y));
      }
    cv::Mat1f bent;
    cv::remap(cv::Mat1f(scene), bent, read_at, {}, cv::INTER_LANCZOS4, cv::BORDER_REFLECT_101);
    series.push_back(detected(cv::Mat1d(bent), Rng(static_cast<std::uint64_t>(k) + 40)));
  }
  return series;
}

/// Root mean square difference from the scene, clear of the border.
double difference(const cv::Mat1f& image, const cv::Mat1d& scene) {
  const cv::Rect inside(12, 12, scene.cols - 24, scene.rows - 24);
  return cv::norm(image(inside), cv::Mat1f(scene)(inside)) / std::sqrt(inside.area());
}

TEST(ScanDistortion, StraightensASeriesThatTheScanBent) {
  CubeScene scene;
  scene.support_counts = 1000.0;
  const cv::Mat1d truth = expected_frame(paint(scene));
  const std::vector<cv::Mat1f> series = bent_series(truth);
  ScanDistortionOptions options;
  options.method = "b_spline";
  options.grid_px = 40.0;
  NoProgress progress;
  const StraightenedFrames straight(std::make_unique<FramesInMemory>(series), Drift(frames), {0}, options,
                                    progress, 1);
  cv::Mat1f bent_mean = cv::Mat1f::zeros(truth.size()), mean = bent_mean.clone();
  for (int k = 0; k < frames; ++k) {
    bent_mean += series[static_cast<std::size_t>(k)] / frames;
    mean += straight.load(static_cast<std::size_t>(k)).pixels / frames;
  }
  // Noise alone leaves the root of the mean counts over the number of frames. Displacements of sine waves of
  // 1.5 and 0.8 px are 1.2 px rms.
  const double noise = std::sqrt(cv::mean(truth)[0] / frames);
  const double before = difference(bent_mean, truth), after = difference(mean, truth);
  ASSERT_GT(before, 1.2 * noise);
  EXPECT_LT(std::sqrt(std::max(after * after - noise * noise, 0.0)),
            0.5 * std::sqrt(before * before - noise * noise));
  EXPECT_NEAR(straight.rms_px(), 1.2, 0.2);
}

TEST(ScanDistortion, LeavesAloneWhatItCannotCompareOrWouldBendTooFar) {
  CubeScene scene;
  scene.frame_px = 96;
  std::vector<cv::Mat1f> series = bent_series(expected_frame(paint(scene)));
  series.resize(2);
  NoProgress progress;
  ScanDistortionOptions options;
  const auto unchanged = [&](const Drift& drift, std::vector<std::size_t> first_of_hold) {
    const StraightenedFrames frames_of(std::make_unique<FramesInMemory>(series), drift, first_of_hold,
                                       options, progress, 1);
    return cv::norm(frames_of.load(0).pixels, series[0], cv::NORM_INF) == 0.0;
  };
  EXPECT_TRUE(unchanged(Drift(2), {0, 1}));  // alone in its hold
  Drift lost(2);
  lost[0].reliable = false;
  EXPECT_TRUE(unchanged(lost, {0}));
  options.most_px = 0.1;
  EXPECT_TRUE(unchanged(Drift(2), {0}));
}

}  // namespace
}  // namespace sinterscope
