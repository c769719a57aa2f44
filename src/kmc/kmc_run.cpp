// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/kmc_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/kmc/simulation.h"

namespace sinterscope {
namespace {

constexpr std::size_t progress_steps = 1000;

/// Executed hops between two looks at the progress: some hundredths of a second.
constexpr std::uint64_t hops_at_once = 2'000'000;

}  // namespace

void validate(const KmcRun& run) {
  validate(run.options);
  if (run.program.empty())
    throw usage_error("lattice run has no temperature program: give at least one step");
  for (std::size_t i = 0; i < run.program.size(); ++i)
    in_context(fmt::format("temperature step {}", i + 1), [&] {
      validate(run.program[i]);
      if (run.program[i].events < 1.0 && run.program[i].duration <= 0.0)
        throw usage_error("has no end: give events, a duration or both");
    });
  if (run.start) {
    in_context("start state", [&] { validate(*run.start, run.options.flat); });
  } else if (run.options.flat && run.options.atoms >= run.options.side * run.options.side) {
    throw usage_error(fmt::format("option 'atoms' is {}: a flat lattice of side {} holds fewer than {}",
                                  run.options.atoms, run.options.side, run.options.side * run.options.side));
  }
}

LatticeEnergies lattice_energies(const KmcOptions& options, int atoms) {
  LatticeEnergies energies;
  energies.pair_eV = options.pair_energy_eV
                         ? *options.pair_energy_eV
                         : pair_energy_eV(options.dh_eV, atoms, options.stack_ratio, options.flat);
  energies.stack_eV = options.flat ? 0.0 : options.stack_ratio * energies.pair_eV;
  energies.climb_barrier_eV = options.climb_barrier_eV;
  energies.diffusion_barrier_eV = options.diffusion_barrier_eV;
  energies.attempt_frequency_Hz = options.attempt_frequency_Hz;
  return energies;
}

KmcResult run_kmc(const KmcRun& run, const Rng& rng, Progress& progress) {
  KmcSimulation simulation(run, rng);
  progress.start("lattice", progress_steps);
  std::size_t told = 0;
  bool more = true;
  while (more) {
    more = simulation.advance(hops_at_once);
    const auto done = static_cast<std::size_t>(simulation.fraction_done() * progress_steps);
    if (done > told) progress.advance(done - told);
    told = std::max(told, done);
  }
  KmcResult result = simulation.result();
  if (result.rounding_error > 0.01)
    progress.warn(
        fmt::format("the slowest hops of this lattice are more than {:.0e} times slower than a free ad-atom; "
                    "their rate is rounded by up to {:.0f} %",
                    1e13, 100.0 * result.rounding_error));
  for (const HoldAverages& hold : result.holds)
    if (!hold.settled)
      progress.warn(
          fmt::format("temperature step {} ({} K) had not settled when measuring began: lengthen it",
                      hold.step + 1, hold.temperature_K));
  return result;
}

std::vector<KmcResult> run_ensemble(std::span<const KmcRun> runs, const Rng& rng, int threads,
                                    Progress& progress) {
  for (std::size_t i = 0; i < runs.size(); ++i)
    in_context(fmt::format("run {}", i + 1), [&] { validate(runs[i]); });
  std::vector<KmcResult> results(runs.size());
  progress.start("lattices", runs.size());
  parallel_for(runs.size(), threads, [&](std::size_t i) {
    NoProgress silent;
    results[i] = run_kmc(runs[i], rng.stream("kmc", i), silent);
    progress.advance();
  });
  return results;
}

}  // namespace sinterscope
