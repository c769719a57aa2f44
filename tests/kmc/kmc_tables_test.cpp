// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/kmc_tables.h"

#include <gtest/gtest.h>

using namespace sinterscope;

namespace {

KmcResult short_cycle() {
  KmcRun run;
  run.options.samples = 256;
  run.program = {{300.0, 300.0, 3e5, 0.0}, {300.0, 773.0, 1e5, 0.0}, {773.0, 773.0, 3e5, 0.0}};
  NoProgress silent;
  return run_kmc(run, Rng(1), silent);
}

}  // namespace

TEST(KmcTables, HoldTheSeriesWithItsExactIntervalMeans) {
  const KmcResult result = short_cycle();
  const Table table = series_table(result);
  ASSERT_EQ(table.size(), result.samples.size());
  EXPECT_FALSE(table.number(0, "bonds_mean"));
  EXPECT_EQ(table.number(0, "monomers"), static_cast<double>(result.samples[0].monomers));
  double area = 0.0;  // the interval means add up to the whole integral of the first hold
  std::size_t last = 0;
  for (std::size_t i = 1; i < table.size() && result.samples[i].step == 0; ++i, ++last)
    area += *table.number(i, "bonds_mean") * (*table.number(i, "time") - *table.number(i - 1, "time"));
  EXPECT_NEAR(area, result.samples[last].integrals.bonds, 1e-6 * area);
}

TEST(KmcTables, LeaveEmptyWhatThereIsNot) {
  const Table table = holds_table(short_cycle());
  ASSERT_EQ(table.size(), 2u);
  EXPECT_TRUE(table.number(0, "dh_largest_ev")) << "a particle at 300 K";
  EXPECT_FALSE(table.number(1, "dh_largest_ev")) << "none at 773 K";
  EXPECT_NEAR(*table.number(1, "dh_ground_ev"), -0.16, 1e-12);
  EXPECT_EQ(*table.number(1, "step"), 2.0);
}

TEST(KmcTables, ListTheSizesThatOccurred) {
  const Table table = sizes_table(short_cycle());
  double atoms = 0.0;
  for (std::size_t i = 0; i < table.size(); ++i)
    if (*table.number(i, "step") == 2.0)
      atoms += *table.number(i, "cluster_atoms") * *table.number(i, "clusters");
  EXPECT_NEAR(atoms, 50.0, 1e-9);
}

TEST(KmcTables, ListPointsAndTransitions) {
  PhaseDiagram diagram;
  diagram.points.resize(3);
  diagram.transitions = {{-0.16, 425.0, 2.0}, {-0.65, std::nullopt, std::nullopt}};
  EXPECT_EQ(points_table(diagram).size(), 3u);
  const Table table = transitions_table(diagram);
  EXPECT_EQ(*table.number(0, "transition_k"), 425.0);
  EXPECT_FALSE(table.number(1, "transition_k"));
}
