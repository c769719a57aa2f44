// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/hold_likelihood.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "inference/simulated_holds.h"
#include "sinterscope/inference/observations.h"

namespace sinterscope {
namespace {

HoldInventory five_particles() {
  HoldInventory hold = simulated::empty_hold(4000.0);
  for (const double d : {1.6, 1.9, 2.05, 2.2, 2.6}) hold.particles.push_back({d, 0.1});
  return hold;
}

SizePrior usual_prior() { return {std::log(1.9), 0.35, 0.2, 0.35}; }

double at(const std::vector<double>& table, double c) {
  return table[static_cast<std::size_t>(std::lround((std::log(c) - log_c_at(0)) / log_c_step()))];
}

TEST(HoldTable, AgreesWithReferenceValues) {
  // Relative to the maximum, at the axis nodes nearest 1e-6 ... 0.1; the reference integrates on the same
  // kind of grid: 0.05 is its own error against a ten times finer one.
  const std::vector<double> table = hold_table(five_particles(), simulated::pdo_on_ceria(), usual_prior());
  const double top = *std::max_element(table.begin(), table.end());
  const std::pair<double, double> expected[] = {{1e-6, -40.82}, {1e-4, -20.40}, {1e-3, -9.300},
                                                {3e-3, -4.495}, {1e-2, -0.701}, {3e-2, -0.389},
                                                {1e-1, -5.021}};
  for (const auto& [c, value] : expected) EXPECT_NEAR(at(table, c) - top, value, 0.05) << c;
}

TEST(HoldTable, OfAnEmptyHoldIsCensoredAndNotZero) {
  const std::vector<double> table =
      hold_table(simulated::empty_hold(4000.0), simulated::pdo_on_ceria(), usual_prior());
  const std::pair<double, double> expected[] = {{1e-6, -3.49e-4}, {1e-4, -0.0381}, {1e-3, -0.344},
                                                {3e-3, -0.853},   {1e-2, -1.885},  {3e-2, -3.395},
                                                {1e-1, -5.799}};
  for (const auto& [c, value] : expected) EXPECT_NEAR(at(table, c) - table.front(), value, 0.05) << c;
  EXPECT_TRUE(std::is_sorted(table.rbegin(), table.rend()));  // less is always at least as likely
}

TEST(HoldTable, EmptyHoldOfKnownSizesExpectsItsMissingParticles) {
  // With sizes known (prior s.d. 1 %, spread 5 %) l = -(expected detections): the one-sided limit, a drop
  // of 1.353, is 1.353 particles of 2.05 nm over the area. 3 %: the grid of spreads cannot go below 5 %,
  // which adds 1.1 % of atoms.
  const Sample sample = simulated::pdo_on_ceria();
  const SizePrior sizes{std::log(2.05), 0.01, 0.05, 0.01};
  for (const double area : {4e3, 4e4, 4e5}) {
    const TableReading reading = read_table(hold_table(simulated::empty_hold(area), sample, sizes));
    EXPECT_NEAR(reading.upper95 / (1.353 * sample.atoms(2.05) / (area * sample.site_density_nm2)), 1.0, 0.03)
        << area;
    EXPECT_FALSE(reading.particles());
    EXPECT_EQ(reading.c_np, 0.0);
  }
}

TEST(HoldTable, CoversTheTrueInventoryOfSimulatedHolds) {
  // 2 (max - l(truth)) is near chi-square with one degree: 95 % below 3.84. Over 300 holds the binomial error
  // is 1.3 %; the size prior and small counts shift it by a few per cent more.
  const Sample sample = simulated::pdo_on_ceria();
  Rng rng(21);
  int inside = 0;
  constexpr int holds = 300;
  for (int i = 0; i < holds; ++i) {
    const double c = 0.01;
    const HoldInventory hold = simulated::hold_with(sample, c, 2e4, std::log(2.05), 0.18, rng);
    const std::vector<double> table = hold_table(hold, sample, usual_prior());
    const double top = *std::max_element(table.begin(), table.end());
    if (2.0 * (top - at(table, c)) < 3.84) ++inside;
  }
  EXPECT_GE(inside, 270);
  EXPECT_LE(inside, 299);
}

TEST(HoldTable, PutsADetectionThatLooksSpuriousDownToTheDetector) {
  HoldInventory hold = simulated::empty_hold(4e4);
  hold.limit.false_density_nm2 = 1e-4;  // four expected
  hold.particles.push_back({1.1, 0.1});
  const TableReading spurious = read_table(hold_table(hold, simulated::pdo_on_ceria(), usual_prior()));
  EXPECT_FALSE(spurious.particles());
  hold.particles[0].diameter_nm = 2.2;
  const TableReading real = read_table(hold_table(hold, simulated::pdo_on_ceria(), usual_prior()));
  EXPECT_GT(real.evidence, spurious.evidence);
}

TEST(HoldTable, IsWiderWhereTheDetectionLimitIsUncertain) {
  // Sixty particles near the limit: not knowing the limit then costs more than counting does.
  HoldInventory hold = simulated::empty_hold(4e4);
  for (int i = 0; i < 60; ++i) hold.particles.push_back({0.9 + 0.01 * i, 0.1});
  const SizePrior prior{std::log(1.1), 0.35, 0.2, 0.35};
  const auto width = [&](double se) {  // of the 95 % likelihood set of ln c
    hold.limit.d50_se_nm = se;
    const std::vector<double> table = hold_table(hold, simulated::pdo_on_ceria(), prior);
    const double top = *std::max_element(table.begin(), table.end());
    return std::count_if(table.begin(), table.end(),
                         [&](double value) { return 2.0 * (top - value) < 3.84; });
  };
  EXPECT_GT(width(0.2), width(0.0));
}

TEST(HoldTable, OfASummaryHasItsMaximumAndWidth) {
  HoldInventory hold = simulated::empty_hold(4e4);
  hold.c_np = 0.01;
  hold.c_np_se = 0.002;
  const std::vector<double> table = hold_table(hold, simulated::pdo_on_ceria(), usual_prior());
  const TableReading reading = read_table(table);
  EXPECT_NEAR(reading.c_np, 0.01, 0.0002);
  // One-sided 95 % of a count of 25 lies 1.645 s.d. up, a little more by the skew of a Poisson count.
  EXPECT_NEAR(reading.upper95, 0.01 + 1.645 * 0.002, 0.0005);
}

TEST(HoldTable, OfAnUpperLimitReadsThatLimit) {
  HoldInventory hold;
  hold.support_area_nm2 = 4e4;
  hold.c_np = 0.0;
  hold.c_np_upper95 = 3e-4;
  const std::vector<double> table = hold_table(hold, simulated::pdo_on_ceria(), usual_prior());
  // The probability to see nothing is 5 % at the limit: interpolate ln L between the axis nodes around it.
  const double u = (std::log(3e-4) - log_c_at(0)) / log_c_step();
  const auto i = static_cast<std::size_t>(u);
  const double part = u - static_cast<double>(i);
  EXPECT_NEAR(std::exp(table[i] + part * (table[i + 1] - table[i])), 0.05, 0.001);
}

TEST(QuickInventory, AgreesWithReferenceValues) {
  HoldInventory hold = five_particles();
  hold.limit.false_density_nm2 = 0.0;
  Sample sample = simulated::pdo_on_ceria();
  sample.volume_per_metal_atom_nm3 = 0.0247099;
  sample.site_density_nm2 = 6.8309;
  const QuickInventory quick = quick_inventory(hold, sample);
  EXPECT_NEAR(quick.c_np / 0.01842486886076067, 1.0,
              1e-5);  // the reference rounds the site density to five digits
  EXPECT_NEAR(quick.c_np_se * quick.c_np_se / 8.333964751853784e-05, 1.0, 2e-5);
  EXPECT_NEAR(quick.atoms_per_event / 123.59052377230915, 1.0, 1e-5);
}

TEST(QuickInventory, IsUnbiased) {
  const Sample sample = simulated::pdo_on_ceria();
  Rng rng(4);
  double sum = 0.0, pulls = 0.0;
  constexpr int holds = 400;
  for (int i = 0; i < holds; ++i) {
    const QuickInventory quick =
        quick_inventory(simulated::hold_with(sample, 0.01, 4e4, std::log(2.05), 0.18, rng), sample);
    sum += quick.c_np / holds;
    pulls += std::pow((quick.c_np - 0.01) / quick.c_np_se, 2) / holds;
  }
  EXPECT_NEAR(sum / 0.01, 1.0, 0.04);  // 23 % per hold over sqrt(400) is 1.2 %; three of them
  EXPECT_NEAR(pulls, 1.0, 0.3);
}

}  // namespace
}  // namespace sinterscope
