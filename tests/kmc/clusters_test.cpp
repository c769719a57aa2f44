// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/clusters.h"

#include <gtest/gtest.h>

#include "sinterscope/kmc/pair_energy.h"

using namespace sinterscope;

TEST(Clusters, AreConnectedPatchesWithAllTheirAtoms) {
  HeightMap map(6);
  const auto at = [&](int x, int y) -> std::int32_t& {
    return map.height[static_cast<std::size_t>(y * 6 + x)];
  };
  at(0, 0) = 2, at(5, 0) = 1, at(0, 5) = 3;  // one patch across both edges
  at(2, 2) = 1, at(3, 3) = 1;                // corners do not touch
  const std::vector<Cluster> clusters = find_clusters(map);
  ASSERT_EQ(clusters.size(), 3u);
  EXPECT_EQ(clusters[0].atoms, 6);
  EXPECT_EQ(clusters[0].columns, 3);
  EXPECT_EQ(clusters[0].count, (BondCount{3, 3}));  // min(2,1) + min(2,3); 1 + 0 + 2 on top
  EXPECT_EQ(clusters[1].atoms, 1);
  EXPECT_EQ(clusters[2].count, (BondCount{0, 0}));
}

TEST(Clusters, SharesOutAllAtomsAndAllBondsOfAMovingLattice) {
  LatticeEnergies energies;
  energies.pair_eV = 0.06;
  energies.stack_eV = 0.03;
  Trajectory trajectory(random_gas(12, 40, false, Rng(1)), make_rates(energies, 500.0, 40, false), Rng(2));
  ClusterFinder finder;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    trajectory.advance(50 * i);
    BondCount sum;
    std::int64_t atoms = 0, single = 0;
    for (const Cluster& cluster : finder.find(trajectory)) {
      atoms += cluster.atoms;
      sum.bonds += cluster.count.bonds, sum.stacked += cluster.count.stacked;
      single += cluster.atoms == 1 ? 1 : 0;
    }
    ASSERT_EQ(atoms, 40);
    ASSERT_EQ(sum, trajectory.bonds());
    ASSERT_EQ(single, trajectory.monomers());
    ASSERT_EQ(largest_cluster(finder.find(trajectory)).atoms,
              find_clusters(trajectory.heights()).front().atoms);
  }
}
