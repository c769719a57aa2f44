// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/fast_random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

using namespace sinterscope;

TEST(FastRandom, FollowsThePublishedSequence) {
  // First outputs of the authors' reference implementation from the state 1, 2, 3, 4.
  auto random = std::bit_cast<FastRandom>(std::array<std::uint64_t, 4>{1, 2, 3, 4});
  EXPECT_EQ(random.next(), 41943041u);
  EXPECT_EQ(random.next(), 58720359u);
  EXPECT_EQ(random.next(), 3588806011781223u);
  EXPECT_EQ(random.next(), 3591011842654386u);
}

TEST(FastRandom, DrawsExponentialsOfMeanOne) {
  const ExponentialSampler exponential;
  FastRandom random(Rng(5));
  const std::size_t n = 2000000;
  std::vector<double> draws(n);
  for (double& draw : draws) draw = exponential(random);
  std::sort(draws.begin(), draws.end());
  double distance = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double expected = -std::expm1(-draws[i]);
    distance = std::max(
        {distance, expected - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - expected});
  }
  // Kolmogorov and Smirnov: sqrt(n) D exceeds 1.63 in 1 % of all series.
  EXPECT_LT(distance * std::sqrt(static_cast<double>(n)), 1.63);
  EXPECT_GT(draws.back(), 10.0) << "the tail beyond the last layer (7.7) is reached";
}

TEST(FastRandom, HasTheTailOfAnExponential) {
  const ExponentialSampler exponential;
  FastRandom random(Rng(6));
  const int n = 20000000;
  int beyond = 0;
  for (int i = 0; i < n; ++i) beyond += exponential(random) > 9.0 ? 1 : 0;
  const double expected = n * std::exp(-9.0);  // 2468
  EXPECT_NEAR(beyond, expected, 4.0 * std::sqrt(expected));
}
