// SPDX-License-Identifier: GPL-3.0-or-later
// Events per second of the lattice on one core, with the whole analysis on: exact time integrals at every
// event, clusters and snapshots at equal simulated time. items_per_second is executed hops per second of
// processor time.
//
//   kmc_benchmark --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
#include <benchmark/benchmark.h>

#include <cstdint>

#include "sinterscope/kmc/simulation.h"

namespace sinterscope {
namespace {

/// The three cases of Zhu et al.: A disperses, B and C hold a particle. Fields: temperature (K), enthalpy
/// (meV).
KmcRun run_of(const benchmark::State& state) {
  KmcRun run;
  run.options.flat = state.range(0) == 1;
  run.options.dh_eV = -1e-3 * static_cast<double>(state.range(2));
  run.options.side = static_cast<int>(state.range(3));
  run.options.atoms = static_cast<int>(state.range(4));
  if (run.options.side > 256) {  // a census of many thousand clusters costs as much as 1e5 events
    run.options.samples = 256;
    run.options.snapshots = 4;
  }
  const auto temperature_K = static_cast<double>(state.range(1));
  run.program = {{temperature_K, temperature_K, 1e15, 0.0}};
  return run;
}

void lattice(benchmark::State& state) {
  constexpr std::uint64_t events = 20'000'000;
  KmcSimulation simulation(run_of(state), Rng(1));
  simulation.advance(events / 4);  // B and C sinter within 1e6 events
  for (auto _ : state) benchmark::DoNotOptimize(simulation.advance(events));
  state.SetItemsProcessed(static_cast<std::int64_t>(events) * static_cast<std::int64_t>(state.iterations()));
}

void cases(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"flat", "K", "meV", "side", "atoms"})->Unit(benchmark::kMillisecond);
  for (const int flat : {1, 0}) {
    benchmark->Args({flat, 773, 160, 40, 50});  // A
    benchmark->Args({flat, 773, 650, 40, 50});  // B
    benchmark->Args({flat, 300, 160, 40, 50});  // C
  }
  // The cost of a choice does not grow with the lattice; only the caches see it.
  benchmark->Args({0, 773, 160, 64, 128})->Args({0, 773, 160, 1024, 32768});
}

BENCHMARK(lattice)->Apply(cases);

}  // namespace
}  // namespace sinterscope
