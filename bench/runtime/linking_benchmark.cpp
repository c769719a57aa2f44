// SPDX-License-Identifier: GPL-3.0-or-later
// How long linking and the search for events take for many particles in many frames, on one core. The aim:
// 5,000 particles in each of 100 frames within 15 s.

#include <benchmark/benchmark.h>

#include <cmath>

#include "sinterscope/tracking/events.h"
#include "sinterscope/tracking/link.h"
#include "support/particle_world.h"

namespace sinterscope {
namespace {

/// Particles at random places, 13 px in the mean, 0.3 % of the field covered by each 1,000 px^2 of density;
/// ten holds, a third of the particles replaced from each hold to the next; drift, misses and false
/// detections.
test::World crowded_world(std::size_t count, int frames) {
  const ThermalHistory history = test::holds_of(std::vector<int>(10, frames / 10), [] {
    std::vector<double> temperatures;
    for (int hold = 0; hold < 10; ++hold) temperatures.push_back(473.15 + 10.0 * hold);
    return temperatures;
  }());
  test::WorldOptions options;
  const int side = static_cast<int>(std::sqrt(static_cast<double>(count)) * 30.0);
  options.frame_size = {side, side};
  options.drift_px = 0.3;
  options.curve = test::sharp_curve(6.0, 0.5, 0.95);
  options.curve.false_density_px2 = 0.02 * static_cast<double>(count) / options.frame_size.area();
  Rng dice(1);
  std::vector<test::WorldParticle> truth;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<double> diameter(history.frames.size(), 0.0);
    cv::Point2d place(dice.uniform(0.0, side), dice.uniform(0.0, side));
    const double size = 13.0 * std::exp(0.18 * dice.normal());
    for (const Hold& hold : history.holds) {
      for (const int frame : hold.frames) diameter[static_cast<std::size_t>(frame)] = size;
      if (dice.uniform() > 0.33) continue;
      truth.push_back({place, diameter});
      place = {dice.uniform(0.0, side), dice.uniform(0.0, side)};
      diameter.assign(history.frames.size(), 0.0);
    }
    truth.push_back({place, diameter});
  }
  return test::observe(history, std::move(truth), options, Rng(2));
}

void link_particles(benchmark::State& state) {
  const test::World world =
      crowded_world(static_cast<std::size_t>(state.range(0)), static_cast<int>(state.range(1)));
  const std::vector<Drift> drift{world.drift};
  for (auto _ : state)
    benchmark::DoNotOptimize(link(world.particles, world.history, drift, world.options.frame_size));
  const std::vector<Track> tracks = link(world.particles, world.history, drift, world.options.frame_size);
  const test::TrackingScore score = test::score(world, tracks);
  state.counters["purity"] = score.purity;
  state.counters["tracks_per_particle"] = score.tracks_per_particle;
  state.counters["detections"] = static_cast<double>(world.particles.size());
}
BENCHMARK(link_particles)->Args({500, 100})->Args({5000, 100})->Unit(benchmark::kMillisecond);

void events_of_tracks(benchmark::State& state) {
  const test::World world =
      crowded_world(static_cast<std::size_t>(state.range(0)), static_cast<int>(state.range(1)));
  const std::vector<Drift> drift{world.drift};
  const std::vector<CompletenessCurve> curves(world.history.holds.size(), world.options.curve);
  const std::vector<Track> tracks = link(world.particles, world.history, drift, world.options.frame_size);
  for (auto _ : state)
    benchmark::DoNotOptimize(
        find_events(world.particles, tracks, world.history, curves, drift, world.options.frame_size));
}
BENCHMARK(events_of_tracks)->Args({500, 100})->Args({5000, 100})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sinterscope
