// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/probe.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/painted_particles.h"

using namespace sinterscope;

namespace {

/// Disks of 10 to 20 px on 60 counts behind a probe of this sigma.
std::optional<Probe> estimated(double sigma, std::uint64_t seed, int side = 6) {
  Rng rng(seed);
  const int cell = 50;
  cv::Mat1d mean(side * cell, side * cell, 60.0);
  std::vector<Seed> seeds;
  for (int k = 0; k < side * side; ++k) {
    const double d = rng.uniform(10, 20);
    const double x = (k % side + 0.5) * cell + rng.uniform(-1, 1),
                 y = (k / side + 0.5) * cell + rng.uniform(-1, 1);
    painted::add(mean, x, y, d, sigma, painted::disk(d, 40));
    seeds.push_back({x + 0.4 * rng.normal(), y + 0.4 * rng.normal(), d * 1.1});
  }
  NoiseModel noise;
  noise.gain = 1.0;
  SizeOptions options;
  options.profile = "disk";
  return estimate_probe(painted::count(mean, rng), noise, seeds, options);
}

}  // namespace

TEST(EstimateProbe, RecoversSigmaWithinItsError) {
  std::uint64_t seed = 31;
  for (const double sigma : {1.0, 1.67, 2.5}) {
    const auto probe = estimated(sigma, seed++);
    ASSERT_TRUE(probe.has_value()) << sigma;
    EXPECT_LT(std::abs(probe->sigma_px - sigma), 3.5 * probe->sigma_se_px) << sigma;
    EXPECT_LT(probe->sigma_se_px, 0.05 * sigma);
  }
}

TEST(EstimateProbe, SaysNothingWhereNothingCanTell) {
  Rng rng(40);
  NoiseModel noise;
  const cv::Mat1f raw = painted::count(cv::Mat1d(60, 60, 50.0), rng);
  EXPECT_FALSE(estimate_probe(raw, noise, {{30, 30, 9}}, {}).has_value());
}
