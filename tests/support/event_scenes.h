// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Scripted scenes in which it is known what happened to each particle, and the score of events found in them.
// 512 x 512 px; the detector finds half of the particles of 6 px.

#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/particle_world.h"

namespace sinterscope::test {

struct TrueEvent {
  EventKind kind;
  int particle;  ///< index into the truth
  int frame;
  bool required = true;  ///< false: right if found, and no loss if not (too small a change to insist on)
};

struct Scene {
  World world;
  std::vector<TrueEvent> events;
};

/// How well single frames are measured.
struct FrameQuality {
  double position_se_px = 0.3;
  double size_error = 0.05;
  double plateau = 0.97;
  double false_per_frame = 0.5;
};

class SceneScript {
 public:
  SceneScript(const std::vector<int>& frames, const std::vector<double>& temperatures_K, std::uint64_t seed)
      : history_(holds_of(frames, temperatures_K)), rng_(seed) {}

  int add(cv::Point2d place, std::vector<double> diameters) {
    truth_.push_back({place, std::move(diameters)});
    return static_cast<int>(truth_.size()) - 1;
  }
  /// One diameter per hold.
  int add_per_hold(cv::Point2d place, const std::vector<double>& diameters) {
    std::vector<double> per_frame;
    for (const Hold& hold : history_.holds)
      per_frame.insert(per_frame.end(), hold.frames.size(), diameters[static_cast<std::size_t>(hold.hold)]);
    return add(place, per_frame);
  }
  void happens(EventKind kind, int particle, int frame, bool required = true) {
    events_.push_back({kind, particle, frame, required});
  }
  int start_of(std::size_t hold) const { return history_.holds[hold].frames.front(); }
  int frames() const { return static_cast<int>(history_.frames.size()); }
  Rng stream(std::string_view name) const { return rng_.stream(name); }

  /// What happens beyond the border happens unseen; what crosses it has left the field.
  Scene film(const FrameQuality& quality, double drift_px = 0.0) const {
    WorldOptions options;
    options.position_se_px = quality.position_se_px;
    options.size_error = quality.size_error;
    options.drift_px = drift_px;
    options.curve = sharp_curve(6.0, 0.5, quality.plateau);
    options.curve.false_density_px2 = quality.false_per_frame / options.frame_size.area();
    const auto inside = [&](int particle, int frame) {
      const double x = truth_[static_cast<std::size_t>(particle)].place_px.x + drift_px * frame;
      return x > 0.0 && x < options.frame_size.width - 1.0;
    };
    Scene scene{observe(history_, truth_, options, rng_.stream("observe")), {}};
    for (const TrueEvent& event : events_)
      if (inside(event.particle, event.frame) && inside(event.particle, std::max(event.frame - 1, 0)))
        scene.events.push_back(event);
    for (int i = 0; i < static_cast<int>(truth_.size()); ++i)
      for (int frame = 1; frame < frames(); ++frame)
        if (inside(i, frame - 1) && !inside(i, frame) &&
            truth_[static_cast<std::size_t>(i)].diameter_px[static_cast<std::size_t>(frame)] > 0.0)
          scene.events.push_back({EventKind::left_field, i, frame});
    return scene;
  }

 private:
  ThermalHistory history_;
  Rng rng_;
  std::vector<WorldParticle> truth_;
  std::vector<TrueEvent> events_;
};

inline double ln_normal(Rng& rng, double median, double sd) { return median * std::exp(sd * rng.normal()); }

/// Three cycles: everything disperses in each hot hold and comes back elsewhere in each cold one.
inline Scene three_cycles(std::uint64_t seed, const FrameQuality& quality) {
  SceneScript script({6, 6, 6, 6, 6, 6}, {473.15, 773.15, 473.15, 773.15, 473.15, 773.15}, seed);
  Rng sizes = script.stream("sizes");
  for (std::size_t hold = 0; hold < 6; hold += 2)
    for (const cv::Point2d& place :
         scattered(40, {512, 512}, 20.0, 12.0, script.stream("places").stream("hold", hold))) {
      std::vector<double> diameters(6, 0.0);
      diameters[hold] = ln_normal(sizes, 13.0, 0.18);
      const int particle = script.add_per_hold(place, diameters);
      if (hold > 0) script.happens(EventKind::appeared, particle, script.start_of(hold));
      script.happens(EventKind::redispersed, particle, script.start_of(hold + 1));
    }
  return script.film(quality, 0.4);
}

/// Ostwald ripening in the mean field, within one hold: dV/dt = k (R / mean R - 1) conserves the volume.
inline Scene ripening(std::uint64_t seed, const FrameQuality& quality) {
  constexpr int frames = 40, steps = 20;
  SceneScript script({frames}, {673.15}, seed);
  Rng sizes = script.stream("sizes");
  const std::vector<cv::Point2d> places = scattered(50, {512, 512}, 30.0, 15.0, script.stream("places"));
  std::vector<double> volume;
  for (std::size_t i = 0; i < places.size(); ++i) volume.push_back(std::pow(ln_normal(sizes, 14.0, 0.2), 3));
  std::vector<std::vector<double>> diameters(places.size());
  for (int frame = 0; frame < frames; ++frame) {
    for (std::size_t i = 0; i < places.size(); ++i) diameters[i].push_back(std::cbrt(volume[i]));
    for (int step = 0; step < steps; ++step) {
      double sum = 0.0, left = 0.0;
      for (const double v : volume) {
        sum += std::cbrt(v);
        left += v > 0.0 ? 1.0 : 0.0;
      }
      for (double& v : volume)
        if (v > 0.0) v = std::max(v + 250.0 / steps * (std::cbrt(v) / (sum / left) - 1.0), 0.0);
    }
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::vector<double>& diameter = diameters[i];
    const int particle = script.add(places[i], diameter);
    const bool large_at_first = diameter.front() > 8.0;
    for (std::size_t frame = 1; frame < diameter.size(); ++frame) {
      if (diameter[frame] == 0.0 && diameter[frame - 1] > 0.0)
        script.happens(EventKind::ripened, particle, static_cast<int>(frame),
                       large_at_first && frame + 6 < diameter.size());
      if (diameter[frame] < 6.0 && diameter[frame - 1] >= 6.0)
        script.happens(EventKind::below_limit, particle, static_cast<int>(frame), false);
    }
    if (diameter.back() > 1.02 * diameter.front())
      script.happens(EventKind::grew, particle, frames - frames / 3,
                     diameter.back() > 1.08 * diameter.front());
  }
  return script.film(quality);
}

/// Large particles take up what the small ones lose from one hold to the next.
inline Scene large_grow_small_vanish(std::uint64_t seed, const FrameQuality& quality) {
  SceneScript script({6, 6}, {473.15, 673.15}, seed);
  Rng sizes = script.stream("sizes");
  const std::vector<cv::Point2d> places = scattered(36, {512, 512}, 45.0, 25.0, script.stream("places"));
  double lost = 0.0;
  for (std::size_t i = 6; i < places.size(); ++i) {
    const double diameter = ln_normal(sizes, 11.0, 0.1);
    lost += std::pow(diameter, 3);
    script.happens(EventKind::ripened, script.add_per_hold(places[i], {diameter, 0.0}), script.start_of(1));
  }
  for (std::size_t i = 0; i < 6; ++i) {
    const double diameter = ln_normal(sizes, 28.0, 0.1),
                 grown = std::cbrt(std::pow(diameter, 3) + lost / 6.0);
    script.happens(EventKind::grew, script.add_per_hold(places[i], {diameter, grown}), script.start_of(1));
  }
  return script.film(quality);
}

/// Small particles disperse while large ones stand unchanged.
inline Scene small_disperse(std::uint64_t seed, const FrameQuality& quality) {
  SceneScript script({6, 6}, {473.15, 673.15}, seed);
  Rng sizes = script.stream("sizes");
  const std::vector<cv::Point2d> places = scattered(36, {512, 512}, 45.0, 25.0, script.stream("places"));
  for (std::size_t i = 0; i < places.size(); ++i) {
    const double diameter = ln_normal(sizes, i < 12 ? 20.0 : 11.0, 0.1);
    const int particle = script.add_per_hold(places[i], {diameter, i < 12 ? diameter : 0.0});
    if (i >= 12) script.happens(EventKind::redispersed, particle, script.start_of(1));
  }
  return script.film(quality);
}

/// Pairs in contact merge (or, run backwards, particles split): the volume stays.
inline Scene contact_pairs(std::uint64_t seed, const FrameQuality& quality, bool split) {
  constexpr int frames = 20, when = 10;
  SceneScript script({frames}, {673.15}, seed);
  Rng sizes = script.stream("sizes");
  for (const cv::Point2d& place : scattered(20, {512, 512}, 60.0, 30.0, script.stream("places"))) {
    const double a = ln_normal(sizes, 15.0, 0.1), b = ln_normal(sizes, 12.0, 0.1);
    const double whole = std::cbrt(a * a * a + b * b * b);
    std::vector<double> large(frames, a), small(frames, b);
    for (int frame = 0; frame < frames; ++frame)
      if ((frame >= when) != split) {
        large[static_cast<std::size_t>(frame)] = whole;
        small[static_cast<std::size_t>(frame)] = 0.0;
      }
    script.add(place, large);
    const int particle = script.add(place + cv::Point2d(0.5 * (a + b), 0.0), small);
    script.happens(split ? EventKind::split : EventKind::coalesced, particle, when);
  }
  return script.film(quality);
}

/// Every particle shrinks to half of its volume, which the detector hardly finds.
inline Scene fall_below_limit(std::uint64_t seed, const FrameQuality& quality) {
  SceneScript script({6, 6}, {473.15, 573.15}, seed);
  Rng sizes = script.stream("sizes");
  for (const cv::Point2d& place : scattered(50, {512, 512}, 25.0, 12.0, script.stream("places"))) {
    const double diameter = ln_normal(sizes, 7.5, 0.06);
    const double share_found = 1.0 / (1.0 + std::exp(-(diameter * 0.6 - 6.0) / 0.5));
    const int particle = script.add_per_hold(place, {diameter, 0.6 * diameter});
    script.happens(EventKind::below_limit, particle, script.start_of(1), share_found < 0.02);
  }
  return script.film(quality);
}

/// Standing particles drift out of the field at one side.
inline Scene drift_away(std::uint64_t seed, const FrameQuality& quality) {
  SceneScript script({15, 15}, {473.15, 523.15}, seed);
  Rng sizes = script.stream("sizes");
  for (const cv::Point2d& place : scattered(60, {512, 512}, 22.0, 8.0, script.stream("places"))) {
    const double diameter = ln_normal(sizes, 13.0, 0.18);
    script.add_per_hold(place, {diameter, diameter});
  }
  return script.film(quality, 4.0);
}

struct EventScore {
  double right = 0.0, found = 0.0, there = 0.0;
  double f1() const { return found + there > 0.0 ? 2.0 * right / (found + there) : 1.0; }
};

/// Adds the score of a scene: an event is right if a true one of its kind happened to its particle within
/// `tolerance` frames. The particle of a track is that of most of its detections.
inline void add_score(std::map<EventKind, EventScore>& scores, const Scene& scene,
                      const std::vector<Track>& tracks, const std::vector<Event>& events, int tolerance) {
  std::vector<bool> used(scene.events.size(), false);
  for (const TrueEvent& event : scene.events)
    if (event.required) scores[event.kind].there += 1.0;
  for (const Event& event : events) {
    scores[event.kind].found += 1.0;
    std::map<int, int> votes;
    for (const std::size_t index : tracks[static_cast<std::size_t>(event.track)].particles)
      ++votes[scene.world.identity[index]];
    const int particle = std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) {
                           return a.second < b.second;
                         })->first;
    for (std::size_t i = 0; i < scene.events.size(); ++i) {
      const TrueEvent& truth = scene.events[i];
      if (used[i] || truth.kind != event.kind || truth.particle != particle ||
          std::abs(truth.frame - event.frame) > tolerance)
        continue;
      used[i] = true;
      scores[event.kind].right += 1.0;
      if (!truth.required) scores[event.kind].there += 1.0;
      break;
    }
  }
}

}  // namespace sinterscope::test
