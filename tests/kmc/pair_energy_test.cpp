// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/pair_energy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "sinterscope/core/error.h"

using namespace sinterscope;

namespace {

/// Best B + ratio U over every way to write `atoms` as layers of sizes not growing upwards.
double best_by_trial(int atoms, double ratio, int cap) {
  const auto bonds = [](int n) { return 2 * n - static_cast<int>(std::ceil(2.0 * std::sqrt(n) - 1e-9)); };
  const auto above = [&](const auto& self, int left, int largest) -> double {
    if (left == 0) return 0.0;
    double best = -1.0;
    for (int n = 1; n <= std::min(left, largest); ++n)
      best = std::max(best, bonds(n) + ratio * n + self(self, left - n, n));
    return best;
  };
  double best = -1.0;
  for (int n = 1; n <= std::min(atoms, cap); ++n)
    best = std::max(best, bonds(n) + above(above, atoms - n, n));
  return best;
}

}  // namespace

TEST(PairEnergy, OfFiftyAtomsMatchesAnnealedParticles) {
  // Bonds per atom of the best 50-atom particle found by simulated annealing for five wettings, and on the
  // plane.
  EXPECT_DOUBLE_EQ(ground_state(50, 0.5, true).bonds_per_atom, 1.70);
  EXPECT_DOUBLE_EQ(ground_state(50, 0.0, false).bonds_per_atom, 1.700);
  EXPECT_DOUBLE_EQ(ground_state(50, 0.25, false).bonds_per_atom, 1.725);
  EXPECT_DOUBLE_EQ(ground_state(50, 0.5, false).bonds_per_atom, 1.850);
  EXPECT_DOUBLE_EQ(ground_state(50, 0.75, false).bonds_per_atom, 1.980);
  EXPECT_DOUBLE_EQ(ground_state(50, 1.0, false).bonds_per_atom, 2.140);
  EXPECT_THAT(ground_state(50, 0.5, false).layers, testing::ElementsAre(25, 25));
  EXPECT_EQ(ground_state(50, 0.75, false).count, (BondCount{75, 32}));
}

TEST(PairEnergy, FindsTheBestOfAllLayeredParticles) {
  for (const double ratio : {0.0, 0.3, 0.5, 0.8, 1.0})
    for (int atoms = 1; atoms <= 30; ++atoms)
      EXPECT_NEAR(ground_state(atoms, ratio, false).bonds_per_atom * atoms,
                  best_by_trial(atoms, ratio, atoms), 1e-9)
          << atoms << " atoms, ratio " << ratio;
}

TEST(PairEnergy, CountsTheBondsOfTheParticleThatIsBuilt) {
  for (const int atoms : {2, 7, 37, 50, 321, 1000}) {
    const GroundState state = ground_state(atoms, 0.5, false);
    const HeightMap map = layered_particle(40, state.layers);
    EXPECT_EQ(count_bonds(map), state.count) << atoms << " atoms";
    EXPECT_EQ(count_atoms(map), atoms);
  }
}

TEST(PairEnergy, GivesBackTheEnthalpyThatWasAskedFor) {
  EXPECT_NEAR(pair_energy_eV(-0.16, 50, 0.5, false), 0.08649, 5e-6);
  EXPECT_NEAR(pair_energy_eV(-0.65, 50, 0.5, false), 0.35135, 5e-6);
  EXPECT_NEAR(pair_energy_eV(-0.16, 50, 0.5, true) / (8.617333262e-5 * 773.0), 1.412924, 5e-7);
}

TEST(PairEnergy, ApproachesTheBulkForLargeParticles) {
  // 2 bonds a layer atom and one stack each: 2 + ratio for an infinite particle, below it by the surface ~
  // N^(-1/3).
  const double ten = ground_state(10000, 0.5, false).bonds_per_atom,
               hundred = ground_state(100000, 0.5, false).bonds_per_atom;
  EXPECT_LT(ten, hundred);
  EXPECT_LT(hundred, 2.5);
  EXPECT_NEAR((2.5 - ten) / (2.5 - hundred), std::cbrt(10.0), 0.02);
}

TEST(PairEnergy, OfOneAtomMoreExceedsTheAverage) {
  // On the plane d(2 N - 2 sqrt N)/dN = 2 - 1/sqrt N = 1.8586 for 50; the layer edge makes steps of 1/14.
  EXPECT_NEAR(marginal_bonds(50, 0.5, true), 1.8586, 0.04);
  EXPECT_GT(marginal_bonds(50, 0.5, false), ground_state(50, 0.5, false).bonds_per_atom);
}

TEST(PairEnergy, RefusesWhatHasNoParticle) {
  EXPECT_THROW(pair_energy_eV(0.1, 50, 0.5, false), Error);
  EXPECT_THROW(pair_energy_eV(-0.1, 1, 0.5, false), Error);
  EXPECT_THROW(ground_state(0, 0.5, false), Error);
  EXPECT_THROW(ground_state(100001, 0.5, false), Error);
  EXPECT_THROW(ground_state(50, 1.5, false), Error);
}
