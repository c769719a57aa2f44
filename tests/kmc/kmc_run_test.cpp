// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/kmc_run.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "sinterscope/core/error.h"

using namespace sinterscope;

namespace {

KmcRun hold(double temperature_K, double dh_eV, bool flat, double events, const std::string& start = "gas") {
  KmcRun run;
  run.options.dh_eV = dh_eV;
  run.options.flat = flat;
  run.options.start = start;
  TemperatureStep step;
  step.from_K = step.to_K = temperature_K;
  step.events = events;
  run.program = {step};
  return run;
}

KmcResult result_of(const KmcRun& run, std::uint64_t seed = 1) {
  NoProgress silent;
  return run_kmc(run, Rng(seed), silent);
}

/// Reference averages: independent non-local Metropolis runs of the same energies (3e8 trials each) or, where
/// those were less precise, two 4e8-event runs from different starts that agreed.
struct Reference {
  const char* name;
  double temperature_K, dh_eV;
  bool flat;
  double monomers, monomers_se, largest, largest_se;
};

constexpr Reference references[] = {
    {"A, flat", 773.0, -0.16, true, 0.6349, 1e-4, 3.797, 0.002},
    {"B, flat", 773.0, -0.65, true, 0.00066, 2e-5, 49.967, 0.001},
    {"C, flat", 300.0, -0.16, true, 0.0318, 2e-4, 48.08, 0.01},
    {"A, stacked", 773.0, -0.16, false, 0.6170, 1e-4, 3.764, 0.002},
    {"B, stacked", 773.0, -0.65, false, 0.00030, 2e-5, 49.984, 0.002},
    {"C, stacked", 300.0, -0.16, false, 0.0310, 1e-4, 48.22, 0.01},
};

}  // namespace

TEST(KmcRun, ReproducesReferenceAveragesFromBothStarts) {
  for (const Reference& reference : references)
    for (const char* start : {"gas", "particle"}) {
      SCOPED_TRACE(std::string(reference.name) + " from " + start);
      // The compact particle of B sheds an atom every 1e4 events and rearranges every 1e6: it needs the
      // longer run.
      const double events = reference.dh_eV < -0.5 ? 1e8 : 1e7;
      const KmcResult result =
          result_of(hold(reference.temperature_K, reference.dh_eV, reference.flat, events, start));
      ASSERT_EQ(result.holds.size(), 1u);
      const HoldAverages& average = result.holds[0];
      // 4 standard errors; 24 comparisons.
      EXPECT_NEAR(average.monomers.mean / 50.0, reference.monomers,
                  4.0 * std::hypot(average.monomers.standard_error / 50.0, reference.monomers_se));
      EXPECT_NEAR(average.largest_atoms.mean, reference.largest,
                  4.0 * std::hypot(average.largest_atoms.standard_error, reference.largest_se));
      EXPECT_EQ(average.dh_largest_eV.has_value(), reference.largest > 25.0) << "a particle in B and C only";
    }
}

TEST(KmcRun, MeasuresTheEnthalpyInThreeWays) {
  const KmcResult result = result_of(hold(300.0, -0.16, true, 4e7));
  EXPECT_NEAR(result.dh_ground_eV, -0.16, 1e-12) << "what was asked for";
  EXPECT_NEAR(result.pair_energy_eV, 0.16 / 1.70, 1e-12);
  const HoldAverages& average = result.holds[0];
  ASSERT_TRUE(average.dh_largest_eV && average.dh_marginal_eV && average.entropy_k);
  EXPECT_NEAR(average.dh_largest_eV->mean, -0.1554, 3e-4);
  // d<B>/dN = 1.822 from a thermodynamic integration over 50-atom polyominoes.
  EXPECT_NEAR(*average.dh_marginal_eV / result.pair_energy_eV, -1.822,
              4.0 * *average.dh_marginal_se_eV / result.pair_energy_eV);
  EXPECT_LT(*average.dh_marginal_se_eV, 0.005);
  EXPECT_NEAR(*average.entropy_k, 0.88, 0.03);
}

TEST(KmcRun, SintersEarlyWhereTheParticleIsStable) {
  for (const bool flat : {true, false})
    for (const auto& [temperature_K, dh_eV] : {std::pair{773.0, -0.65}, {300.0, -0.16}}) {
      const KmcResult result = result_of(hold(temperature_K, dh_eV, flat, 1e6), 3);
      EXPECT_GE(result.samples.back().largest_atoms, 40) << "in the beginning stage of 4e8";
    }
}

TEST(KmcRun, DispersesAParticleAtOnceWhereTheGasIsStable) {
  const KmcResult result = result_of(hold(773.0, -0.16, true, 1e6, "particle"));
  EXPECT_EQ(result.samples.front().largest_atoms, 50);
  EXPECT_LT(result.samples.back().largest_atoms, 20);
  EXPECT_FALSE(result.holds[0].dh_largest_eV);
}

TEST(KmcRun, PassesFromParticleToGasAroundTheKnownTemperature) {
  // <largest> = 25 of 50 at 425 K (independent Monte Carlo, flat, dh -0.16).
  EXPECT_GT(result_of(hold(400.0, -0.16, true, 2e7)).holds[0].largest_atoms.mean, 27.0);
  EXPECT_LT(result_of(hold(450.0, -0.16, true, 2e7)).holds[0].largest_atoms.mean, 23.0);
}

TEST(KmcRun, CountsClustersOfEverySize) {
  const HoldAverages average = result_of(hold(773.0, -0.16, false, 3e6)).holds[0];
  double atoms = 0.0, clusters = 0.0;
  for (std::size_t n = 0; n < average.cluster_counts.size(); ++n) {
    atoms += static_cast<double>(n) * average.cluster_counts[n];
    clusters += average.cluster_counts[n];
  }
  EXPECT_NEAR(atoms, 50.0, 1e-9) << "every atom is in one cluster";
  EXPECT_NEAR(clusters, average.clusters.mean, 5.0 * average.clusters.standard_error);
  EXPECT_NEAR(average.cluster_counts[1], average.monomers.mean, 0.2);
}

TEST(KmcRun, FollowsACycleOfHeatingAndCooling) {
  KmcRun run = hold(300.0, -0.16, false, 1e6);
  TemperatureStep heat{300.0, 773.0, 1e5, 0.0}, hot{773.0, 773.0, 1e6, 0.0}, cool{773.0, 300.0, 1e5, 0.0};
  run.program = {run.program[0], heat, hot, cool, run.program[0]};
  const KmcResult result = result_of(run);
  ASSERT_EQ(result.holds.size(), 3u) << "ramps are not averaged";
  EXPECT_EQ(result.events, 3200000u);
  EXPECT_GT(result.holds[0].largest_atoms.mean, 40.0);
  EXPECT_LT(result.holds[1].largest_atoms.mean, 10.0);
  EXPECT_GT(result.holds[2].largest_atoms.mean, 40.0);
  for (std::size_t i = 1; i < result.samples.size(); ++i) {
    ASSERT_LE(result.samples[i - 1].time, result.samples[i].time);
    if (result.samples[i].step == 1 && result.samples[i - 1].step == 1) {
      ASSERT_LE(result.samples[i - 1].temperature_K, result.samples[i].temperature_K);
    }
  }
}

TEST(KmcRun, EndsAHoldByTheClock) {
  KmcRun run = hold(500.0, -0.16, false, 0.0);
  run.options.diffusion_barrier_eV = 0.4;
  run.options.attempt_frequency_Hz = 1e12;
  run.program[0].duration = 1e-5;  // some 900 hops of a free ad-atom
  const KmcResult result = result_of(run);
  EXPECT_NEAR(result.time, 1e-5, 1e-18);
  EXPECT_GT(result.events, 10000u);
  EXPECT_NEAR(static_cast<double>(result.samples.size()), run.options.samples, 1.0);
  const double spacing = result.samples[1].time - result.samples[0].time;
  for (std::size_t i = 1; i < result.samples.size(); ++i)
    ASSERT_NEAR(result.samples[i].time - result.samples[i - 1].time, spacing, 1e-6 * spacing);
}

TEST(KmcRun, KeepsSnapshotsAtSamples) {
  const KmcResult result = result_of(hold(773.0, -0.16, false, 2e6));
  EXPECT_GE(result.snapshots.size(), 32u);
  EXPECT_LE(result.snapshots.size(), 64u);
  for (const KmcSnapshot& shot : result.snapshots) EXPECT_EQ(count_atoms(shot.heights), 50);
  EXPECT_EQ(result.snapshots.front().time, 0.0);
}

TEST(KmcRun, KeepsAsManySamplesWhereTheLatticeSpeedsUp) {
  // A compact cold particle hops rarely until it has filled the gas around it.
  KmcRun run = hold(300.0, -0.16, false, 1e7, "particle");
  run.options.atoms = 400;
  run.options.side = 64;
  run.options.samples = 1024;
  EXPECT_GE(result_of(run).samples.size(), 512u);
}

namespace {

std::vector<KmcResult> ensemble(const std::vector<KmcRun>& runs, int threads,
                                const CheckpointStore* store = nullptr) {
  std::vector<KmcResult> results(runs.size());
  NoProgress silent;
  run_ensemble(
      runs, Rng(1), threads, silent, [&](std::size_t i, KmcResult result) { results[i] = std::move(result); },
      store);
  return results;
}

void expect_same(const KmcResult& one, const KmcResult& two) {
  EXPECT_EQ(one.final_heights, two.final_heights);
  EXPECT_EQ(one.time, two.time);
  EXPECT_EQ(one.holds[0].energy_eV.mean, two.holds[0].energy_eV.mean);
}

}  // namespace

TEST(KmcRun, DoesNotDependOnThreads) {
  const std::vector<KmcRun> runs(5, hold(500.0, -0.16, false, 2e5));
  const auto one = ensemble(runs, 1), two = ensemble(runs, 2);
  for (std::size_t i = 0; i < runs.size(); ++i) expect_same(one[i], two[i]);
  EXPECT_NE(one[0].final_heights, one[1].final_heights);
}

TEST(KmcRun, ContinuesAnEnsembleThatWasBrokenOff) {
  const std::vector<KmcRun> runs(3, hold(500.0, -0.16, false, 1e7));
  std::vector<std::string> kept(runs.size());
  bool broken = false;
  CheckpointStore store;
  store.interval_s = 0.0;
  store.load = [&](std::size_t i) { return kept[i]; };
  store.save = [&](std::size_t i, const std::string& bytes) {
    if (broken) throw Error("switched off");
    kept[i] = bytes;
    broken = i == 1;  // run 0 has ended, run 1 has begun, run 2 has not
  };
  EXPECT_THROW(ensemble(runs, 1, &store), Error);
  ASSERT_FALSE(kept[1].empty());
  ASSERT_TRUE(kept[2].empty());
  store.save = [&](std::size_t i, const std::string& bytes) { kept[i] = bytes; };
  const auto continued = ensemble(runs, 1, &store), whole = ensemble(runs, 1);
  for (std::size_t i = 0; i < runs.size(); ++i) expect_same(continued[i], whole[i]);
  kept[0] = "damaged";
  expect_same(ensemble(runs, 1, &store)[0], whole[0]);
}

TEST(KmcRun, StandsStillWhereItIsTooCold) {
  KmcRun run = hold(20.0, -0.65, true, 1e6, "particle");
  KmcResult result = result_of(run);
  EXPECT_TRUE(result.holds[0].frozen);
  EXPECT_EQ(result.rounding_error, 1.0);
  EXPECT_EQ(result.holds[0].largest_atoms.mean, 50.0);
  run.program[0].duration = 100.0;
  result = result_of(run);
  EXPECT_EQ(result.time, 100.0);
  EXPECT_TRUE(result.holds[0].frozen);
  EXPECT_NEAR(result.holds[0].bonds.mean, 85.0, 1e-9);
}

TEST(KmcRun, RefusesWhatCannotRun) {
  EXPECT_THROW(result_of(hold(300.0, -0.16, true, 0.0)), Error) << "no end";
  EXPECT_THROW(result_of(hold(0.0, -0.16, true, 1e3)), Error);
  EXPECT_THROW(result_of(hold(300.0, 0.16, true, 1e3)), Error);
  EXPECT_THROW(result_of(hold(300.0, -0.16, true, 1e3, "dust")), Error);
  KmcRun run = hold(300.0, -0.16, true, 1e3);
  run.options.atoms = 1600;
  EXPECT_THROW(result_of(run), Error);
  run = hold(300.0, -0.16, true, 1e3);
  run.program.clear();
  EXPECT_THROW(result_of(run), Error);
  run = hold(300.0, -0.16, true, 1e3);
  run.start = layered_particle(40, {25, 25});
  EXPECT_THROW(result_of(run), Error) << "two layers are not flat";
}
