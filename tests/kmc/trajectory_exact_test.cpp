// SPDX-License-Identifier: GPL-3.0-or-later
// The trajectory against sums over all states of small lattices.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "kmc/enumeration.h"
#include "sinterscope/kmc/clusters.h"
#include "sinterscope/kmc/trajectory.h"

using namespace sinterscope;

namespace {

struct Exact {
  double z = 0, bonds = 0, stacked = 0, monomers = 0, largest = 0, rate = 0;
};

/// Averages over all states with their Boltzmann weights, from the height maps alone but for the rate.
Exact exact_averages(const std::vector<HeightMap>& states, double x, double y, bool flat) {
  const std::vector<double> weights = boltzmann_weights(states, x, y);
  const RateTable rates = make_rates(energies_for(x, y), test_temperature_K, count_atoms(states[0]), flat);
  Exact sum;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const BondCount count = count_bonds(states[i]);
    const std::vector<Cluster> clusters = find_clusters(states[i]);
    double rate = 0.0, single = 0.0;
    for (const Hop& hop : Trajectory(states[i], rates, Rng(1)).hops()) rate += hop.rate;
    for (const Cluster& cluster : clusters) single += cluster.atoms == 1 ? 1.0 : 0.0;
    sum.z += weights[i];
    sum.bonds += weights[i] * static_cast<double>(count.bonds);
    sum.stacked += weights[i] * static_cast<double>(count.stacked);
    sum.monomers += weights[i] * single;
    sum.largest += weights[i] * static_cast<double>(clusters.front().atoms);
    sum.rate += weights[i] * rate;
  }
  for (double* average : {&sum.bonds, &sum.stacked, &sum.monomers, &sum.largest, &sum.rate})
    *average /= sum.z;
  return sum;
}

struct ChiSquare {
  double value = 0.0;
  double degrees = 0.0;
  /// Distance from its expectation in standard deviations.
  double pull() const { return (value - degrees) / std::sqrt(2.0 * degrees); }
};

/// Visits counted at equal distances of simulated time, long against the slowest relaxation, against exact
/// shares.
ChiSquare visit_all_states(const std::vector<HeightMap>& states, double x, double y, bool flat,
                           std::size_t samples, double spacing, LatticeEnergies energies) {
  const auto index = index_of(states);
  const std::vector<double> weights = boltzmann_weights(states, x, y);
  const double z = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> visits(states.size(), 0.0);
  Trajectory trajectory(states.front(),
                        make_rates(energies, test_temperature_K, count_atoms(states[0]), flat), Rng(11));
  for (std::size_t i = 1; i <= samples; ++i) {
    trajectory.advance(UINT64_MAX, spacing * static_cast<double>(i));
    visits[index.at(trajectory.heights().height)] += 1.0;
  }
  ChiSquare chi;
  chi.degrees = static_cast<double>(states.size()) - 1.0;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const double expected = static_cast<double>(samples) * weights[i] / z;
    chi.value += (visits[i] - expected) * (visits[i] - expected) / expected;
  }
  return chi;
}

}  // namespace

TEST(TrajectoryExact, ReproducesTheKnownSumsOverStates) {
  // Independent enumerations of the same lattices; ten digits were given.
  const Exact flat = exact_averages(all_states(4, 4, true), 1.0, 0.0, true);
  EXPECT_NEAR(flat.z, 13684.32868, 1e-5);
  EXPECT_NEAR(flat.bonds, 2.41952210, 1e-8);
  EXPECT_NEAR(flat.monomers, 0.60650085, 1e-8);
  EXPECT_NEAR(flat.largest, 3.23737180, 1e-8);
  EXPECT_NEAR(flat.rate, 5.02460448, 1e-8);
  const Exact cold = exact_averages(all_states(4, 4, true), 2.0, 0.0, true);
  EXPECT_NEAR(cold.bonds, 3.10097340, 1e-8);
  EXPECT_NEAR(cold.rate, 1.45059468, 1e-8);
  const Exact free = exact_averages(all_states(4, 4, true), 0.0, 0.0, true);
  EXPECT_NEAR(free.bonds, 1.6, 1e-12);
  EXPECT_NEAR(free.rate, 12.8, 1e-12);
  const Exact three = exact_averages(all_states(4, 3, true), 1.5, 0.0, true);
  EXPECT_NEAR(three.bonds, 1.52389188, 1e-8);
  EXPECT_NEAR(three.rate, 3.47026630, 1e-8);
  const Exact two = exact_averages(all_states(5, 2, true), 1.0, 0.0, true);
  EXPECT_NEAR(two.bonds, 0.35218743, 1e-8);
  EXPECT_NEAR(two.rate, 5.95987566, 1e-8);
  const Exact stacked = exact_averages(all_states(4, 4, false), 1.0, 0.5, false);
  EXPECT_NEAR(stacked.z, 23568.59641, 1e-5);
  EXPECT_NEAR(stacked.bonds, 1.92319316, 1e-8);
  EXPECT_NEAR(stacked.stacked, 0.50325207, 1e-8);
  EXPECT_NEAR(stacked.monomers, 0.55710588, 1e-8);
  EXPECT_NEAR(stacked.largest, 3.23458557, 1e-8);
  EXPECT_NEAR(stacked.rate, 6.06563085, 1e-8);
}

// A chi-square of some thousand degrees is normal; 4 standard deviations fail once in 16,000 correct
// programs.
TEST(TrajectoryExact, VisitsEveryFlatStateWithItsBoltzmannShare) {
  const auto states = all_states(4, 4, true);
  EXPECT_LT(std::abs(visit_all_states(states, 1.0, 0.0, true, 200000, 20.0, energies_for(1.0, 0.0)).pull()),
            4.0);
}

TEST(TrajectoryExact, VisitsEveryStateOfThreeColdAtomsWithItsBoltzmannShare) {
  const auto states = all_states(4, 3, true);
  EXPECT_LT(std::abs(visit_all_states(states, 1.5, 0.0, true, 100000, 20.0, energies_for(1.5, 0.0)).pull()),
            4.0);
}

TEST(TrajectoryExact, VisitsEveryStackedStateWithItsBoltzmannShare) {
  const auto states = all_states(4, 4, false);
  EXPECT_LT(std::abs(visit_all_states(states, 1.0, 0.5, false, 400000, 16.0, energies_for(1.0, 0.5)).pull()),
            4.0);
}

TEST(TrajectoryExact, VisitsEveryStateWithAClimbBarrierToo) {
  const auto states = all_states(4, 3, false);
  LatticeEnergies energies = energies_for(1.0, 0.5);
  energies.climb_barrier_eV = boltzmann_eV_per_K * test_temperature_K;  // 1 kT: climbs are 2.7 times rarer
  EXPECT_LT(std::abs(visit_all_states(states, 1.0, 0.5, false, 100000, 32.0, energies).pull()), 4.0);
}

TEST(TrajectoryExact, VisitsEveryStateWhereNearlyAllClimbsAreRefused) {
  // A pile of two leaves in e^6.5 / 4 = 170 time units: more refusals than are waited for, so its hop is
  // drawn from the list of all hops.
  const auto states = all_states(4, 2, false);
  LatticeEnergies energies = energies_for(1.0, 0.5);
  energies.climb_barrier_eV = 6.0 * boltzmann_eV_per_K * test_temperature_K;
  EXPECT_LT(std::abs(visit_all_states(states, 1.0, 0.5, false, 10000, 1000.0, energies).pull()), 4.0);
}

TEST(TrajectoryExact, KeepsTheExactTimeScaleAndTimeAverages) {
  for (const bool flat : {true, false}) {
    const double y = flat ? 0.0 : 0.5;
    const auto states = all_states(4, 4, flat);
    const Exact exact = exact_averages(states, 1.0, y, flat);
    Trajectory trajectory(states.front(), make_rates(energies_for(1.0, y), test_temperature_K, 4, flat),
                          Rng(21));
    trajectory.advance(20000000);
    // Relaxation takes ~2 time units, so 20 M events (~4e6 units) hold ~1e6 independent values of standard
    // deviation ~1: errors of 1e-3; rates scatter by 2e-4 of their value.
    EXPECT_NEAR(static_cast<double>(trajectory.events()) / trajectory.time() / exact.rate, 1.0, 1.5e-3);
    EXPECT_NEAR(trajectory.integrals().bonds / trajectory.time(), exact.bonds, 4e-3);
    EXPECT_NEAR(trajectory.integrals().stacked / trajectory.time(), exact.stacked, 4e-3);
    EXPECT_NEAR(trajectory.integrals().monomers / trajectory.time(), exact.monomers, 4e-3);
  }
}
