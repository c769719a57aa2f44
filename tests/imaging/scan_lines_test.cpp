// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/scan_lines.h"

#include <gtest/gtest.h>

#include "sinterscope/imaging/noise.h"
#include "support/cube_scene.h"

namespace sinterscope {
namespace {

using testing::CubeScene;
using testing::detected;
using testing::expected_frame;
using testing::expected_with_jitter;
using testing::paint;

double rms(const cv::Mat1f& a, const cv::Mat1d& b) {
  cv::Mat1d difference;
  cv::subtract(a, b, difference, {}, CV_64F);
  return cv::norm(difference) / std::sqrt(static_cast<double>(b.total()));
}

std::vector<double> random_shifts(int rows, double sd) {
  Rng rng(21);
  std::vector<double> shifts;
  for (int y = 0; y < rows; ++y) shifts.push_back(sd * rng.normal());
  return shifts;
}

TEST(RowJitter, IsMeasuredRowByRow) {
  const CubeScene scene;
  const auto painted = paint(scene);
  const std::vector<double> truth = random_shifts(scene.frame_px, 0.6);
  const RowJitter jitter =
      measure_row_jitter(detected(expected_with_jitter(painted, truth), Rng(22)), NoiseModel{});
  // A standard deviation from 256 rows by MAD: 7 %; rows are measured against displaced neighbours, which
  // adds to it.
  EXPECT_NEAR(jitter.sd_px, 0.6, 0.2);
  double error = 0, power = 0;
  for (std::size_t y = 8; y + 8 < truth.size(); ++y) {
    error += std::pow(jitter.shift_px[y] - truth[y], 2);
    power += truth[y] * truth[y];
  }
  // Shifts that several rows have in common cannot be told from the specimen (a fifth of the power at this
  // window).
  EXPECT_LT(error / power, 0.4);
}

TEST(RowJitter, IsUndone) {
  const CubeScene scene;
  const auto painted = paint(scene);
  const cv::Mat1d truth = expected_frame(painted),
                  jittered = expected_with_jitter(painted, random_shifts(scene.frame_px, 0.8));
  Frame frame;
  frame.pixels = jittered;  // free of noise: what remains is jitter only
  const RowJitter jitter = measure_row_jitter(detected(jittered, Rng(23)), NoiseModel{});
  EXPECT_LT(rms(correct_row_jitter(frame, jitter).pixels, truth), 0.7 * rms(frame.pixels, truth));
}

TEST(RowJitter, IsNotSeenWhereThereIsNone) {
  for (const double counts : {8.0, 60.0}) {
    CubeScene scene;
    scene.support_counts = counts;
    scene.vacuum_counts = 0.1 * counts;
    Frame frame;
    frame.pixels = detected(expected_frame(paint(scene)), Rng(24));
    const RowJitter jitter = measure_row_jitter(frame.pixels, NoiseModel{});
    EXPECT_EQ(jitter.sd_px, 0.0) << counts;
    EXPECT_EQ(correct_row_jitter(frame, jitter).pixels.data, frame.pixels.data);
  }
}

TEST(RemoveRowNoise, TakesTheRowsShiftsOut) {
  const CubeScene scene;
  const cv::Mat1d truth = expected_frame(paint(scene));
  cv::Mat1d striped = truth.clone();
  Rng rng(25);
  for (int y = 0; y < striped.rows; ++y) striped.row(y) += 5.0 * rng.normal();
  Frame frame;
  frame.pixels = detected(truth, Rng(26));
  frame.pixels += striped - truth;
  const NoiseModel noise = estimate_noise(FramesInMemory(std::vector<cv::Mat1f>{frame.pixels}));
  ASSERT_GT(noise.row_noise_sd, 0.0);
  const cv::Mat1f before = frame.pixels.clone();
  const cv::Mat1f clean = remove_row_noise(frame, measure_row_noise(frame.pixels, noise)).pixels;
  EXPECT_EQ(cv::norm(before, frame.pixels), 0.0);
  // Row means against those of the truth: of 5 counts at most a third is left, mostly slow changes along y.
  cv::Mat1d left, all;
  cv::reduce(clean - cv::Mat1f(truth), left, 1, cv::REDUCE_AVG, CV_64F);
  cv::reduce(before - cv::Mat1f(truth), all, 1, cv::REDUCE_AVG, CV_64F);
  EXPECT_LT(cv::norm(left), 0.33 * cv::norm(all));

  // What is kept of a frame's rows gives the same frame whenever it is loaded.
  const FramesInMemory source(std::vector<cv::Mat1f>{frame.pixels});
  const ScanLineFrames frames(source, noise);
  ASSERT_TRUE(frames.report().row_noise_removed);
  const cv::Mat1f first = frames.load(0).pixels;
  EXPECT_EQ(cv::norm(first, frames.load(0).pixels), 0.0);
  EXPECT_LT(cv::norm(first, clean, cv::NORM_INF), 0.01 * noise.row_noise_sd);
}

TEST(ScanLineFrames, LeavesGoodFramesAlone) {
  const cv::Mat1f image = detected(expected_frame(paint(CubeScene{})), Rng(27));
  const FramesInMemory source(std::vector<cv::Mat1f>{image});
  const ScanLineFrames frames(source, estimate_noise(source));
  EXPECT_EQ(cv::norm(frames.load(0).pixels, image), 0.0);
}

TEST(ScanLineFrames, SetDisplacedRowsRightAndSaySo) {
  CubeScene scene;
  const auto painted = paint(scene);
  std::vector<double> shift(static_cast<std::size_t>(scene.frame_px));
  Rng rng(31);
  for (double& s : shift) s = 0.6 * rng.normal();
  const cv::Mat1f truth = expected_frame(painted);
  const cv::Mat1f image = detected(testing::expected_with_jitter(painted, shift), Rng(32));
  const FramesInMemory source(std::vector<cv::Mat1f>{image});
  const NoiseModel noise = estimate_noise(source);
  const ScanLineFrames frames(source, noise);
  EXPECT_TRUE(frames.report().jitter_corrected);
  EXPECT_NEAR(frames.report().jitter_sd_px, 0.6, 0.15);
  EXPECT_LT(cv::norm(frames.load(0).pixels, truth), cv::norm(image, truth));
  ScanLineOptions untouched;
  untouched.row_jitter = untouched.row_noise = false;
  EXPECT_EQ(cv::norm(ScanLineFrames(source, noise, untouched).load(0).pixels, image), 0.0);
}

}  // namespace
}  // namespace sinterscope
