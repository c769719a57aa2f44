// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/simulation.h"

#include <gtest/gtest.h>

#include "sinterscope/core/error.h"

using namespace sinterscope;

namespace {

KmcRun cycle() {
  KmcRun run;
  run.options.atoms = 80;
  run.options.samples = 256;
  run.program = {{400.0, 400.0, 2e5, 0.0}, {400.0, 700.0, 1e5, 0.0}, {700.0, 700.0, 0.0, 800.0}};
  return run;
}

void expect_same(const KmcResult& a, const KmcResult& b) {
  EXPECT_EQ(a.time, b.time);
  EXPECT_EQ(a.events, b.events);
  EXPECT_EQ(a.final_heights, b.final_heights);
  ASSERT_EQ(a.samples.size(), b.samples.size());
  for (std::size_t i = 0; i < a.samples.size(); ++i) {
    ASSERT_EQ(a.samples[i].time, b.samples[i].time) << "sample " << i;
    ASSERT_EQ(a.samples[i].integrals.bonds, b.samples[i].integrals.bonds);
    ASSERT_EQ(a.samples[i].largest_atoms, b.samples[i].largest_atoms);
    ASSERT_EQ(a.samples[i].mean_square_displacement, b.samples[i].mean_square_displacement);
  }
  ASSERT_EQ(a.snapshots.size(), b.snapshots.size());
  EXPECT_EQ(a.snapshots.back().heights, b.snapshots.back().heights);
  ASSERT_EQ(a.holds.size(), b.holds.size());
  for (std::size_t i = 0; i < a.holds.size(); ++i) {
    EXPECT_EQ(a.holds[i].energy_eV.mean, b.holds[i].energy_eV.mean);
    EXPECT_EQ(a.holds[i].cluster_counts, b.holds[i].cluster_counts);
  }
}

}  // namespace

TEST(Simulation, GivesTheSameBitsInPiecesOfAnySize) {
  KmcSimulation whole(cycle(), Rng(1)), pieces(cycle(), Rng(1));
  EXPECT_FALSE(whole.advance(UINT64_MAX / 2));
  while (pieces.advance(7919)) {
  }
  expect_same(whole.result(), pieces.result());
  EXPECT_EQ(whole.fraction_done(), 1.0);
}

TEST(Simulation, ContinuesFromACheckpointBitForBit) {
  KmcSimulation whole(cycle(), Rng(1));
  whole.advance(UINT64_MAX / 2);
  for (const std::uint64_t at : {0u, 1u, 123456u, 250000u, 310000u}) {  // start, hold, ramp, last hold
    KmcSimulation first(cycle(), Rng(1));
    first.advance(at);
    KmcSimulation second(cycle(), first.checkpoint());
    EXPECT_EQ(second.trajectory().events(), at);
    second.advance(UINT64_MAX / 2);
    expect_same(whole.result(), second.result());
  }
}

TEST(Simulation, RefusesACheckpointOfAnotherRunOrADamagedOne) {
  KmcSimulation simulation(cycle(), Rng(1));
  simulation.advance(1000);
  const std::string good = simulation.checkpoint();
  KmcRun other = cycle();
  other.options.dh_eV = -0.17;
  EXPECT_THROW(KmcSimulation(other, good), Error);
  std::string bad = good;
  bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] + 1);
  EXPECT_THROW(KmcSimulation(cycle(), bad), Error);
  EXPECT_THROW(KmcSimulation(cycle(), std::string_view(good).substr(0, good.size() / 2)), Error);
  EXPECT_THROW(KmcSimulation(cycle(), ""), Error);
}

TEST(Simulation, StartsFromAStateThatAnotherRunLeft) {
  KmcSimulation first(cycle(), Rng(1));
  first.advance(UINT64_MAX / 2);
  KmcRun next = cycle();
  next.options.side = 10;  // the state decides
  next.options.atoms = 1;
  next.start = first.result().final_heights;
  const KmcSimulation second(next, Rng(2));
  EXPECT_EQ(second.trajectory().heights(), first.result().final_heights);
  EXPECT_EQ(second.result().atoms, 80);
}
