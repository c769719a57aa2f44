// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/mass_balance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "support/particle_world.h"

namespace sinterscope {
namespace {

using test::World;
using test::WorldOptions;
using test::WorldParticle;

constexpr double pixel_nm = 0.15;

Sample palladium_oxide() {
  Sample sample;
  sample.particle_name = "PdO";
  sample.volume_per_metal_atom_nm3 = 0.0247099;
  sample.support_name = "CeO2(100)";
  sample.site_density_nm2 = 6.8309;
  return sample;
}

/// The tracks of a world of which linking made no mistake; false detections stay alone.
std::vector<Track> true_tracks(const World& world) {
  std::map<int, Track> of;
  std::vector<Track> tracks;
  for (std::size_t i = 0; i < world.particles.size(); ++i) {
    Track fresh;
    Track& track = world.identity[i] < 0 ? fresh : of[world.identity[i]];
    if (track.particles.empty()) track.first_frame = world.particles[i].frame;
    track.last_frame = world.particles[i].frame;
    track.particles.push_back(i);
    if (world.identity[i] < 0) tracks.push_back(fresh);
  }
  for (const auto& [identity, track] : of) tracks.push_back(track);
  for (std::size_t t = 0; t < tracks.size(); ++t) tracks[t].track = static_cast<int>(t);
  return tracks;
}

SupportArea whole_frame(cv::Size size) {
  return {cv::Mat1b(size, static_cast<unsigned char>(255)), static_cast<double>(size.area()), 0.0};
}

std::vector<HoldInventory> inventory_of(const World& world, const InventoryOptions& options = {},
                                        bool facetted = false) {
  const std::vector<CompletenessCurve> curves(world.history.holds.size(), world.options.curve);
  SupportArea support = whole_frame(world.options.frame_size);
  support.facetted = facetted;
  return take_inventory(world.particles, true_tracks(world), world.history, palladium_oxide(),
                        std::vector<SupportArea>{support}, curves, std::vector<Drift>{world.drift}, pixel_nm,
                        options);
}

InventoryOptions without_common_errors() {
  InventoryOptions options;
  options.common_size_error = 0.0;
  options.pixel_size_error = 0.0;
  return options;
}

/// Poisson numbers of particles of ln-normal size at random places, in one hold of eight frames.
World one_hold(double expected, double median_px, std::uint64_t seed, double size_error = 0.05) {
  const ThermalHistory history = test::holds_of({8}, {473.15});
  const Rng rng(seed);
  Rng dice = rng.stream("truth");
  std::vector<WorldParticle> truth;
  for (std::uint64_t n = dice.poisson(expected); n > 0; --n)
    truth.push_back({{dice.uniform(0.0, 511.0), dice.uniform(0.0, 511.0)},
                     std::vector<double>(8, median_px * std::exp(0.18 * dice.normal()))});
  WorldOptions options;
  options.size_error = size_error;
  options.curve = test::sharp_curve();
  options.curve.false_density_px2 = 1.0 / 512.0 / 512.0;
  return test::observe(history, truth, options, rng.stream("observe"));
}

/// Expected atoms per site of one_hold: mean cube of a ln-normal diameter, e^(3 mu + 4.5 sigma^2).
double expected_c_np(double expected, double median_px) {
  const double cube = std::pow(median_px * pixel_nm, 3) * std::exp(4.5 * 0.18 * 0.18);
  const double atoms = 0.5 * pi / 6.0 * cube / 0.0247099;
  return expected * atoms / (6.8309 * std::pow(512.0 * pixel_nm, 2));
}

struct Coverage {
  double mean_pull = 0.0, sd_pull = 0.0, covered = 0.0, below_upper = 0.0;
};

Coverage coverage(double expected, double median_px, int trials) {
  double sum = 0.0, sum2 = 0.0, pulls = 0.0, covered = 0.0, below = 0.0;
  const double truth = expected_c_np(expected, median_px);
  for (int trial = 0; trial < trials; ++trial) {
    const HoldInventory hold =
        inventory_of(one_hold(expected, median_px, static_cast<std::uint64_t>(trial) + 1),
                     without_common_errors())
            .front();
    const Interval interval = c_np_interval95(hold, palladium_oxide());
    covered += truth >= *interval.low && truth <= *interval.high ? 1.0 : 0.0;
    below += truth <= *hold.c_np_upper95 ? 1.0 : 0.0;
    if (!hold.c_np_se) continue;
    const double pull = (*hold.c_np - truth) / *hold.c_np_se;
    sum += pull;
    sum2 += pull * pull;
    pulls += 1.0;
  }
  const double mean = sum / pulls;
  return {mean, std::sqrt(sum2 / pulls - mean * mean), covered / trials, below / trials};
}

TEST(MassBalance, AtomsPerSiteHaveStandardNormalPulls) {
  const Coverage result = coverage(60.0, 13.0, 300);
  // 300 experiments: the mean of the pulls is known to 1 / sqrt(300) = 0.06, their s.d. to 0.04. An estimate
  // that is low has a small error too, which shifts the mean pull by about -1 / (2 sqrt(n)) * 1.16 = -0.15
  // for 60 particles.
  EXPECT_NEAR(result.mean_pull, -0.08, 0.25);
  EXPECT_NEAR(result.sd_pull, 1.0, 0.15);
}

TEST(MassBalance, TheIntervalOfAtomsPerSiteCoversTheTruthAsOftenAsItSays) {
  for (const double expected : {8.0, 60.0}) {
    const Coverage result = coverage(expected, 13.0, 300);
    // Binomial error of a coverage of 95 % from 300 experiments: 1.3 %.
    EXPECT_GE(result.covered, 0.93 - 0.013) << expected;
    EXPECT_LE(result.covered, 0.97 + 0.013) << expected;
    EXPECT_GE(result.below_upper, 0.93 - 0.013) << expected;
  }
}

TEST(MassBalance, ParticlesNearTheDetectionLimitAreMadeUpFor) {
  const Coverage result = coverage(80.0, 7.0, 300);  // median 7 px, d50 = 6 px: a fifth is not found
  EXPECT_NEAR(result.mean_pull, -0.08, 0.4);
}

TEST(MassBalance, AHoldInWhichNothingIsSeenHasAnUpperLimit) {
  const ThermalHistory history = test::holds_of({8, 8}, {773.15, 473.15});
  std::vector<WorldParticle> truth;
  std::vector<double> cold_only(16, 13.0);
  std::fill(cold_only.begin(), cold_only.begin() + 8, 0.0);
  for (const cv::Point2d& place : test::scattered(40, {512, 512}, 20.0, 10.0, Rng(1)))
    truth.push_back({place, cold_only});
  WorldOptions options;
  options.curve = test::sharp_curve();
  options.curve.false_density_px2 = 1.0 / 512.0 / 512.0;
  const std::vector<HoldInventory> holds = inventory_of(test::observe(history, truth, options, Rng(2)));
  ASSERT_EQ(holds.size(), 2U);
  EXPECT_TRUE(holds[0].particles.empty());
  EXPECT_EQ(holds[0].particles_per_frame, 0.0);
  EXPECT_EQ(holds[0].c_np, 0.0);
  EXPECT_FALSE(holds[0].c_np_se.has_value());
  EXPECT_FALSE(holds[0].diameter_mean_nm.has_value());
  // Three particles of the size seen in the other hold: -ln(0.05) = 2.996 of 40, whose sum is c_np of that
  // hold. The probability to count a 13 px particle is 1 to 1e-4, the mean of 40 sizes with equal truth is
  // known to 1 %.
  EXPECT_NEAR(*holds[0].c_np_upper95, 2.9957 / 40.0 * *holds[1].c_np, 0.03 * *holds[0].c_np_upper95);
  EXPECT_NEAR(*holds[1].particles_per_frame, 0.97 * 40.0, 1.5);
}

TEST(MassBalance, ASpeckThatMayBeFalseMovesNeitherMeanDiameterNorNumber) {
  const ThermalHistory history = test::holds_of({8}, {473.15});
  std::vector<WorldParticle> truth;
  for (const cv::Point2d& place : test::scattered(12, {512, 512}, 20.0, 10.0, Rng(4)))
    truth.push_back({place, std::vector<double>(8, 13.0)});
  const cv::Point2d speck(3.0, 3.0);
  WorldOptions options;
  options.curve = test::sharp_curve();
  const double d50 = options.curve.d50_px;
  options.curve.false_diameter_px = d50;
  const auto hold_with_speck = [&](double diameter_px, double false_per_block) {
    std::vector<WorldParticle> all = truth;
    all.push_back({speck, std::vector<double>(8, diameter_px)});
    options.curve.standing_frames = 8;
    options.curve.standing_false_density_px2 = false_per_block / 512.0 / 512.0;
    const World world = test::observe(history, all, options, Rng(6));
    return inventory_of(world, without_common_errors()).front();
  };
  const auto mean_px = [&](double diameter_px, double false_per_block) {
    return *hold_with_speck(diameter_px, false_per_block).diameter_mean_nm / pixel_nm;
  };
  const auto number = [&](double diameter_px, double false_per_block) {
    const HoldInventory hold = hold_with_speck(diameter_px, false_per_block);
    return *hold.number_density_nm2 * hold.support_area_nm2;
  };
  EXPECT_NEAR(mean_px(d50, 0.05), 13.0, 0.3);   // 5 % errors of 12 in 8 frames: 0.07
  EXPECT_LT(mean_px(d50, 0.0), 12.3);           // a real one counts, and for those that were missed
  EXPECT_NEAR(mean_px(11.5, 0.05), 12.9, 0.3);  // as does one that no false detection looks like
  EXPECT_NEAR(number(d50, 0.05), 12.0, 0.5);
  EXPECT_GT(number(d50, 0.0), 13.5);  // half of its kind are found: it stands for two
}

TEST(MassBalance, OnFacetsTheBorderOfTheFrameIsNeitherCountedNorArea) {
  const ThermalHistory history = test::holds_of({8}, {473.15});
  std::vector<WorldParticle> truth{{{256, 4}, std::vector<double>(8, 13.0)}};
  for (const cv::Point2d& place : test::scattered(30, {512, 512}, 20.0, 12.0, Rng(8)))
    truth.push_back({place, std::vector<double>(8, 13.0)});
  WorldOptions options;
  options.curve = test::sharp_curve();
  const World world = test::observe(history, truth, options, Rng(9));
  const HoldInventory anywhere = inventory_of(world).front(), facets = inventory_of(world, {}, true).front();
  EXPECT_EQ(anywhere.particles.size(), 31U);
  EXPECT_EQ(facets.particles.size(), 30U) << "the one whose outline the border cuts";
  // A strip of half a diameter, 6.5 px, on every side, to a whole pixel.
  EXPECT_NEAR(std::sqrt(facets.support_area_nm2 / anywhere.support_area_nm2), (512.0 - 13.0) / 512.0,
              1.1 / 512.0);
}

TEST(MassBalance, DiametersKeepTheirMeanAndLoseTheMeasurementErrorFromTheirSpread) {
  const World world = one_hold(150.0, 13.0, 3, 0.3);  // 30 % per frame: 10 % after eight frames, truth 18 %
  const HoldInventory hold = inventory_of(world, without_common_errors()).front();
  double sum = 0.0, sum2 = 0.0;
  for (const WorldParticle& particle : world.truth) {
    sum += particle.diameter_px[0] * pixel_nm;
    sum2 += std::pow(particle.diameter_px[0] * pixel_nm, 2);
  }
  const double n = static_cast<double>(world.truth.size()), mean = sum / n,
               sd = std::sqrt(sum2 / n - mean * mean);
  EXPECT_NEAR(*hold.diameter_mean_nm, mean, 3.0 * 0.106 * mean / std::sqrt(n));
  EXPECT_NEAR(*hold.diameter_sd_nm, sd, 0.2 * sd);  // sqrt(18^2 + 10.6^2) = 21 % would be 16 % too much
  EXPECT_GT(*hold.diameter_mean_se_nm, 0.0);
}

TEST(MassBalance, CommonErrorsDoNotAverageAway) {
  const World world = one_hold(150.0, 13.0, 4);
  const HoldInventory with = inventory_of(world).front(),
                      without = inventory_of(world, without_common_errors()).front();
  EXPECT_DOUBLE_EQ(*with.diameter_mean_nm, *without.diameter_mean_nm);
  EXPECT_GT(*with.diameter_mean_se_nm, 0.02 * *with.diameter_mean_nm);
  EXPECT_GT(*with.c_np_se, std::hypot(*without.c_np_se, 0.06 * *with.c_np) * 0.99);
}

TEST(MassBalance, CountsOnTheSupportThatDriftLeftInViewOnly) {
  const ThermalHistory history = test::holds_of({10}, {473.15});
  std::vector<WorldParticle> truth;
  for (const cv::Point2d& place : test::scattered(150, {512, 512}, 20.0, 10.0, Rng(5)))
    truth.push_back({place, std::vector<double>(10, 13.0)});
  WorldOptions options;
  options.curve = test::sharp_curve();
  options.drift_px = 20.0;  // 180 px in all
  const HoldInventory hold = inventory_of(test::observe(history, truth, options, Rng(6))).front();
  // Shown by at least 5 of 10 frames: columns below 512 - 4 * 20 = 432.
  const double area = 432.0 * 512.0 * pixel_nm * pixel_nm;
  EXPECT_NEAR(hold.support_area_nm2, area, 0.005 * area);
  const auto inside = std::count_if(
      truth.begin(), truth.end(), [](const WorldParticle& particle) { return particle.place_px.x < 432.0; });
  EXPECT_NEAR(static_cast<double>(hold.particles.size()), static_cast<double>(inside), 2.0);
}

TEST(MassBalance, FlagsAHoldInWhichTheParticlesStillShrink) {
  const ThermalHistory history = test::holds_of({12, 12, 3}, {673.15, 473.15, 523.15});
  std::vector<WorldParticle> truth;
  for (const cv::Point2d& place : test::scattered(60, {512, 512}, 20.0, 10.0, Rng(5))) {
    std::vector<double> diameter(27, 12.0);
    for (std::size_t frame = 0; frame < 12; ++frame)
      diameter[frame] = 18.0 - 0.5 * static_cast<double>(frame);
    truth.push_back({place, diameter});
  }
  WorldOptions options;
  options.curve = test::sharp_curve();
  const std::vector<HoldInventory> holds = inventory_of(test::observe(history, truth, options, Rng(6)));
  EXPECT_EQ(holds[0].settled, false);
  EXPECT_EQ(holds[1].settled, true);
  EXPECT_LT(holds[0].still_to_change.value(), 0.0);
  EXPECT_FALSE(holds[1].relaxation_time_s.has_value());
  EXPECT_FALSE(holds[2].settled.has_value());  // three frames do not tell
}

TEST(MassBalance, LeavesOutTheTimeInWhichAHoldSettles) {
  const ThermalHistory history = test::holds_of({12, 3}, {473.15, 523.15});
  std::vector<WorldParticle> truth;
  for (const cv::Point2d& place : test::scattered(60, {512, 512}, 20.0, 10.0, Rng(5))) {
    std::vector<double> diameter(15, 12.0);
    for (std::size_t frame = 0; frame < 4; ++frame) diameter[frame] = 18.0;
    truth.push_back({place, diameter});
  }
  WorldOptions options;
  options.curve = test::sharp_curve();
  InventoryOptions settled;
  settled.settle_s = 4.0;  // frames are 1 s apart
  const std::vector<HoldInventory> holds =
      inventory_of(test::observe(history, truth, options, Rng(6)), settled);
  EXPECT_EQ(holds[0].frames, 8);
  EXPECT_EQ(holds[0].start_s, 4.0);
  // 60 particles of 5 % in up to 8 frames, and a common error of sizing of 2 %.
  EXPECT_NEAR(holds[0].diameter_mean_nm.value(), 12.0 * pixel_nm, 0.01 * 12.0 * pixel_nm);
  settled.settle_s = 100.0;
  EXPECT_EQ(inventory_of(test::observe(history, truth, options, Rng(6)), settled)[0].frames, 1);
}

TEST(MassBalance, DoesNotDependOnTheUnitOfLengthOfThePixels) {
  // Half the pixel size and twice the pixels: the same experiment.
  const World world = one_hold(60.0, 13.0, 8);
  const HoldInventory hold = inventory_of(world).front();
  World fine = world;
  for (Particle& particle : fine.particles) {
    particle.x_specimen_px *= 2.0;
    particle.y_specimen_px *= 2.0;
    particle.diameter_px *= 2.0;
    particle.diameter_se_px *= 2.0;
    particle.position_se_px *= 2.0;
  }
  for (FrameShift& shift : fine.drift) shift.shift_px *= 2.0;
  CompletenessCurve curve = world.options.curve;
  curve.d50_px *= 2.0;
  curve.width_px *= 2.0;
  curve.false_diameter_px *= 2.0;
  curve.false_density_px2 /= 4.0;
  const HoldInventory same =
      take_inventory(fine.particles, true_tracks(world), world.history, palladium_oxide(),
                     std::vector<SupportArea>{whole_frame({1024, 1024})},
                     std::vector<CompletenessCurve>{curve}, std::vector<Drift>{fine.drift}, pixel_nm / 2.0)
          .front();
  // The border is rounded to whole pixels: an area and a count may differ by the width of one.
  EXPECT_NEAR(*same.c_np, *hold.c_np, 0.01 * *hold.c_np);
  EXPECT_NEAR(*same.c_np_se, *hold.c_np_se, 0.01 * *hold.c_np_se);
  EXPECT_NEAR(*same.d50_nm, *hold.d50_nm, 1e-9);
}

TEST(MassBalance, TheSumOfTheoryIsReproduced) {
  // THEORY 9: five particles with s = 0.1 nm on 4000 nm^2, d50 = 1 nm, w = 0.12 nm; one frame.
  const ThermalHistory history = test::holds_of({1}, {473.15});
  std::vector<Particle> particles;
  std::vector<Track> tracks;
  for (const double diameter : {1.6, 1.9, 2.05, 2.2, 2.6}) {
    Particle particle;
    particle.diameter_px = diameter;
    particle.diameter_se_px = 0.1;
    particle.position_se_px = 0.1;
    particle.x_specimen_px = particle.y_specimen_px = diameter;
    Track track;
    track.track = static_cast<int>(tracks.size());
    track.particles = {particles.size()};
    particles.push_back(particle);
    tracks.push_back(track);
  }
  CompletenessCurve curve;
  curve.d50_px = 1.0;
  curve.width_px = 0.12;
  const HoldInventory hold =
      take_inventory(particles, tracks, history, palladium_oxide(),
                     std::vector<SupportArea>{{cv::Mat1b(), 4000.0, 0.0}},
                     std::vector<CompletenessCurve>{curve}, {}, 1.0, without_common_errors())
          .front();
  EXPECT_NEAR(*hold.c_np, 0.01842486886076067, 1e-9 * 0.0184);
  EXPECT_NEAR(*hold.c_np_se, std::sqrt(8.333964751853784e-05), 1e-9 * 0.0091);
}

TEST(MassBalance, WhatLeftTheParticlesIsOnTheSupport) {
  HoldInventory cold, hot;
  cold.c_np = 0.02;
  cold.c_np_se = 0.002;
  hot.hold = 1;
  hot.c_np = 0.005;
  hot.c_np_se = 0.001;
  const std::vector<HoldInventory> holds{cold, hot};
  Sample sample = palladium_oxide();
  EXPECT_FALSE(balance_atoms(holds, sample).front().ad_atoms.has_value());
  sample.loading_per_site = 0.03;
  const std::vector<AtomBalance> balance = balance_atoms(holds, sample);
  for (const AtomBalance& one : balance) EXPECT_NEAR(one.c_np + *one.ad_atoms, 0.03, 1e-15);
  EXPECT_NEAR(balance[1].released, 0.015, 1e-15);
  EXPECT_NEAR(balance[1].released_se, std::hypot(0.002, 0.001), 1e-15);
  sample.loading_per_site = 0.01;
  EXPECT_NEAR(*balance_atoms(holds, sample).front().imbalance, 0.01, 1e-15);
  EXPECT_NEAR(*balance_atoms(holds, sample).front().imbalance_z, 5.0, 1e-12);
}

TEST(MassBalance, SaysWhatIsMissing) {
  const World world = one_hold(5.0, 13.0, 1);
  const std::vector<CompletenessCurve> curves(1, world.options.curve);
  const std::vector<SupportArea> support{whole_frame({512, 512})};
  const auto take = [&](const Sample& sample, std::span<const SupportArea> supports,
                        std::span<const CompletenessCurve> completeness, double pixel) {
    return take_inventory(world.particles, true_tracks(world), world.history, sample, supports, completeness,
                          {}, pixel);
  };
  EXPECT_THROW(take(palladium_oxide(), {}, curves, 0.15), Error);
  EXPECT_THROW(take(palladium_oxide(), support, {}, 0.15), Error);
  EXPECT_THROW(take(palladium_oxide(), support, curves, 0.0), Error);
  EXPECT_THROW(take(Sample{}, support, curves, 0.15), Error);
}

}  // namespace
}  // namespace sinterscope
