// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/variance_stabilisation.h"

#include <gtest/gtest.h>

#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

cv::Mat1f poisson_image(double quanta, const NoiseModel& noise, std::uint64_t seed) {
  Rng rng(seed);
  cv::Mat1f image(300, 300);
  for (float& v : image)
    v = static_cast<float>(noise.gain * static_cast<double>(rng.poisson(quanta)) + noise.offset +
                           std::sqrt(noise.read_variance) * rng.normal());
  return image;
}

// 9e4 samples know a standard deviation to 0.24 %; the transform itself is off by up to 2 % above 4 quanta.
TEST(Stabilise, MakesTheNoiseOneAtAnySignal) {
  NoiseModel noise;
  noise.gain = 2.5, noise.offset = 30.0, noise.read_variance = 4.0;
  for (const double quanta : {4.0, 8.0, 60.0, 1000.0}) {
    cv::Scalar mean, sd;
    cv::meanStdDev(stabilise(poisson_image(quanta, noise, 3), noise), mean, sd);
    EXPECT_NEAR(sd[0], 1.0, 0.03) << quanta;
  }
}

TEST(Unstabilise, ReturnsTheMeanCountsOfAPerfectDenoising) {
  NoiseModel noise;
  noise.gain = 2.5, noise.offset = 30.0, noise.read_variance = 4.0;
  for (const double quanta : {2.0, 8.0, 60.0}) {
    const cv::Mat1f stabilised = stabilise(poisson_image(quanta, noise, 4), noise);
    const cv::Mat1f denoised(1, 1, static_cast<float>(cv::mean(stabilised)[0]));
    const double counts = static_cast<double>(unstabilise(denoised, noise)(0, 0));
    // The closed form is unbiased to about 0.03 quanta; sampling adds sqrt(quanta / 9e4).
    EXPECT_NEAR((counts - noise.offset) / noise.gain, quanta, 0.03 + 4.0 * std::sqrt(quanta / 9e4)) << quanta;
  }
}

TEST(Stabilise, IsThePlainScalingWithoutCountingNoise) {
  NoiseModel noise;
  noise.gain = 0.0, noise.offset = 5.0, noise.read_variance = 4.0;
  const cv::Mat1f image(2, 2, 9.0F);
  EXPECT_FLOAT_EQ(stabilise(image, noise)(0, 0), 2.0F);
  EXPECT_FLOAT_EQ(unstabilise(stabilise(image, noise), noise)(1, 1), 9.0F);
}

TEST(AveragedNoise, HasTheVarianceOfAMean) {
  NoiseModel noise;
  noise.gain = 2.0, noise.offset = 10.0, noise.read_variance = 8.0;
  EXPECT_DOUBLE_EQ(averaged_noise(noise, 4.0).variance(50.0), noise.variance(50.0) / 4.0);
}

}  // namespace
}  // namespace sinterscope
