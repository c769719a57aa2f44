// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/lattice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "kmc/enumeration.h"
#include "sinterscope/core/error.h"

using namespace sinterscope;

TEST(Lattice, EveryNeighbourIsMutualAcrossThePeriod) {
  const auto neighbours = periodic_neighbours(5);
  for (std::uint32_t s = 0; s < neighbours.size(); ++s)
    for (std::size_t d = 0; d < 4; ++d) EXPECT_EQ(neighbours[neighbours[s][d]][d ^ 1], s);
  EXPECT_THAT(neighbours[0], testing::ElementsAre(1u, 4u, 5u, 20u));
}

TEST(Lattice, CountsBondsAndStackedAtomsOfKnownParticles) {
  // A 5 x 5 x 2 block: 40 bonds in each layer, 25 atoms on atoms.
  EXPECT_EQ(count_bonds(layered_particle(40, {25, 25})), (BondCount{80, 25}));
  EXPECT_EQ(count_bonds(layered_particle(40, {50})), (BondCount{85, 0}));
  HeightMap tower(4);
  tower.height[5] = 3;
  EXPECT_EQ(count_bonds(tower), (BondCount{0, 2}));
}

TEST(Lattice, HasTheKnownNumberOfStatesPerBondCount) {
  // Degeneracies of 4 and 3 particles on the periodic 4 x 4 square lattice, counted independently.
  std::map<std::int64_t, int> four, three;
  for (const HeightMap& state : all_states(4, 4, true)) ++four[count_bonds(state).bonds];
  for (const HeightMap& state : all_states(4, 3, true)) ++three[count_bonds(state).bonds];
  EXPECT_THAT(four, testing::ElementsAre(testing::Pair(0, 228), testing::Pair(1, 576), testing::Pair(2, 736),
                                         testing::Pair(3, 256), testing::Pair(4, 24)));
  EXPECT_THAT(three,
              testing::ElementsAre(testing::Pair(0, 208), testing::Pair(1, 256), testing::Pair(2, 96)));
  EXPECT_EQ(all_states(4, 4, false).size(), 3876u);
}

TEST(Lattice, ScattersAGasOnDifferentSites) {
  const HeightMap gas = random_gas(20, 60, false, Rng(3));
  EXPECT_EQ(count_atoms(gas), 60);
  EXPECT_EQ(*std::max_element(gas.height.begin(), gas.height.end()), 1);
  EXPECT_NE(gas, random_gas(20, 60, false, Rng(4)));
  EXPECT_EQ(gas, random_gas(20, 60, false, Rng(3)));
  EXPECT_EQ(count_atoms(random_gas(4, 40, false, Rng(1))), 40) << "more atoms than sites are stacked";
}

TEST(Lattice, RefusesWhatDoesNotFitAndSaysWhy) {
  EXPECT_THROW(random_gas(4, 16, true, Rng(1)), Error) << "a full flat lattice cannot move";
  EXPECT_THROW(random_gas(3, 2, false, Rng(1)), Error);
  EXPECT_THROW(random_gas(2000, 2, false, Rng(1)), Error);
  EXPECT_THROW(random_gas(40, 0, false, Rng(1)), Error);
  EXPECT_THROW(layered_particle(6, {50}), Error);
  EXPECT_THROW(layered_particle(40, {4, 9}), Error);
  HeightMap map(4);
  map.height[0] = -1;
  EXPECT_THROW(validate(map, false), Error);
  map.height[0] = 2;
  EXPECT_NO_THROW(validate(map, false));
  EXPECT_THROW(validate(map, true), Error);
  map.height.pop_back();
  EXPECT_THROW(validate(map, false), Error);
}
