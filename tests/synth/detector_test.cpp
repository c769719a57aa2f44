// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/detector.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sinterscope {
namespace {

DetectorSettings without_rows() {
  DetectorSettings detector;
  detector.row_noise = 0.0;
  return detector;
}

struct Statistics {
  double mean = 0.0, variance = 0.0;
};

Statistics statistics_of(const cv::Mat1f& image) {
  cv::Scalar mean, sd;
  cv::meanStdDev(image, mean, sd);
  return {mean[0], sd[0] * sd[0]};
}

// n = 250,000 pixels: s.d. of the mean is sqrt(var/n), of the variance about var * sqrt((2 + 1/quanta)/n); 5
// s.d.
TEST(Detector, GivesTheMeanAndVarianceOfItsNoiseModel) {
  for (const double quanta : {0.5, 8.0, 60.0, 400.0}) {
    const DetectorSettings detector = without_rows();
    const Statistics seen =
        statistics_of(detect(cv::Mat1f(500, 500, static_cast<float>(quanta)), detector, Rng(3)));
    const double mean = detector.offset + detector.gain * quanta;
    const double variance =
        detector.gain * detector.gain * quanta + detector.read_noise * detector.read_noise + 1.0 / 12.0;
    EXPECT_NEAR(seen.mean, mean, 5.0 * std::sqrt(variance / 250000.0)) << quanta;
    EXPECT_NEAR(seen.variance / variance, 1.0, 5.0 * std::sqrt((2.0 + 1.0 / quanta) / 250000.0)) << quanta;
  }
}

TEST(Detector, ShiftsWholeRowsByTheRowNoise) {
  DetectorSettings detector;
  detector.row_noise = 40.0;
  const cv::Mat1f image = detect(cv::Mat1f(400, 500, 60.0F), detector, Rng(4));
  cv::Mat1f rows;
  cv::reduce(image, rows, 1, cv::REDUCE_AVG);
  const double expected = 40.0 * 40.0 + (20.0 * 20.0 * 60.0 + 64.0) / 500.0;
  EXPECT_NEAR(statistics_of(rows).variance / expected, 1.0, 5.0 * std::sqrt(2.0 / 400.0));
}

TEST(Detector, WritesWholeNumbersAndClipsAtItsDepth) {
  DetectorSettings detector;
  detector.bits = 8;
  detector.offset = 0.0;
  const cv::Mat1f image = detect(cv::Mat1f(64, 64, 12.0F), detector, Rng(5));
  double low = 0.0, high = 0.0;
  cv::minMaxLoc(image, &low, &high);
  EXPECT_GE(low, 0.0);
  EXPECT_EQ(high, 255.0);
  for (int row = 0; row < 64; ++row)
    for (int column = 0; column < 64; ++column) EXPECT_EQ(image(row, column), std::round(image(row, column)));
}

TEST(Detector, LeavesTheExpectedImageUntouched) {
  const cv::Mat1f quanta(8, 8, 60.0F);
  detect(quanta, DetectorSettings(), Rng(6));
  EXPECT_EQ(quanta(3, 3), 60.0F);
}

TEST(RowJitter, SwingsWithTheMainsHum) {
  DetectorSettings detector;
  detector.row_jitter_px = 0.0;
  detector.hum_px = 2.0;
  detector.hum_period_rows = 40.0;
  const auto jitter = row_jitter(400, detector, Rng(8));
  for (std::size_t row = 0; row + 20 < jitter.size(); ++row)
    EXPECT_NEAR(jitter[row], -jitter[row + 20], 1e-9);  // half a period later
  double squares = 0.0;
  for (const double shift : jitter) squares += shift * shift / 400.0;
  EXPECT_NEAR(squares, 2.0, 1e-9);  // amplitude^2 / 2 over whole periods
}

TEST(RowJitter, HasTheStatedSpread) {
  DetectorSettings detector;
  detector.row_jitter_px = 0.3;
  const auto jitter = row_jitter(4000, detector, Rng(7));
  double squares = 0.0;
  for (const double shift : jitter) squares += shift * shift / 4000.0;
  EXPECT_NEAR(squares / 0.09, 1.0, 5.0 * std::sqrt(2.0 / 4000.0));
}

}  // namespace
}  // namespace sinterscope
