// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/hold_sizes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sinterscope/core/error.h"
#include "support/painted_particles.h"

using namespace sinterscope;

namespace {

constexpr double probe_px = 1.67, d = 13.7;
constexpr int side = 5, cell = 50, n = side * side;

NoiseModel counting() {
  NoiseModel noise;
  noise.gain = 1.0;
  return noise;
}

SizeOptions disks() {
  SizeOptions options;
  options.profile = "disk";
  options.amplitude_prior = false;
  return options;
}

HoldFrame frames_of(const std::vector<ShiftedFrame>& frames) {
  return [&frames](std::size_t i) { return frames.at(i); };
}

struct PaintedHold {
  std::vector<ShiftedFrame> frames;
  std::vector<HoldParticle> particles;
};

/// A drifting hold of n disks; particle 0 grows by 3 % from frame to frame, particle 1 is missing in the
/// first two frames, particle 2 was overlooked in frame 1. Each frame has been measured by itself.
PaintedHold painted_hold(int frames, Rng& rng, const SizeOptions& options = disks(), double waves = 0.0) {
  std::vector<cv::Point2d> centres;
  for (int k = 0; k < n; ++k)
    centres.emplace_back((k % side + 0.5) * cell + rng.uniform(-1, 1),
                         (k / side + 0.5) * cell + rng.uniform(-1, 1));
  PaintedHold hold;
  hold.particles.resize(n);
  for (int f = 0; f < frames; ++f) {
    const cv::Point2d shift(1.3 * f, -0.8 * f);
    cv::Mat1d mean(side * cell, side * cell, 60.0);
    for (int y = 0; y < mean.rows; ++y)  // they stand still on the specimen
      for (int x = 0; x < mean.cols; ++x)
        mean(y, x) += waves * std::sin(0.22 * (x - shift.x)) * std::sin(0.2 * (y - shift.y));
    for (int k = 0; k < n; ++k) {
      if (k == 1 && f < 2) continue;
      const double own = k == 0 ? d * std::pow(1.03, f) : d;
      painted::add(mean, centres[k].x + shift.x, centres[k].y + shift.y, own, probe_px,
                   options.profile == "cap" ? painted::cap(own, 36) : painted::disk(own, 30));
    }
    hold.frames.push_back({painted::count(mean, rng), shift});
    std::vector<Seed> seeds;
    std::vector<std::size_t> whose;
    for (int k = 0; k < n; ++k) {
      if ((k == 1 && f < 2) || (k == 2 && f == 1)) continue;
      seeds.push_back({centres[k].x + shift.x + 0.3, centres[k].y + shift.y - 0.3, d});
      whose.push_back(k);
    }
    const auto measured =
        measure_particles(hold.frames.back().pixels, counting(), seeds, {probe_px, 0}, options);
    for (std::size_t i = 0; i < measured.size(); ++i) {
      Particle one = measured[i];
      one.x_specimen_px = one.x_px - shift.x;
      one.y_specimen_px = one.y_px - shift.y;
      hold.particles[whose[i]].frames.push_back(f);
      hold.particles[whose[i]].single.push_back(one);
    }
  }
  return hold;
}

}  // namespace

TEST(MeasureHold, GivesTheSquareRootOfTheFramesAndTrueErrors) {
  Rng rng(71);
  const PaintedHold hold = painted_hold(6, rng);
  HoldSizeOptions options;
  options.frames_together = 4;  // two blocks of three
  const auto sizes = measure_hold(hold.frames.size(), frames_of(hold.frames), counting(), hold.particles,
                                  {probe_px, 0}, disks(), options);
  double pull2 = 0.0, gain = 0.0;
  int count = 0;
  for (int k = 3; k < n; ++k) {
    EXPECT_EQ(sizes[k].frames, 6);
    if (!sizes[k].steady) continue;
    ++count;
    pull2 += std::pow((sizes[k].diameter_px - d) / sizes[k].diameter_se_px, 2);
    gain += hold.particles[k].single.front().diameter_se_px / sizes[k].diameter_se_px;
  }
  EXPECT_GE(count, n - 4);  // 4 sigma: none is lost by chance
  EXPECT_NEAR(pull2 / count, 1.0, 3.5 * std::sqrt(2.0 / count));
  EXPECT_NEAR(gain / count, std::sqrt(6.0), 0.1);  // single errors scatter by a few per cent about their mean
}

TEST(MeasureHold, UsesTheFramesBetweenFirstAndLastSighting) {
  Rng rng(72);
  const PaintedHold hold = painted_hold(5, rng);
  const auto sizes = measure_hold(hold.frames.size(), frames_of(hold.frames), counting(), hold.particles,
                                  {probe_px, 0}, disks(), {});
  EXPECT_EQ(sizes[1].frames, 3);  // came with the third
  EXPECT_EQ(sizes[2].frames, 5);  // overlooked in one
  EXPECT_NEAR(sizes[1].diameter_px, d, 4 * sizes[1].diameter_se_px);
  EXPECT_NEAR(sizes[2].diameter_px, d, 4 * sizes[2].diameter_se_px);
}

TEST(MeasureHold, SaysWhichParticleDidNotStandStill) {
  Rng rng(73);
  const PaintedHold hold = painted_hold(8, rng);
  const auto sizes = measure_hold(hold.frames.size(), frames_of(hold.frames), counting(), hold.particles,
                                  {probe_px, 0}, disks(), {});
  // It grew by 23 % of its diameter, ten standard errors of one frame.
  EXPECT_FALSE(sizes[0].steady);
  EXPECT_GT(sizes[0].diameter_se_px, 2 * sizes[3].diameter_se_px);
  EXPECT_EQ(std::count_if(sizes.begin(), sizes.end(), [](const HoldSize& one) { return !one.steady; }), 1);
}

TEST(MeasureHold, WhatIsSharedDoesNotAverageOut) {
  Rng rng(74);
  const PaintedHold hold = painted_hold(4, rng);
  const auto sizes = measure_hold(hold.frames.size(), frames_of(hold.frames), counting(), hold.particles,
                                  {probe_px, 0.3}, disks(), {});
  for (int k = 3; k < n; ++k) {
    EXPECT_GT(sizes[k].diameter_shared_se_px, 0.0);
    EXPECT_GE(sizes[k].diameter_se_px, sizes[k].diameter_shared_se_px);
  }
}

TEST(MeasureHold, WhatTheGroundDoesIsTheSameInEveryFrame) {
  SizeOptions caps;
  caps.profile = "cap";
  caps.amplitude_prior = false;  // learnt on the same ground, it would err for all alike
  HoldSizeOptions options;
  options.frames_together = 3;
  const auto mean_square_pull = [&](double waves, double& mean_se) {
    Rng rng(75);
    const PaintedHold hold = painted_hold(6, rng, caps, waves);
    const auto sizes = measure_hold(hold.frames.size(), frames_of(hold.frames), counting(), hold.particles,
                                    {probe_px, 0}, caps, options);
    double pull2 = 0.0;
    for (int k = 3; k < n; ++k) {
      pull2 += std::pow((sizes[k].diameter_px - d) / sizes[k].diameter_se_px, 2) / (n - 3);
      mean_se += sizes[k].diameter_se_px / (n - 3);
    }
    return pull2;
  };
  double even_se = 0.0, uneven_se = 0.0;
  EXPECT_LT(mean_square_pull(0.0, even_se), 1 + 3.5 * std::sqrt(2.0 / (n - 3)));
  EXPECT_LT(mean_square_pull(4.0, uneven_se), 1 + 3.5 * std::sqrt(2.0 / (n - 3)));
  EXPECT_GT(uneven_se, 1.5 * even_se);  // two blocks of the same ground are no better than one
}

TEST(MeasureHold, RefusesAParticleOfNoFrame) {
  const std::vector<ShiftedFrame> frames = {{cv::Mat1f(40, 40, 60.0F), {}}};
  EXPECT_THROW(
      measure_hold(frames.size(), frames_of(frames), counting(), {HoldParticle{}}, {1, 0}, disks(), {}),
      Error);
  EXPECT_THROW(measure_hold(frames.size(), frames_of(frames), counting(), {HoldParticle{{3}, {Particle{}}}},
                            {1, 0}, disks(), {}),
               Error);
  EXPECT_TRUE(measure_hold(frames.size(), frames_of(frames), counting(), {}, {1, 0}, disks(), {}).empty());
}
