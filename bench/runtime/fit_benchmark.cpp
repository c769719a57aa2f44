// SPDX-License-Identifier: GPL-3.0-or-later
// Process time of the inference on one core: 12 holds, about 500 particles, and three regions of it.

#include <benchmark/benchmark.h>

#include "inference/simulated_holds.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/model_comparison.h"

namespace {

using namespace sinterscope;

/// About `particles` in twelve holds up and down, in `regions` regions.
std::vector<HoldInventory> twelve_holds(double particles, int regions) {
  Rng rng(1);
  simulated::Programme programme;
  programme.celsius = {200, 250, 300, 350, 400, 450, 500, 450, 400, 350, 300, 200};
  programme.area_nm2 = 4e4 * particles / 130.0 / regions;
  std::vector<HoldInventory> holds;
  for (int r = 0; r < regions; ++r) {
    programme.region = std::to_string(r + 1);
    for (const HoldInventory& hold : simulated::run(programme, simulated::pdo_on_ceria(), rng))
      holds.push_back(hold);
  }
  return holds;
}

std::size_t count_particles(const std::vector<HoldInventory>& holds) {
  std::size_t count = 0;
  for (const HoldInventory& hold : holds) count += hold.particles.size();
  return count;
}

void fit(benchmark::State& state) {
  const std::vector<HoldInventory> holds =
      twelve_holds(static_cast<double>(state.range(0)), static_cast<int>(state.range(1)));
  for (auto unused : state) {
    static_cast<void>(unused);
    benchmark::DoNotOptimize(fit_entropy_model(holds, simulated::pdo_on_ceria()));
  }
  state.counters["particles"] = static_cast<double>(count_particles(holds));
}

void compare(benchmark::State& state) {
  const std::vector<HoldInventory> holds =
      twelve_holds(static_cast<double>(state.range(0)), static_cast<int>(state.range(1)));
  for (auto unused : state) {
    static_cast<void>(unused);
    benchmark::DoNotOptimize(compare_models(holds, simulated::pdo_on_ceria()));
  }
  state.counters["particles"] = static_cast<double>(count_particles(holds));
}

}  // namespace

BENCHMARK(fit)->Args({500, 1})->Args({500, 3})->Unit(benchmark::kMillisecond);
BENCHMARK(compare)->Args({500, 1})->Args({500, 3})->Unit(benchmark::kMillisecond);
