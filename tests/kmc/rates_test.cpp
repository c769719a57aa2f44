// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/rates.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kmc/enumeration.h"
#include "sinterscope/core/error.h"
#include "sinterscope/kmc/trajectory.h"

using namespace sinterscope;

namespace {

/// Largest |pi_i k_ij - pi_j k_ji| / (pi_i k_ij) over every hop between every pair of states; a hop without a
/// reverse counts as 1.
double worst_imbalance(int side, int atoms, bool flat, double x, double y, double climb) {
  const std::vector<HeightMap> states = all_states(side, atoms, flat);
  const auto index = index_of(states);
  const std::vector<double> weights = boltzmann_weights(states, x, y);
  LatticeEnergies energies = energies_for(x, y);
  energies.climb_barrier_eV = climb * boltzmann_eV_per_K * test_temperature_K;
  const RateTable rates = make_rates(energies, test_temperature_K, atoms, flat);
  std::map<std::pair<std::size_t, std::size_t>, double> flow;
  for (std::size_t i = 0; i < states.size(); ++i)
    for (const Hop& hop : Trajectory(states[i], rates, Rng(1)).hops()) {
      HeightMap after = states[i];
      --after.height[hop.from], ++after.height[hop.to];
      flow[{i, index.at(after.height)}] += weights[i] * hop.rate;
    }
  double worst = flow.empty() ? 1.0 : 0.0;
  for (const auto& [pair, forward] : flow) {
    const auto back = flow.find({pair.second, pair.first});
    const double difference = back == flow.end() ? 1.0 : std::abs(forward - back->second) / forward;
    worst = std::max(worst, difference);
  }
  return worst;
}

}  // namespace

// Rates are rounded to 2^-55 of the fastest; the slowest here is e^-7.5, so relative 1e-13 is what rounding
// leaves.
TEST(Rates, ObeyDetailedBalanceBetweenEveryPairOfFlatStates) {
  EXPECT_LT(worst_imbalance(4, 4, true, 1.0, 0.0, 0.0), 1e-12);
}
TEST(Rates, ObeyDetailedBalanceBetweenEveryPairOfStackedStates) {
  EXPECT_LT(worst_imbalance(4, 4, false, 1.5, 0.75, 0.0), 1e-12);
}
TEST(Rates, KeepDetailedBalanceWithAClimbBarrier) {
  EXPECT_LT(worst_imbalance(4, 4, false, 1.0, 0.5, 2.0), 1e-12);
}

TEST(Rates, FallByOneBoltzmannFactorPerBond) {
  const RateTable rates = make_rates(energies_for(2.0, 1.0), test_temperature_K, 50, false);
  const auto rate = [&](int n, bool stacked) {
    return static_cast<double>(rates.weight[class_of(n, stacked)]) * rates.rate_unit;
  };
  EXPECT_DOUBLE_EQ(rate(0, false), 4.0) << "a free ad-atom: once per time unit in each direction";
  for (int n = 1; n <= 4; ++n) EXPECT_NEAR(rate(n, false) / rate(n - 1, false), std::exp(-2.0), 1e-9);
  EXPECT_NEAR(rate(2, true) / rate(2, false), std::exp(-1.0), 1e-9);
}

TEST(Rates, CarryTheClockOfFrequencyAndBarrier) {
  LatticeEnergies energies = energies_for(2.0, 1.0);
  energies.attempt_frequency_Hz = 1e13;
  energies.diffusion_barrier_eV = 0.7;
  const RateTable rates = make_rates(energies, 600.0, 50, false);
  // 1e13 exp(-0.7 / (8.617e-5 * 600)) = 1.32e7 per direction; by hand.
  EXPECT_NEAR(static_cast<double>(rates.weight[0]) * rates.rate_unit / 4.0, 1.316e7, 0.005e7);
}

TEST(Rates, TellHowFarTheSlowestIsRounded) {
  // Slowest: exp(-4 * 5.7 - 2.8) = 2^-37 of the fastest. With 50 atoms steps are 2^-54, with 100,000 they are
  // 2^-43: half a step is 2^-18 and 2^-7 of it.
  EXPECT_LT(make_rates(energies_for(5.7, 2.8), test_temperature_K, 50, false).rounding_error, 1e-5);
  EXPECT_LT(make_rates(energies_for(5.7, 2.8), test_temperature_K, 100000, false).rounding_error, 1e-2);
  EXPECT_EQ(make_rates(energies_for(40.0, 20.0), test_temperature_K, 50, false).rounding_error, 1.0);
}

TEST(Rates, RefuseWhatIsNoLattice) {
  const LatticeEnergies good = energies_for(1.0, 0.5);
  EXPECT_THROW(make_rates(good, 0.0, 50, false), Error);
  LatticeEnergies bad = good;
  bad.pair_eV = -0.1;
  EXPECT_THROW(make_rates(bad, 500.0, 50, false), Error);
  bad = good;
  bad.attempt_frequency_Hz = 0.0;
  EXPECT_THROW(make_rates(bad, 500.0, 50, false), Error);
}
