// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/kmc_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/parallel.h"
#include "sinterscope/kmc/simulation.h"

namespace sinterscope {
namespace {

constexpr std::size_t progress_steps = 1000;

/// Executed hops between two looks at the progress: some hundredths of a second.
constexpr std::uint64_t hops_at_once = 2'000'000;

using Clock = std::chrono::steady_clock;

/// Time between checkpoints over time spent on one, at least: large lattices are not to wait for the disk.
constexpr double work_per_checkpoint = 50.0;

/// Runs to the end; `piece_done` is called every few hundredths of a second. Progress counts progress_steps.
void drive(KmcSimulation& simulation, Progress& progress, const std::function<void()>& piece_done) {
  std::size_t told = 0;
  bool more = true;
  while (more) {
    more = simulation.advance(hops_at_once);
    const auto done = static_cast<std::size_t>(simulation.fraction_done() * progress_steps);
    if (done > told) progress.advance(done - told);
    told = std::max(told, done);
    if (more) piece_done();
  }
  progress.advance(progress_steps - std::min(told, progress_steps));
}

KmcSimulation begin_or_continue(const KmcRun& run, std::size_t i, const Rng& rng,
                                const CheckpointStore* store, Progress& progress) {
  const std::string bytes = store ? store->load(i) : std::string();
  if (!bytes.empty()) {
    try {
      return KmcSimulation(run, bytes);
    } catch (const Error& error) {
      progress.warn(fmt::format("run {} starts again: {}", i + 1, error.what()));
    }
  }
  return in_context(fmt::format("run {}", i + 1), [&] { return KmcSimulation(run, rng); });
}

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
  const KmcOptions& options = run.options;
  if (run.start) {
    in_context("start state", [&] { validate(*run.start, options.flat); });
  } else if (options.flat && options.atoms >= options.side * options.side) {
    throw usage_error(fmt::format("option 'atoms' is {}: a flat lattice of side {} holds fewer than {}",
                                  options.atoms, options.side, options.side * options.side));
  } else if (options.start == "particle") {
    layered_particle(options.side, ground_state(options.atoms, options.stack_ratio, options.flat).layers);
  }
  lattice_energies(options, static_cast<int>(run.start ? count_atoms(*run.start) : options.atoms));
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

std::vector<std::string> warnings_of(const KmcResult& result) {
  std::vector<std::string> warnings;
  if (result.rounding_error > 0.01)
    warnings.push_back(
        fmt::format("the slowest hops of this lattice are more than {:.0e} times slower than a free ad-atom; "
                    "their rate is rounded by up to {:.0f} %",
                    1e13, 100.0 * result.rounding_error));
  for (const HoldAverages& hold : result.holds)
    if (!hold.settled)
      warnings.push_back(
          fmt::format("temperature step {} ({} K) had not settled when measuring began: lengthen it",
                      hold.step + 1, hold.temperature_K));
  return warnings;
}

KmcResult run_kmc(const KmcRun& run, const Rng& rng, Progress& progress) {
  KmcSimulation simulation(run, rng);
  progress.start("lattice", progress_steps);
  drive(simulation, progress, [] {});
  KmcResult result = simulation.result();
  for (const std::string& warning : warnings_of(result)) progress.warn(warning);
  return result;
}

void run_ensemble(std::span<const KmcRun> runs, const Rng& rng, int threads, Progress& progress,
                  const std::function<void(std::size_t, KmcResult)>& finished, const CheckpointStore* store) {
  for (std::size_t i = 0; i < runs.size(); ++i)
    in_context(fmt::format("run {}", i + 1), [&] { validate(runs[i]); });
  progress.start("lattice", runs.size() * progress_steps);
  parallel_for(runs.size(), threads, [&](std::size_t i) {
    if (store && store->has && !store->has(i)) return progress.advance(progress_steps);
    KmcSimulation simulation = begin_or_continue(runs[i], i, rng.stream("kmc", i), store, progress);
    Clock::time_point saved = Clock::now();
    auto interval = std::chrono::duration<double>(store ? store->interval_s : 0.0);
    const auto save = [&] {
      const Clock::time_point begun = Clock::now();
      store->save(i, simulation.checkpoint());
      saved = Clock::now();
      interval = std::max(interval, work_per_checkpoint * std::chrono::duration<double>(saved - begun));
    };
    drive(simulation, progress, [&] {
      if (store && Clock::now() - saved >= interval) save();
    });
    if (store) save();
    finished(i, simulation.result());
  });
}

}  // namespace sinterscope
