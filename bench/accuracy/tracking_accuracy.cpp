// SPDX-License-Identifier: GPL-3.0-or-later
// How well particles are followed through the cycle, what happened to them is told apart, and the inventory
// covers the truth: a table over seeds and two qualities of frames (about 60 and 8 counts per pixel).
//   tracking_accuracy [seeds = 20] [-v]

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>

#include "sinterscope/core/units.h"
#include "sinterscope/inference/mass_balance.h"
#include "sinterscope/tracking/events.h"
#include "sinterscope/tracking/link.h"
#include "support/event_scenes.h"

namespace sinterscope {
namespace {

struct Quality {
  const char* name;
  test::FrameQuality frames;
};

struct NamedScene {
  const char* name;
  std::function<test::Scene(std::uint64_t, const test::FrameQuality&)> make;
};

const std::vector<NamedScene> scenes{
    {"three cycles", test::three_cycles},
    {"ripening", test::ripening},
    {"large grow, small vanish", test::large_grow_small_vanish},
    {"small disperse", test::small_disperse},
    {"coalescence",
     [](std::uint64_t seed, const test::FrameQuality& q) { return test::contact_pairs(seed, q, false); }},
    {"splitting",
     [](std::uint64_t seed, const test::FrameQuality& q) { return test::contact_pairs(seed, q, true); }},
    {"fall below the limit", test::fall_below_limit},
    {"drift away", test::drift_away},
};

void print_scores(const std::map<EventKind, test::EventScore>& scores, const char* indent) {
  for (const auto& [kind, score] : scores)
    fmt::print("{}{:<12} there {:5.0f}  found {:5.0f}  right {:5.0f}  F1 {:.3f}\n", indent, to_text(kind),
               score.there, score.found, score.right, score.f1());
}

void study_events(const Quality& quality, int seeds, bool verbose) {
  std::map<EventKind, test::EventScore> all;
  fmt::print("\n{}\n", quality.name);
  for (const NamedScene& named : scenes) {
    std::map<EventKind, test::EventScore> own;
    double purity = 0.0, tracks_per_particle = 0.0;
    for (int seed = 1; seed <= seeds; ++seed) {
      const test::Scene scene = named.make(static_cast<std::uint64_t>(seed), quality.frames);
      const test::World& world = scene.world;
      const std::vector<Drift> drift{world.drift};
      const std::vector<CompletenessCurve> curves(world.history.holds.size(), world.options.curve);
      const std::vector<Track> tracks = link(world.particles, world.history, drift, world.options.frame_size);
      const std::vector<Event> events =
          find_events(world.particles, tracks, world.history, curves, drift, world.options.frame_size);
      const test::TrackingScore score = test::score(world, tracks);
      purity += score.purity / seeds;
      tracks_per_particle += score.tracks_per_particle / seeds;
      constexpr int tolerance = 6;
      test::add_score(own, scene, tracks, events, tolerance);
      test::add_score(all, scene, tracks, events, tolerance);
    }
    fmt::print("  {:<26} purity {:.4f}  tracks per particle {:.3f}\n", named.name, purity,
               tracks_per_particle);
    if (verbose) print_scores(own, "      ");
  }
  double macro = 0.0;
  for (const auto& [kind, score] : all) macro += score.f1() / static_cast<double>(all.size());
  print_scores(all, "  ");
  fmt::print("  macro F1 {:.3f}\n", macro);
}

void study_inventory(const Quality& quality, int trials) {
  Sample sample;
  sample.volume_per_metal_atom_nm3 = 0.0247099;
  sample.site_density_nm2 = 6.8309;
  constexpr double pixel_nm = 0.15, spread = 0.18;
  fmt::print(
      "\n{}: atoms per site, eight frames a hold; share of holds whose 95 % interval holds the truth\n",
      quality.name);
  for (const double median_px : {13.0, 9.0, 7.0})
    for (const double expected : {0.0, 2.0, 8.0, 40.0, 150.0}) {
      double covered = 0.0, below = 0.0, bias = 0.0, pulls2 = 0.0, pulls = 0.0;
      const double truth = expected * sample.atoms(median_px * pixel_nm) * std::exp(4.5 * spread * spread) /
                           (sample.site_density_nm2 * std::pow(512.0 * pixel_nm, 2));
      for (int trial = 0; trial < trials; ++trial) {
        test::SceneScript script({8}, {473.15}, static_cast<std::uint64_t>(trial) + 1);
        Rng dice = script.stream("particles");
        for (std::uint64_t n = dice.poisson(expected); n > 0; --n) {
          const cv::Point2d place(dice.uniform(0.0, 511.0), dice.uniform(0.0, 511.0));
          script.add_per_hold(place, {test::ln_normal(dice, median_px, spread)});
        }
        const test::World world = script.film(quality.frames).world;
        const std::vector<Drift> drift{world.drift};
        const std::vector<Track> tracks =
            link(world.particles, world.history, drift, world.options.frame_size);
        InventoryOptions options;
        options.common_size_error = options.pixel_size_error = 0.0;  // there is none here
        const SupportArea support{cv::Mat1b(512, 512, static_cast<unsigned char>(255)), 512.0 * 512.0, 0.0};
        const HoldInventory hold =
            take_inventory(world.particles, tracks, world.history, sample, std::vector<SupportArea>{support},
                           std::vector<CompletenessCurve>{world.options.curve}, drift, pixel_nm, options)
                .front();
        const Interval interval = c_np_interval95(hold, sample);
        covered += truth >= *interval.low && truth <= *interval.high ? 1.0 : 0.0;
        below += truth <= *hold.c_np_upper95 ? 1.0 : 0.0;
        if (!hold.c_np_se) continue;
        const double pull = (*hold.c_np - truth) / *hold.c_np_se;
        bias += pull;
        pulls2 += pull * pull;
        pulls += 1.0;
      }
      fmt::print("  {:4.1f} px, {:5.0f} expected: covered {:.3f}  below upper limit {:.3f}", median_px,
                 expected, covered / trials, below / trials);
      if (pulls > 0.5 * trials)
        fmt::print("  pull {:+.2f} +- {:.2f}", bias / pulls,
                   std::sqrt(pulls2 / pulls - std::pow(bias / pulls, 2)));
      fmt::print("\n");
    }
}

}  // namespace
}  // namespace sinterscope

int main(int count, char** arguments) {
  using namespace sinterscope;
  const int seeds = count > 1 ? std::atoi(arguments[1]) : 20;
  const bool verbose = count > 2 && std::string(arguments[2]) == "-v";
  const Quality good{"about 60 counts per pixel", {0.3, 0.05, 0.97, 0.5}};
  const Quality poor{"about 8 counts per pixel", {0.8, 0.12, 0.85, 2.0}};
  for (const Quality& quality : {good, poor}) {
    study_events(quality, seeds, verbose);
    study_inventory(quality, 20 * seeds);
  }
}
