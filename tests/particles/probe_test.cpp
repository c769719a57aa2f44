// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/probe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "support/painted_particles.h"

using namespace sinterscope;

namespace {

/// Disks of 10 to 20 px, or so many times as large, on 60 counts behind a probe of this sigma.
SeenHold disks(double sigma, std::uint64_t seed, int side = 6, double times = 1.0) {
  Rng rng(seed);
  const int cell = 50;
  cv::Mat1d mean(side * cell, side * cell, 60.0);
  std::vector<Seed> seeds;
  for (int k = 0; k < side * side; ++k) {
    const double d = times * rng.uniform(10, 20);
    const double x = (k % side + 0.5) * cell + rng.uniform(-1, 1),
                 y = (k / side + 0.5) * cell + rng.uniform(-1, 1);
    painted::add(mean, x, y, d, sigma, painted::disk(d, 40));
    seeds.push_back({x + 0.4 * rng.normal(), y + 0.4 * rng.normal(), d * 1.1});
  }
  return {{{painted::count(mean, rng), {}}}, seeds};
}

std::optional<Probe> estimated(const std::vector<SeenHold>& holds) {
  NoiseModel noise;
  noise.gain = 1.0;
  SizeOptions options;
  options.profile = "disk";
  return estimate_probe(holds, noise, options);
}

/// What is painted into a cell.
struct Look {
  double diameter = 0.0;
  painted::Brightness brightness = {};
};

/// Particles of one diameter on 60 counts in a square grid of `side` by `side` cells, seeded 0.4 px off; in
/// the middle one may stand something else.
struct Grid {
  cv::Mat1f raw;
  std::vector<Seed> seeds;
};

Grid paint_grid(int side, int cell, const Look& usual, double sigma, std::uint64_t seed,
                const std::optional<Look>& in_the_middle = {}) {
  Rng rng(seed);
  cv::Mat1d mean(side * cell, side * cell, 60.0);
  Grid grid;
  for (int k = 0; k < side * side; ++k) {
    const Look& look = in_the_middle && k == side * (side + 1) / 2 ? *in_the_middle : usual;
    const double x = (k % side + 0.5) * cell + rng.uniform(-1, 1),
                 y = (k / side + 0.5) * cell + rng.uniform(-1, 1);
    painted::add(mean, x, y, look.diameter, sigma, look.brightness);
    grid.seeds.push_back({x + 0.4 * rng.normal(), y + 0.4 * rng.normal(), look.diameter});
  }
  grid.raw = painted::count(mean, rng);
  return grid;
}

/// What is chosen for it with its probe known.
ProfileShape chosen_for(const Grid& grid, const std::string& detector, double sigma) {
  NoiseModel noise;
  noise.gain = 1.0;
  SizeOptions options;
  options.detector = detector;
  return choose_profile({{{{grid.raw, {}}}, grid.seeds}}, noise, {sigma, 0.0}, options);
}

}  // namespace

TEST(EstimateProbe, RecoversSigmaWithinItsError) {
  std::uint64_t seed = 31;
  for (const double sigma : {1.0, 1.67, 2.5}) {
    const auto probe = estimated({disks(sigma, seed++)});
    ASSERT_TRUE(probe.has_value()) << sigma;
    EXPECT_LT(std::abs(probe->sigma_px - sigma), 3.5 * probe->sigma_se_px) << sigma;
    EXPECT_LT(probe->sigma_se_px, 0.05 * sigma);
  }
}

TEST(EstimateProbe, OfSeveralHoldsIsThatOfAllTogetherWhateverTheirSizes) {
  const double sigma = 1.67;
  const SeenHold small = disks(sigma, 34, 4, 0.7), large = disks(sigma, 35, 4, 1.3),
                 nothing{small.frames, {}};
  const auto of_small = estimated({small}), of_large = estimated({large});
  const auto of_both = estimated({small, large, nothing});
  ASSERT_TRUE(of_small && of_large && of_both);
  const double a = std::pow(of_small->sigma_se_px, -2), b = std::pow(of_large->sigma_se_px, -2);
  const double mean = (a * of_small->sigma_px + b * of_large->sigma_px) / (a + b);
  // All 32 are asked. Information adds up but for what is known of a probe beforehand, counted twice here,
  // and parabolas are laid through other points: a third of an error.
  EXPECT_NEAR(of_both->sigma_px, mean, 0.35 * of_both->sigma_se_px);
  EXPECT_NEAR(of_both->sigma_se_px * std::sqrt(a + b), 1.0, 0.2);
  EXPECT_LT(std::abs(of_both->sigma_px - sigma), 3.5 * of_both->sigma_se_px);
}

TEST(EstimateProbe, IsNotMadeNarrowByTheFreedomOfParticlesThatAreMostlyBlur) {
  // Caps of 1.41 nm behind 0.25 nm: each tells its diameter to a sixth. Fitted one by one, a hundred of them
  // put the probe a fifth to a third too narrow, ten of the errors that this states.
  Rng rng(61);
  const double sigma = 0.25 / 0.15, d = 1.41 / 0.15;
  const int side = 12, cell = 34;
  cv::Mat1d mean(side * cell, side * cell, 60.0);
  std::vector<Seed> seeds;
  for (int k = 0; k < side * side; ++k) {
    const double x = (k % side + 0.5) * cell + rng.uniform(-1, 1),
                 y = (k / side + 0.5) * cell + rng.uniform(-1, 1);
    const double own = d * std::exp(0.15 * rng.normal());
    painted::add(mean, x, y, own, sigma, painted::cap(own, 60 * 0.3 * 0.5 * own * 0.15));
    seeds.push_back({x + 0.4 * rng.normal(), y + 0.4 * rng.normal(), own});
  }
  NoiseModel noise;
  noise.gain = 1.0;
  SizeOptions options;
  options.profile = "cap";
  const auto probe = estimate_probe(painted::count(mean, rng), noise, seeds, options);
  ASSERT_TRUE(probe.has_value());
  EXPECT_LT(std::abs(probe->sigma_px - sigma), 3 * probe->sigma_se_px);
  EXPECT_GT(probe->sigma_se_px, 0.02 * sigma);
  EXPECT_LT(probe->sigma_se_px, 0.15 * sigma);
}

TEST(ChooseProfile, TakesPlatesForDisksAndHemispheresForCapsInHaadf) {
  // A cap fitted to a plate reads it 14 % too wide. 20 px, peaks of 9 and 18 counts on 60.
  const double sigma = 1.67, d = 20;
  for (const bool plates : {true, false}) {
    const Grid grid = paint_grid(6, 50, {d, plates ? painted::disk(d, 9) : painted::cap(d, 18)}, sigma, 71);
    EXPECT_EQ(chosen_for(grid, "HAADF", sigma).kind, plates ? ProfileKind::disk : ProfileKind::cap);
  }
}

TEST(ChooseProfile, TakesSpheresForCapsWhereADiskIsExpectedFirst) {
  const double sigma = 1.67, d = 20;
  EXPECT_EQ(chosen_for(paint_grid(6, 50, {d, painted::cap(d, 18)}, sigma, 72), "SE", sigma).kind,
            ProfileKind::cap);
}

TEST(ChooseProfile, IsNotOutvotedByOneThingThatFitsOneProfileByFar) {
  // Caps that are mostly blur say a little each; one plate among them says more for a disk than all of them
  // for a cap.
  const double sigma = 1.67, d = 8;
  const Grid grid = paint_grid(6, 50, {d, painted::cap(d, 14)}, sigma, 75, Look{20, painted::disk(20, 30)});
  EXPECT_EQ(chosen_for(grid, "HAADF", sigma).kind, ProfileKind::cap);
}

TEST(ChooseProfile, ReadsTheStrengthOfARimFromManyParticles) {
  // Disks of 14 px, their rims as strong as no candidate's. One rim of 0.25 for all would read the second a
  // fiftieth too wide.
  const double sigma = 1.67, d = 14;
  for (const double rim : {0.1, 0.6}) {
    const auto brightness = [=](double dx, double dy) {
      const double t = 2 * std::hypot(dx, dy) / d;
      return t < 1 ? 27 * (1 + rim * (1 - std::sqrt(1 - t * t))) : 0.0;
    };
    const ProfileShape chosen = chosen_for(paint_grid(14, 40, {d, brightness}, sigma, 73), "SE", sigma);
    EXPECT_EQ(chosen.kind, ProfileKind::rim_disk);
    // 196 particles leave 0.04; outlines held to be no circles move a rim up by as much.
    EXPECT_NEAR(chosen.rim, rim, 0.15);
  }
}

TEST(EstimateProbe, SaysNothingWhereNothingCanTell) {
  Rng rng(40);
  NoiseModel noise;
  const cv::Mat1f raw = painted::count(cv::Mat1d(60, 60, 50.0), rng);
  EXPECT_FALSE(estimate_probe(raw, noise, {{30, 30, 9}}, {}).has_value());
}
