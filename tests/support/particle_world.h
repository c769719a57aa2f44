// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A support with particles of known history, and what a detector would list of it: jitter of place and size,
// misses by a completeness curve, false detections, drift. No image is painted: rooms that start from
// particles are tested with it.

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/core/types.hpp>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/experiment/completeness.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/experiment/track.h"

namespace sinterscope::test {

struct WorldParticle {
  cv::Point2d place_px;
  std::vector<double> diameter_px;  ///< per frame; 0 = not there
};

struct WorldOptions {
  cv::Size frame_size{512, 512};
  double position_se_px = 0.3;
  double size_error = 0.05;  ///< relative
  double drift_px = 0.0;     ///< per frame, along x
  double registration_error_px = 0.1;
  CompletenessCurve curve;  ///< also its false detections
};

struct World {
  ThermalHistory history;
  std::vector<WorldParticle> truth;
  WorldOptions options;
  Drift drift;
  std::vector<Particle> particles;
  std::vector<int> identity;  ///< index into truth, -1 = false detection
};

inline CompletenessCurve sharp_curve(double d50_px = 6.0, double width_px = 0.5, double plateau = 0.97) {
  CompletenessCurve curve;
  curve.d50_px = d50_px;
  curve.width_px = width_px;
  curve.plateau = plateau;
  curve.false_diameter_px = d50_px;
  return curve;
}

/// One region, one entry per hold.
inline ThermalHistory holds_of(const std::vector<int>& frames, const std::vector<double>& temperatures_K) {
  std::vector<ThermalEntry> entries;
  double start_s = 0.0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    entries.push_back({"1", frames[i], start_s, 1.0, temperatures_K[i]});
    start_s += frames[i] + 10.0;
  }
  return make_thermal_history(entries);
}

/// Random places at least `spacing_px` apart and `margin_px` from the border.
inline std::vector<cv::Point2d> scattered(std::size_t count, cv::Size size, double spacing_px,
                                          double margin_px, Rng rng) {
  std::vector<cv::Point2d> places;
  for (int tries = 0; places.size() < count && tries < 1000000; ++tries) {
    const cv::Point2d place(rng.uniform(margin_px, size.width - margin_px),
                            rng.uniform(margin_px, size.height - margin_px));
    bool free = true;
    for (const cv::Point2d& other : places) {
      const cv::Point2d step = place - other;
      free = free && step.dot(step) >= spacing_px * spacing_px;
    }
    if (free) places.push_back(place);
  }
  return places;
}

inline World observe(const ThermalHistory& history, std::vector<WorldParticle> truth,
                     const WorldOptions& options, Rng rng) {
  World world{history, std::move(truth), options, {}, {}, {}};
  const double area = static_cast<double>(options.frame_size.area());
  for (const FrameRecord& record : history.frames) {
    Rng dice = rng.stream("frame", static_cast<std::uint64_t>(record.frame));
    const double sigma = record.frame == 0 ? 0.0 : options.registration_error_px;
    const cv::Point2d shift(options.drift_px * record.frame, 0.0);
    const cv::Point2d wrong(sigma * dice.normal(), sigma * dice.normal());
    world.drift.push_back({shift + wrong, sigma, true});
    const auto list = [&](cv::Point2d raw, double diameter, double size_se, int identity) {
      Particle particle;
      particle.frame = record.frame;
      particle.hold = record.hold;
      particle.x_px = raw.x + options.position_se_px * dice.normal();
      particle.y_px = raw.y + options.position_se_px * dice.normal();
      particle.position_se_px = options.position_se_px;
      particle.x_specimen_px = particle.x_px - world.drift.back().shift_px.x;
      particle.y_specimen_px = particle.y_px - world.drift.back().shift_px.y;
      particle.diameter_px = std::max(diameter + size_se * dice.normal(), 0.5);
      particle.diameter_se_px = size_se;
      world.particles.push_back(particle);
      world.identity.push_back(identity);
    };
    for (std::size_t i = 0; i < world.truth.size(); ++i) {
      const double diameter = world.truth[i].diameter_px[static_cast<std::size_t>(record.frame)];
      const cv::Point2d raw = world.truth[i].place_px + shift;
      const bool found = dice.uniform() < options.curve.probability(diameter);
      const bool in_frame = raw.x > 0.0 && raw.y > 0.0 && raw.x < options.frame_size.width - 1.0 &&
                            raw.y < options.frame_size.height - 1.0;
      if (diameter > 0.0 && found && in_frame)
        list(raw, diameter, options.size_error * diameter, static_cast<int>(i));
    }
    for (std::uint64_t k = dice.poisson(options.curve.false_density_px2 * area); k > 0; --k) {
      const cv::Point2d raw(dice.uniform(0.0, options.frame_size.width),
                            dice.uniform(0.0, options.frame_size.height));
      const double spread = options.curve.false_diameter_log_sd;
      const double diameter = options.curve.false_diameter_px * std::exp(spread * dice.normal());
      list(raw, diameter, options.size_error * diameter, -1);
    }
  }
  return world;
}

/// How well tracks follow the truth.
struct TrackingScore {
  double purity = 1.0;               ///< share of true detections that sit in a track of their own particle
  double tracks_per_particle = 0.0;  ///< tracks that follow a true particle, per true particle seen
};

inline TrackingScore score(const World& world, const std::vector<Track>& tracks) {
  std::vector<bool> seen(world.truth.size(), false);
  double pure = 0.0, detections = 0.0, followed = 0.0;
  for (const Track& track : tracks) {
    std::vector<int> votes(world.truth.size() + 1, 0);
    for (const std::size_t index : track.particles)
      ++votes[static_cast<std::size_t>(world.identity[index] + 1)];
    const auto major = std::max_element(votes.begin(), votes.end());
    for (std::size_t i = 0; i < world.truth.size(); ++i) {
      detections += votes[i + 1];
      if (votes[i + 1] > 0) seen[i] = true;
    }
    if (major == votes.begin()) continue;  // a track of false detections
    pure += *major;
    followed += 1.0;
  }
  const double particles = static_cast<double>(std::count(seen.begin(), seen.end(), true));
  return {detections > 0.0 ? pure / detections : 1.0, particles > 0.0 ? followed / particles : 0.0};
}

}  // namespace sinterscope::test
