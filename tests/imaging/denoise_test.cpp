// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/denoise.h"

#include <gtest/gtest.h>

#include "sinterscope/core/error.h"
#include "support/cube_scene.h"

namespace sinterscope {
namespace {

using testing::CubeScene;
using testing::detected;
using testing::expected_frame;
using testing::paint;

const std::vector<std::string> methods{"gaussian", "median", "wavelet", "non_local_means",
                                       "curvature_diffusion"};

double rms(const cv::Mat1f& a, const cv::Mat1d& b) {
  cv::Mat1d difference;
  cv::subtract(a, b, difference, {}, CV_64F);
  return cv::norm(difference) / std::sqrt(static_cast<double>(b.total()));
}

class DenoiseMethod : public ::testing::TestWithParam<std::string> {};

TEST_P(DenoiseMethod, BringsTheFrameNearerToTheTruth) {
  for (const double counts : {8.0, 60.0}) {
    CubeScene scene;
    scene.support_counts = counts;
    scene.vacuum_counts = 0.1 * counts;
    const cv::Mat1d truth = expected_frame(paint(scene));
    Frame frame;
    frame.pixels = detected(truth, Rng(9));
    DenoiseOptions options;
    options.method = GetParam();
    const Frame clean = denoise(frame, NoiseModel{}, options);
    EXPECT_LT(rms(clean.pixels, truth), 0.65 * rms(frame.pixels, truth)) << counts;
  }
}

TEST_P(DenoiseMethod, KeepsTheMeanAndItsInput) {
  Frame frame;
  frame.pixels = detected(cv::Mat1d(128, 128, 8.0), Rng(10));
  const cv::Mat1f before = frame.pixels.clone();
  DenoiseOptions options;
  options.method = GetParam();
  const Frame clean = denoise(frame, NoiseModel{}, options);
  EXPECT_EQ(cv::norm(frame.pixels, before), 0.0);
  // A median reads a skewed distribution low by a sixth of a quantum; the others are unbiased to the
  // transform's 2 %.
  EXPECT_NEAR(cv::mean(clean.pixels)[0], cv::mean(before)[0], 0.25);
}

INSTANTIATE_TEST_SUITE_P(All, DenoiseMethod, ::testing::ValuesIn(methods));

TEST(Denoise, DoesNothingWhenToldSo) {
  Frame frame;
  frame.pixels = cv::Mat1f(16, 16, 3.0F);
  DenoiseOptions options;
  options.method = "none";
  EXPECT_EQ(denoise(frame, NoiseModel{}, options).pixels.data, frame.pixels.data);
}

TEST(Denoise, NamesTheNearestMethod) {
  DenoiseOptions options;
  options.method = "wavelets";
  try {
    denoise(Frame{}, NoiseModel{}, options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("nearest: 'wavelet'"), std::string::npos) << error.what();
  }
}

TEST(Denoise, WaveletLeavesWhiteNoiseAlmostFlat) {
  // Above two noise sigmas lie 4.6 % of the coefficients, shrunk: what is left is mostly the coarse residual.
  Frame frame;
  frame.pixels = detected(cv::Mat1d(256, 256, 60.0), Rng(11));
  DenoiseOptions options;
  options.method = "wavelet";
  cv::Scalar mean, sd;
  cv::meanStdDev(denoise(frame, NoiseModel{}, options).pixels, mean, sd);
  EXPECT_LT(sd[0], 0.3 * std::sqrt(60.0));
}

TEST(DenoisedFrames, DenoisesWhatItLoads) {
  const FramesInMemory frames(std::vector<cv::Mat1f>{detected(cv::Mat1d(64, 64, 60.0), Rng(12))});
  const DenoisedFrames clean(frames, NoiseModel{});
  EXPECT_EQ(cv::norm(clean.load(0).pixels, denoise(frames.load(0), NoiseModel{}).pixels), 0.0);
  EXPECT_EQ(clean.size(), 1U);
}

}  // namespace
}  // namespace sinterscope
