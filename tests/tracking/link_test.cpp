// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/link.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "sinterscope/core/error.h"
#include "support/particle_world.h"

namespace sinterscope {
namespace {

using test::World;
using test::WorldOptions;
using test::WorldParticle;

constexpr double hot_K = 773.15, cold_K = 473.15;

/// Particles of ln-normal size (median 13 px, 18 %) that stand in every second hold, the cold ones.
World cycle(const std::vector<int>& frames, WorldOptions options, std::uint64_t seed,
            std::size_t count = 60) {
  std::vector<double> temperatures;
  for (std::size_t i = 0; i < frames.size(); ++i) temperatures.push_back(i % 2 == 0 ? hot_K : cold_K);
  const ThermalHistory history = test::holds_of(frames, temperatures);
  const Rng rng(seed);
  Rng sizes = rng.stream("sizes");
  std::vector<WorldParticle> truth;
  for (std::size_t hold = 1; hold < frames.size(); hold += 2)
    for (const cv::Point2d& place :
         test::scattered(count, options.frame_size, 18.0, 10.0, rng.stream("places", hold))) {
      WorldParticle particle{place, std::vector<double>(history.frames.size(), 0.0)};
      const double diameter = 13.0 * std::exp(0.18 * sizes.normal());
      for (const int frame : history.holds[hold].frames)
        particle.diameter_px[static_cast<std::size_t>(frame)] = diameter;
      truth.push_back(particle);
    }
  return test::observe(history, truth, options, rng.stream("observe"));
}

std::vector<Track> link_world(const World& world, const LinkOptions& options = {}) {
  return link(world.particles, world.history, std::vector<Drift>{world.drift}, world.options.frame_size,
              options);
}

WorldOptions good_frames() {
  WorldOptions options;
  options.curve = test::sharp_curve();
  options.curve.false_density_px2 = 1.0 / 512.0 / 512.0;
  return options;
}

TEST(Link, FollowsEveryParticleThroughThreeCyclesWithDriftMissesAndFalseDetections) {
  WorldOptions options = good_frames();
  options.drift_px = 0.8;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const World world = cycle({8, 8, 8, 8, 8, 8}, options, seed);
    const auto score = test::score(world, link_world(world));
    EXPECT_GE(score.purity, 0.99);
    EXPECT_GE(score.tracks_per_particle, 1.0);
    EXPECT_LE(score.tracks_per_particle, 1.05);
  }
}

TEST(Link, FollowsParticlesThatAreMissedEveryThirdTime) {
  WorldOptions options = good_frames();
  options.curve.plateau = 0.67;
  const World world = cycle({4, 20}, options, 11);
  const auto score = test::score(world, link_world(world));
  EXPECT_GE(score.purity, 0.99);
  EXPECT_LE(score.tracks_per_particle, 1.05);
}

TEST(Link, KeepsApartWhatStandsInDifferentHoldsWithAnEmptyOneBetween) {
  const World world = cycle({3, 4, 3, 4}, good_frames(), 5);
  for (const Track& track : link_world(world)) {
    std::set<int> holds;
    for (const std::size_t index : track.particles) holds.insert(world.particles[index].hold);
    if (track.particles.size() > 2) {
      EXPECT_EQ(holds.size(), 1U);
    }
  }
}

TEST(Link, ContinuesAParticleThatStandsInSuccessiveHoldsThoughItShrinks) {
  const ThermalHistory history = test::holds_of({4, 4}, {473.15, 523.15});
  std::vector<WorldParticle> truth;
  for (const cv::Point2d& place : test::scattered(40, {512, 512}, 18.0, 10.0, Rng(8)))
    truth.push_back({place, {14.0, 14.0, 14.0, 14.0, 10.0, 10.0, 10.0, 10.0}});
  const World world = test::observe(history, truth, good_frames(), Rng(8));
  const auto through = test::score(world, link_world(world));
  EXPECT_GE(through.purity, 0.99);
  EXPECT_LE(through.tracks_per_particle, 1.05);
  LinkOptions apart;
  apart.across_holds = false;
  EXPECT_NEAR(test::score(world, link_world(world, apart)).tracks_per_particle, 2.0, 0.1);
}

TEST(Link, NamesTheEarlierTrackOfASiteThatReforms) {
  const ThermalHistory history = test::holds_of({4, 6, 4}, {473.15, 773.15, 473.15});
  const std::vector<double> reforms{13, 13, 13, 13, 0, 0, 0, 0, 0, 0, 13, 13, 13, 13};
  std::vector<double> only_before = reforms, only_after = reforms;
  std::fill(only_before.begin() + 10, only_before.end(), 0.0);
  std::fill(only_after.begin(), only_after.begin() + 4, 0.0);
  const std::vector<WorldParticle> truth{
      {{100, 100}, reforms}, {{300, 200}, reforms}, {{400, 400}, only_before}, {{200, 350}, only_after}};
  WorldOptions options = good_frames();
  options.curve.plateau = 1.0;
  options.curve.false_density_px2 = 0.0;
  const World world = test::observe(history, truth, options, Rng(2));
  const std::vector<Track> tracks = link_world(world);
  ASSERT_EQ(tracks.size(), 6U);
  for (const Track& track : tracks) {
    const int identity = world.identity[track.particles.front()];
    if (track.first_frame == 0 || identity == 3) {
      EXPECT_EQ(track.previous_at_site, -1);
      continue;
    }
    ASSERT_GE(track.previous_at_site, 0);
    const Track& before = tracks[static_cast<std::size_t>(track.previous_at_site)];
    EXPECT_EQ(world.identity[before.particles.front()], identity);
    // Three earlier sites on 512 x 512 px: one within 2 px (seven standard errors) by chance in 1.4e-4 of
    // cases.
    EXPECT_LT(track.same_site_chance, 1.5e-4);
  }
}

TEST(Link, FalseDetectionsAloneFormNoLongTracks) {
  WorldOptions options = good_frames();
  options.curve.false_density_px2 *= 5.0;  // five per frame
  const World world = cycle({40}, options, 21);
  ASSERT_GT(world.particles.size(), 100U);
  for (const Track& track : link_world(world)) EXPECT_LE(track.particles.size(), 2U);
}

TEST(Link, AcceptsExperimentsWithEmptyFramesAtTheStartAndWithoutAnyParticle) {
  const World late = cycle({5, 5}, good_frames(), 9);  // the first hold is empty but for false detections
  EXPECT_GE(test::score(late, link_world(late)).purity, 0.99);
  World nothing = late;
  nothing.particles.clear();
  EXPECT_TRUE(link_world(nothing).empty());
}

/// Pairs in contact that become one at their centre of mass after half of the frames, or the reverse.
World touching_pairs(bool split) {
  constexpr int frames = 12;
  const ThermalHistory history = test::holds_of({frames}, {673.15});
  std::vector<WorldParticle> truth;
  for (const cv::Point2d& place : test::scattered(25, {512, 512}, 60.0, 30.0, Rng(11))) {
    const double large = 18.0, small = 14.0, whole = std::cbrt(large * large * large + small * small * small);
    std::vector<double> apart_large(frames, 0.0), apart_small(frames, 0.0), together(frames, 0.0);
    for (std::size_t frame = 0; frame < frames; ++frame)
      if ((frame >= frames / 2) != split)
        together[frame] = whole;
      else {
        apart_large[frame] = large;
        apart_small[frame] = small;
      }
    const double step = 0.55 * (large + small), share = std::pow(small / whole, 3);
    truth.push_back({place, apart_large});
    truth.push_back({place + cv::Point2d(step, 0.0), apart_small});
    truth.push_back({place + cv::Point2d(share * step, 0.0), together});
  }
  WorldOptions options;
  options.curve = test::sharp_curve(6.0, 0.5, 1.0);
  return test::observe(history, truth, options, Rng(12));
}

/// Tracks in which the larger part and the whole are one.
int followed(const World& world) {
  const std::vector<Drift> drift{world.drift};
  int count = 0;
  for (const Track& track : link(world.particles, world.history, drift, world.options.frame_size)) {
    const int first = world.identity[track.particles.front()], last = world.identity[track.particles.back()];
    count +=
        first / 3 == last / 3 && std::min(first % 3, last % 3) == 0 && std::max(first % 3, last % 3) == 2;
  }
  return count;
}

TEST(Link, TheLargerOfTwoThatMergeGoesOnAsTheWhole) {
  // The whole lies 5.6 px from the larger part, nineteen standard errors of a place.
  EXPECT_GE(followed(touching_pairs(false)), 24);
}

TEST(Link, OfTwoParticlesThatWereOneTheLargerIsItsContinuation) {
  EXPECT_GE(followed(touching_pairs(true)), 24);
}

TEST(Link, DoesNotDependOnTheOrderOfParticles) {
  const World world = cycle({3, 6, 3, 6}, good_frames(), 31);
  const std::vector<Track> tracks = link_world(world);
  World shuffled = world;
  std::vector<std::size_t> order(world.particles.size());
  std::iota(order.begin(), order.end(), 0U);
  Rng dice(5);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[dice.below(i)]);
  for (std::size_t i = 0; i < order.size(); ++i) shuffled.particles[i] = world.particles[order[i]];
  const std::vector<Track> again = link_world(shuffled);
  ASSERT_EQ(again.size(), tracks.size());
  for (std::size_t t = 0; t < tracks.size(); ++t) {
    ASSERT_EQ(again[t].particles.size(), tracks[t].particles.size());
    for (std::size_t k = 0; k < tracks[t].particles.size(); ++k)
      EXPECT_EQ(order[again[t].particles[k]], tracks[t].particles[k]);
  }
}

TEST(Link, DoesNotDependOnTheOriginOfTheSpecimen) {
  const World world = cycle({3, 6, 3, 6}, good_frames(), 33);
  World moved = world;
  for (Particle& particle : moved.particles) {
    particle.x_specimen_px += 1024.0;  // a power of two: the differences stay the same to the last bits
    particle.y_specimen_px -= 4096.0;
  }
  const std::vector<Track> tracks = link_world(world), again = link_world(moved);
  ASSERT_EQ(again.size(), tracks.size());
  for (std::size_t t = 0; t < tracks.size(); ++t) EXPECT_EQ(again[t].particles, tracks[t].particles);
}

TEST(Link, WritesTrackNumbersIntoACopyOfTheParticles) {
  const World world = cycle({2, 4}, good_frames(), 41);
  const std::vector<Track> tracks = link_world(world);
  const std::vector<Particle> numbered = with_track_numbers(world.particles, tracks);
  for (const Track& track : tracks)
    for (const std::size_t index : track.particles) EXPECT_EQ(numbered[index].track, track.track);
  EXPECT_TRUE(std::all_of(numbered.begin(), numbered.end(), [](const Particle& p) { return p.track >= 0; }));
  EXPECT_EQ(world.particles.front().track, -1);
}

TEST(Link, SaysWhichParticleDoesNotFitTheHistory) {
  World world = cycle({2, 2}, good_frames(), 51);
  World wrong_frame = world, no_place = world, no_drift = world;
  wrong_frame.particles[3].frame = 99;
  no_place.particles[0].x_specimen_px = std::nan("");
  no_drift.drift.pop_back();
  EXPECT_THROW(link_world(wrong_frame), Error);
  EXPECT_THROW(link_world(no_place), Error);
  EXPECT_THROW(link_world(no_drift), Error);
}

}  // namespace
}  // namespace sinterscope
