// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/locality.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "sinterscope/core/error.h"
#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

constexpr double pixel_nm = 0.25;
constexpr int side_px = 200;  // 50 nm

/// Two holds of one region; large particles in both, small ones in the second only.
struct Experiment {
  ThermalHistory history = make_thermal_history({{"1", 2, 0.0, 1.0, 673.15}, {"1", 2, 100.0, 1.0, 473.15}});
  Sample sample;
  std::vector<SupportArea> supports;
  std::vector<Track> tracks;
  std::vector<HoldInventory> inventories{2};

  Experiment() {
    sample.volume_per_metal_atom_nm3 = 0.0247099;
    sample.site_density_nm2 = 6.8309;
    supports.push_back(
        {cv::Mat1b(side_px, side_px, static_cast<unsigned char>(255)), side_px * side_px, 0.0});
    for (std::size_t h = 0; h < 2; ++h) {
      inventories[h].hold = static_cast<int>(h);
      inventories[h].support_area_nm2 = side_px * side_px * pixel_nm * pixel_nm;
    }
  }
  void add(double x_nm, double y_nm, double diameter_nm, bool large) {
    Track track;
    track.track = static_cast<int>(tracks.size());
    track.first_frame = large ? 0 : 2;
    track.last_frame = 3;
    tracks.push_back(track);
    for (std::size_t h = large ? 0 : 1; h < 2; ++h)
      inventories[h].particles.push_back({diameter_nm, 0.05, track.track, x_nm, y_nm});
  }
  Locality find(const LocalityOptions& options = {}) const {
    return find_locality(inventories, tracks, history, sample, supports, {}, pixel_nm, options, Rng(1));
  }
};

TEST(Locality, CatchmentsShareOutTheWholeSupport) {
  Experiment experiment;
  Rng rng(3);
  for (int i = 0; i < 12; ++i) {
    const double x = rng.uniform(1.0, 48.0), y = rng.uniform(1.0, 48.0);
    experiment.add(x, y, i < 3 ? 6.0 + 0.2 * i : 1.5 + 0.02 * i, i < 3);
  }
  const HoldLocality hold = experiment.find().holds[1];
  const double area =
      std::accumulate(hold.particles.begin(), hold.particles.end(), 0.0,
                      [](double sum, const LocalParticle& one) { return sum + one.cell_area_nm2; });
  EXPECT_NEAR(area, 2500.0, 1e-9);
  // Atoms over sites, cell by cell, add up to what the hold carries.
  double atoms = 0.0;
  for (const LocalParticle& one : hold.particles) atoms += one.c_cell * one.cell_area_nm2;
  EXPECT_NEAR(atoms / 2500.0, hold.c_np_large + hold.c_np_small, 1e-12);
}

TEST(Locality, HalfTheFieldEachForTwoParticlesOnEitherSide) {
  Experiment experiment;
  experiment.add(12.5, 25.0, 4.0, true);
  experiment.add(37.25, 25.0, 2.0, false);
  const HoldLocality hold = experiment.find().holds[1];
  // Their bisector lies at 24.875 nm, a column of pixels is 12.5 nm^2.
  EXPECT_NEAR(hold.particles[0].cell_area_nm2, 1250.0, 12.5);
  EXPECT_TRUE(hold.particles[0].cell_cut);
  EXPECT_FALSE(hold.particles[0].returned);
  EXPECT_TRUE(hold.particles[1].returned);
  // Eight times the atoms on the same area.
  EXPECT_NEAR(hold.particles[0].c_cell / hold.particles[1].c_cell, 8.0, 0.25);
}

TEST(Locality, AMapKeepsTheMeanWhereAKernelIsAsWideAsTheField) {
  Experiment experiment;
  experiment.add(25.0, 25.0, 4.0, true);
  LocalityOptions options;
  options.kernel_nm = 200.0;
  const Locality locality = experiment.find(options);
  const double mean = experiment.sample.atoms(4.0) / (2500.0 * experiment.sample.site_density_nm2);
  // exp(-x^2 / 2 r^2) varies by less than 2 % over the field.
  EXPECT_NEAR(locality.holds[0].map(3, 190), mean, 0.02 * mean);
  EXPECT_NEAR(locality.holds[0].particles[0].c_kernel, mean, 0.02 * mean);
}

TEST(Locality, PartsTwoGroupsOfSizesAndLeavesOneWhole) {
  Rng rng(5);
  std::vector<double> one, two;
  for (int i = 0; i < 60; ++i) {
    one.push_back(2.0 * std::exp(0.25 * rng.normal()));
    two.push_back((i < 6 ? 7.0 : 1.8) * std::exp(0.15 * rng.normal()));
  }
  EXPECT_FALSE(size_boundary_nm(one).has_value());
  const auto boundary = size_boundary_nm(two);
  ASSERT_TRUE(boundary.has_value());
  EXPECT_GT(*boundary, 1.8 * std::exp(0.15 * 3.0));
  EXPECT_LT(*boundary, 7.0 * std::exp(-0.15 * 3.0));
}

TEST(Locality, TestsAvoidanceOfTheLargeByTheReturned) {
  Experiment experiment;
  experiment.add(10.0, 10.0, 6.0, true);
  experiment.add(12.0, 18.0, 6.3, true);
  for (int i = 0; i < 6; ++i) experiment.add(38.0 + i, 30.0 + 2.5 * i, 1.8 + 0.02 * i, false);
  LocalityOptions options;
  options.range_nm = 5.0;
  const Locality locality = experiment.find(options);
  ASSERT_TRUE(locality.avoidance.has_value());
  EXPECT_EQ(locality.avoidance->large, 2);
  EXPECT_EQ(locality.avoidance->returned, 6);
  EXPECT_LT(locality.avoidance->excess, -0.8);  // most stand more than three ranges away
}

TEST(Locality, NamesAParticleWithoutTrack) {
  Experiment experiment;
  experiment.add(10.0, 10.0, 6.0, true);
  experiment.inventories[1].particles[0].track = -1;
  EXPECT_THROW(experiment.find(), Error);
}

}  // namespace
}  // namespace sinterscope
