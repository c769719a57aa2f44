// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/split.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/painted_particles.h"

using namespace sinterscope;

namespace {

constexpr double probe_px = 1.67;
constexpr int cell = 64, side = 4;

SizeOptions disks() {
  SizeOptions options;
  options.profile = "disk";
  return options;
}

/// side x side places; `paint` adds what stands at one of them.
template <typename Paint>
cv::Mat1f scene(Rng& rng, const Paint& paint) {
  cv::Mat1d mean(side * cell, side * cell, 60.0);
  for (int k = 0; k < side * side; ++k)
    paint(mean, (k % side + 0.5) * cell + rng.uniform(-1, 1), (k / side + 0.5) * cell + rng.uniform(-1, 1));
  return painted::count(mean, rng);
}

std::vector<Seed> one_a_cell(double diameter) {
  std::vector<Seed> seeds;
  for (int k = 0; k < side * side; ++k)
    seeds.push_back({(k % side + 0.5) * cell, (k / side + 0.5) * cell, diameter});
  return seeds;
}

}  // namespace

TEST(SplitSeeds, TellsTouchingParticlesApart) {
  Rng rng(51);
  const double d = 13.7;  // 2.05 nm at 0.15 nm/px
  const cv::Mat1f raw = scene(rng, [&](cv::Mat1d& mean, double x, double y) {
    const double angle = rng.uniform(0, 3.14);
    for (const double way : {-0.5, 0.5})
      painted::add(mean, x + way * d * std::cos(angle), y + way * d * std::sin(angle), d, probe_px,
                   painted::disk(d, 30), 4);
  });
  const auto seeds =
      split_seeds({{raw, {}}}, NoiseModel(), one_a_cell(1.6 * d), {probe_px, 0}, disks()).seeds;
  EXPECT_GE(seeds.size(), static_cast<std::size_t>(2 * side * side - 1));  // 90 % of 16 pairs is 14.4
  double mean = 0;
  for (const SizedFit& fit : fit_particles({{raw, {}}}, NoiseModel(), seeds, {probe_px, 0}, disks()))
    mean += fit.diameter_px / static_cast<double>(seeds.size());
  EXPECT_NEAR(mean, d, 0.04 * d);
}

TEST(SplitSeeds, LeavesSingleParticlesWhole) {
  Rng rng(52);
  const double d = 13.7;
  for (const double ratio : {1.0, 1.1, 1.4}) {
    const cv::Mat1f raw = scene(rng, [&](cv::Mat1d& mean, double x, double y) {
      painted::add(mean, x, y, d, probe_px, painted::disk(d, 30, ratio, rng.uniform(0, 3.14)), 4);
    });
    const auto seeds = split_seeds({{raw, {}}}, NoiseModel(), one_a_cell(d), {probe_px, 0}, disks()).seeds;
    EXPECT_LE(seeds.size(), static_cast<std::size_t>(side * side + (ratio > 1.3 ? 1 : 0)))
        << "axis ratio " << ratio;
  }
}

TEST(SplitSeeds, DoesNothingWhenTurnedOff) {
  SplitOptions off;
  off.enabled = false;
  const auto seeds =
      split_seeds({{cv::Mat1f(64, 64, 60.0F), {}}}, NoiseModel(), one_a_cell(9), {probe_px, 0}, disks(), off)
          .seeds;
  EXPECT_EQ(seeds.size(), one_a_cell(9).size());
}
