// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include "sinterscope/particles/size.h"
#include "support/painted_particles.h"

using namespace sinterscope;

/// Single particles of 1.41 and 2.05 nm (diameter in pm as argument) at 0.15 nm/px behind a probe of 0.25 nm, as disks on
/// 60 counts, seeds half a pixel and a tenth off. items_per_second = fits per second.
static void FitSingleParticles(benchmark::State& state) {
  const double pixel_nm = 0.15, sigma = 0.25 / pixel_nm, d = 1e-3 * static_cast<double>(state.range(0)) / pixel_nm;
  const int side = 20, cell = static_cast<int>(d + 12 * sigma + 4);
  Rng rng(1);
  cv::Mat1d mean(side * cell, side * cell, 60.0);
  std::vector<Seed> seeds;
  for (int k = 0; k < side * side; ++k) {
    const double x = (k % side + 0.5) * cell + rng.uniform(-1, 1), y = (k / side + 0.5) * cell + rng.uniform(-1, 1);
    painted::add(mean, x, y, d, sigma, painted::disk(d, 27), 4);
    seeds.push_back({x + 0.5 * rng.normal(), y + 0.5 * rng.normal(), d * (1 + 0.1 * rng.normal())});
  }
  const cv::Mat1f raw = painted::count(mean, rng);
  SizeOptions options;
  options.profile = "disk";
  options.amplitude_prior = state.range(1) != 0;
  for (auto _ : state) benchmark::DoNotOptimize(fit_particles({{raw, {}}}, NoiseModel(), seeds, {sigma, 0}, options));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(seeds.size()));
}
BENCHMARK(FitSingleParticles)->ArgsProduct({{1410, 2050}, {0, 1}})->Unit(benchmark::kMillisecond);
