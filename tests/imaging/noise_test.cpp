// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "sinterscope/core/error.h"
#include "support/cube_scene.h"

namespace sinterscope {
namespace {

using testing::CubeScene;
using testing::detected;
using testing::expected_frame;
using testing::paint;

FramesInMemory cube_frames(const CubeScene& scene, int count, double step_px, double gain, double offset,
                           double read_sd) {
  const auto painted = paint(scene);
  std::vector<cv::Mat1f> frames;
  const Rng rng(scene.seed + 100);
  for (int i = 0; i < count; ++i)
    frames.push_back(detected(expected_frame(painted, {step_px * i, -0.6 * step_px * i}),
                              rng.stream("frame", static_cast<std::uint64_t>(i)), gain, offset, read_sd));
  return FramesInMemory(std::move(frames));
}

// 512 x 512 px in 8 frames are 2e6 pixels; their fourth differences carry 2e6 / 2.6 degrees of freedom,
// spread over a range of signal, so gain and read noise are known to about 0.5 %: 3 % is the demand and six
// of those sigmas.
TEST(EstimateNoise, RecoversGainAndReadNoiseOfDriftingTexturedFrames) {
  for (const double gain : {1.0, 3.5}) {
    CubeScene scene;
    scene.frame_px = 512;
    const NoiseModel noise = estimate_noise(cube_frames(scene, 8, 0.7, gain, 0.0, 2.0 * gain));
    EXPECT_NEAR(noise.gain / gain, 1.0, 0.03);
    EXPECT_NEAR(std::sqrt(noise.read_variance) / (2.0 * gain), 1.0, 0.03);
    EXPECT_LT(noise.gain_se / gain, 0.02);
  }
}

TEST(EstimateNoise, ReadsASingleFrameAtLowDose) {
  CubeScene scene;
  scene.frame_px = 512;
  scene.support_counts = 8.0;
  scene.vacuum_counts = 1.0;
  const NoiseModel noise = estimate_noise(cube_frames(scene, 1, 0.0, 1.0, 0.0, 1.0));
  // One frame of 2.6e5 pixels: 1.5 % by counting degrees of freedom over the range of signal.
  EXPECT_NEAR(noise.gain, 1.0, 0.06);
  EXPECT_NEAR(noise.variance(8.0), 9.0, 0.03 * 9.0);
}

TEST(EstimateNoise, SeparatesAKnownOffsetFromReadNoise) {
  CubeScene scene;
  scene.frame_px = 512;
  NoiseOptions options;
  options.offset = 100.0;
  const NoiseModel noise = estimate_noise(cube_frames(scene, 4, 0.5, 2.0, 100.0, 3.0), options);
  EXPECT_EQ(noise.offset, 100.0);
  EXPECT_NEAR(noise.gain, 2.0, 0.06);
  EXPECT_NEAR(std::sqrt(noise.read_variance), 3.0, 0.3);
}

TEST(EstimateNoise, IsNotFooledBySharpStaticTexture) {
  // Texture of single pixels looks like noise in one frame; the difference of two frames takes it out.
  CubeScene scene;
  scene.frame_px = 256;
  const auto painted = paint(scene);
  cv::Mat1d sharp = expected_frame(painted);
  Rng texture(7);
  for (double& v : sharp) v *= 1.0 + 0.3 * texture.uniform(-1.0, 1.0);
  const Rng rng(8);
  const FramesInMemory still(
      std::vector<cv::Mat1f>{detected(sharp, rng.stream("a")), detected(sharp, rng.stream("b"))});
  EXPECT_NEAR(estimate_noise(still).gain, 1.0, 0.05);
}

TEST(EstimateNoise, KeepsThePoissonModelWhereTheSignalHasNoRange) {
  CubeScene scene;
  scene.filled = true;
  scene.texture = 0.0;
  scene.particles = 0;
  const NoiseModel noise = estimate_noise(cube_frames(scene, 2, 0.0, 2.0, 0.0, 0.0));
  EXPECT_NEAR(noise.variance(120.0) / 240.0, 1.0, 0.05);
}

TEST(EstimateNoise, StaysPositiveForSmoothedCompressedAndConstantPictures) {
  CubeScene scene;
  cv::Mat1f eight_bit = detected(expected_frame(paint(scene)), Rng(5));
  cv::GaussianBlur(eight_bit, eight_bit, {}, 1.2);
  for (float& v : eight_bit) v = std::clamp(std::round(v), 20.0F, 90.0F);
  for (const cv::Mat1f& image : {eight_bit, cv::Mat1f(128, 128, 0.0F), cv::Mat1f(128, 128, 255.0F)}) {
    const NoiseModel noise = estimate_noise(FramesInMemory(std::vector<cv::Mat1f>{image}));
    for (const double mean : {0.0, 10.0, 60.0, 255.0}) EXPECT_GT(noise.variance(mean), 0.0);
    EXPECT_GE(noise.gain, 0.0);
    EXPECT_GE(noise.read_variance, 0.0);
  }
}

TEST(EstimateNoise, SeesClippingAndTellsItsShare) {
  CubeScene scene;
  cv::Mat1f image = detected(expected_frame(paint(scene)), Rng(5));
  const NoiseModel open = estimate_noise(FramesInMemory(std::vector<cv::Mat1f>{image}));
  EXPECT_EQ(open.saturation, 0.0);
  EXPECT_EQ(clipped_share(image, open), 0.0);
  image = cv::min(image, 75.0);
  const NoiseModel clipped = estimate_noise(FramesInMemory(std::vector<cv::Mat1f>{image}));
  EXPECT_EQ(clipped.saturation, 75.0);
  EXPECT_EQ(clipped_share(image, clipped),
            cv::countNonZero(image == 75.0F) / static_cast<double>(image.total()));
  EXPECT_GT(clipped_share(image, clipped), 0.01);
}

TEST(EstimateNoise, MeasuresRowNoiseAndOnlyWhereThereIsSome) {
  CubeScene scene;
  cv::Mat1f image = detected(expected_frame(paint(scene)), Rng(5));
  EXPECT_EQ(estimate_noise(FramesInMemory(std::vector<cv::Mat1f>{image})).row_noise_sd, 0.0);
  Rng rng(6);
  for (int y = 0; y < image.rows; ++y) image.row(y) += 4.0 * rng.normal();
  const NoiseModel noise = estimate_noise(FramesInMemory(std::vector<cv::Mat1f>{image}));
  // 256 rows know a standard deviation to about 7 % by their MAD; four sigma.
  EXPECT_NEAR(noise.row_noise_sd, 4.0, 4.0 * 0.28);
  // What is common to a row does not enter the pixel noise.
  EXPECT_NEAR(noise.variance(60.0), 60.0, 0.1 * 60.0);
}

/// The image with the cosine coefficients of its blocks of 8 x 8 px rounded, the finer the coarser, as a JPEG
/// file keeps them.
cv::Mat1f compressed(const cv::Mat1f& pixels) {
  cv::Mat1f result = pixels.clone(), coefficients;
  for (int y = 0; y + 8 <= pixels.rows; y += 8)
    for (int x = 0; x + 8 <= pixels.cols; x += 8) {
      cv::Mat1f block = result(cv::Rect(x, y, 8, 8));
      cv::dct(block, coefficients);
      for (int v = 0; v < 8; ++v)
        for (int u = 0; u < 8; ++u) {
          const float step = 2.0F + 1.5F * static_cast<float>(u + v);
          coefficients(v, u) = step * std::round(coefficients(v, u) / step);
        }
      cv::idct(coefficients, block);
    }
  return result;
}

TEST(EstimateNoise, TellsCountsFromSmoothedAndCompressedImages) {
  CubeScene scene;
  for (const double counts : {8.0, 60.0}) {
    scene.support_counts = counts;
    scene.vacuum_counts = 0.15 * counts;
    const cv::Mat1f image = detected(expected_frame(paint(scene)), Rng(5));
    const auto noise_of = [](const cv::Mat1f& pixels) {
      return estimate_noise(FramesInMemory(std::vector<cv::Mat1f>{pixels}));
    };
    EXPECT_TRUE(noise_of(image).explains_scatter());
    EXPECT_NEAR(noise_of(image).coarse_ratio, 1.0, 0.06);
    cv::Mat1f smoothed;
    cv::GaussianBlur(image, smoothed, {}, 0.7);
    EXPECT_FALSE(noise_of(smoothed).explains_scatter());
    EXPECT_FALSE(noise_of(compressed(image)).explains_scatter());
  }
}

TEST(EstimateNoise, ExplainsWhatIsMissing) {
  EXPECT_THROW(estimate_noise(FramesInMemory(std::vector<cv::Mat1f>{})), Error);
  EXPECT_THROW(estimate_noise(FramesInMemory(std::vector<cv::Mat1f>{cv::Mat1f(8, 8, 1.0F)})), Error);
}

TEST(VarianceMap, FollowsTheModelOnAFlatImage) {
  NoiseModel noise;
  noise.gain = 2.0, noise.offset = 10.0, noise.read_variance = 5.0;
  const cv::Mat1f map = variance_map(cv::Mat1f(32, 32, 60.0F), noise);
  EXPECT_NEAR(map(16, 16), 105.0F, 1e-3F);
}

}  // namespace
}  // namespace sinterscope
