// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/link.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/tracking/assignment.h"
#include "sinterscope/tracking/neighbours.h"
#include "sinterscope/tracking/region_linker.h"
#include "sinterscope/tracking/sighting.h"

namespace sinterscope {
namespace {

void check(std::span<const Particle> particles, const ThermalHistory& history, std::span<const Drift> drift,
           cv::Size frame_size) {
  if (frame_size.width <= 0 || frame_size.height <= 0)
    throw Error(fmt::format("linking: the frame size is {} x {} px: must be positive", frame_size.width,
                            frame_size.height));
  if (!drift.empty() && drift.size() != history.regions.size())
    throw Error(fmt::format("linking: {} drifts for {} regions", drift.size(), history.regions.size()));
  for (std::size_t region = 0; region < drift.size(); ++region) {
    const std::size_t frames = history.frames_of_region(static_cast<int>(region)).size();
    if (drift[region].size() != frames)
      throw Error(fmt::format("linking: the drift of region '{}' has {} shifts for {} frames",
                              history.regions[region], drift[region].size(), frames));
  }
  for (std::size_t i = 0; i < particles.size(); ++i) {
    const Particle& particle = particles[i];
    if (particle.frame < 0 || static_cast<std::size_t>(particle.frame) >= history.frames.size())
      throw Error(fmt::format("particle {}: frame {} is not one of the {} frames", i, particle.frame,
                              history.frames.size()));
    const FrameRecord& record = history.frames[static_cast<std::size_t>(particle.frame)];
    if (record.region != particle.region || record.hold != particle.hold)
      throw Error(
          fmt::format("particle {}: frame {} belongs to region {}, hold {}, not to region {}, hold {}", i,
                      particle.frame, record.region, record.hold, particle.region, particle.hold));
    if (!std::isfinite(particle.x_specimen_px) || !std::isfinite(particle.y_specimen_px) ||
        !(particle.diameter_px > 0.0) || !std::isfinite(particle.diameter_px))
      throw Error(fmt::format(
          "particle {}: place ({}, {}) px and diameter {} px must be finite, the diameter positive", i,
          particle.x_specimen_px, particle.y_specimen_px, particle.diameter_px));
  }
}

/// Weighted mean and its standard error, widened where the values scatter more than their errors say.
struct Mean {
  double value = 0.0;
  double se = 0.0;
};

Mean weighted_mean(const std::vector<double>& values, const std::vector<double>& variances) {
  double weight = 0.0, sum = 0.0, chi2 = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    weight += 1.0 / variances[i];
    sum += values[i] / variances[i];
  }
  const double mean = sum / weight;
  for (std::size_t i = 0; i < values.size(); ++i)
    chi2 += (values[i] - mean) * (values[i] - mean) / variances[i];
  const double excess = values.size() > 1 ? chi2 / static_cast<double>(values.size() - 1) : 1.0;
  return {mean, std::sqrt(std::max(1.0, excess) / weight)};
}

Track make_track(const Segment& segment, std::span<const Particle> particles, const Drift& drift,
                 const ThermalHistory& history) {
  std::vector<double> x, y, place_variance, diameter, diameter_variance;
  for (const std::size_t index : segment.particles) {
    const Particle& particle = particles[index];
    const FrameRecord& record = history.frames[static_cast<std::size_t>(particle.frame)];
    const FrameShift shift =
        drift.empty() ? FrameShift{} : drift[static_cast<std::size_t>(record.region_frame)];
    const Sighting seen = sighting(particle, shift);
    x.push_back(seen.place_px.x);
    y.push_back(seen.place_px.y);
    place_variance.push_back(seen.place_variance);
    diameter.push_back(particle.diameter_px);
    diameter_variance.push_back(seen.log_diameter_variance * particle.diameter_px * particle.diameter_px);
  }
  Track track;
  track.region = particles[segment.particles.front()].region;
  track.particles = segment.particles;
  track.first_frame = particles[segment.particles.front()].frame;
  track.last_frame = particles[segment.particles.back()].frame;
  track.x_specimen_px = weighted_mean(x, place_variance).value;
  track.y_specimen_px = weighted_mean(y, place_variance).value;
  const Mean size = weighted_mean(diameter, diameter_variance);
  track.diameter_px = size.value;
  track.diameter_se_px = size.se;
  return track;
}

int hold_at(const ThermalHistory& history, int frame) {
  return history.frames[static_cast<std::size_t>(frame)].hold;
}

/// Names for the tracks that begin in `hold` the track that stood there in an earlier hold, each used once.
void find_previous_at_site(std::vector<Track>& tracks, const std::vector<Sighting>& sites, std::size_t begin,
                           std::size_t end, int hold, const ThermalHistory& history, double area_px2) {
  std::vector<std::size_t> news, olds;
  for (std::size_t i = begin; i < end; ++i) {
    if (hold_at(history, tracks[i].first_frame) == hold) news.push_back(i);
    if (hold_at(history, tracks[i].last_frame) < hold) olds.push_back(i);
  }
  if (news.empty() || olds.empty()) return;
  const double density = static_cast<double>(olds.size()) / area_px2;
  std::vector<cv::Point2d> places;
  for (const std::size_t old : olds) places.push_back(sites[old].place_px);
  const Neighbours neighbours(places, 1.0 / std::sqrt(density));
  double largest = 0.0;
  for (const std::size_t old : olds) largest = std::max(largest, sites[old].place_variance);
  std::vector<CandidatePair> pairs;
  for (std::size_t row = 0; row < news.size(); ++row) {
    const Sighting& site = sites[news[row]];
    const double radius = gate_radius(site, largest, density, 1.0);
    neighbours.within(site.place_px, radius, [&](std::size_t column, double distance2) {
      const double variance = displacement_variance(site, sites[olds[column]]);
      // The price: minus the log of the density at this displacement if it is the site, over that of a
      // stranger.
      const double price = 0.5 * distance2 / variance + std::log(2.0 * pi * variance * density);
      pairs.push_back({static_cast<int>(row), static_cast<int>(column), price});
    });
  }
  const std::vector<int> column_of =
      assign(pairs, std::vector<double>(news.size(), 0.0), std::vector<double>(olds.size(), 0.0));
  for (std::size_t row = 0; row < news.size(); ++row) {
    if (column_of[row] < 0) continue;
    const std::size_t old = olds[static_cast<std::size_t>(column_of[row])];
    const cv::Point2d step = sites[news[row]].place_px - sites[old].place_px;
    tracks[news[row]].previous_at_site = tracks[old].track;
    tracks[news[row]].same_site_chance = -std::expm1(-density * pi * step.dot(step));
  }
}

}  // namespace

std::vector<Track> link(std::span<const Particle> particles, const ThermalHistory& history,
                        std::span<const Drift> drift, cv::Size frame_size, const LinkOptions& options) {
  validate(options);
  check(particles, history, drift, frame_size);
  const double area_px2 = static_cast<double>(frame_size.width) * frame_size.height;
  const Drift none;
  std::vector<Track> tracks;
  for (int region = 0; region < static_cast<int>(history.regions.size()); ++region) {
    const Drift& shifts = drift.empty() ? none : drift[static_cast<std::size_t>(region)];
    RegionLinker linker(particles, history, region, shifts, frame_size, options);
    struct Linked {
      Track track;
      Sighting site;
    };
    std::vector<Linked> linked;
    for (const Segment& segment : linker.tracks())
      linked.push_back({make_track(segment, particles, shifts, history), segment.end});
    std::sort(linked.begin(), linked.end(), [](const Linked& a, const Linked& b) {
      return std::tie(a.track.first_frame, a.track.y_specimen_px, a.track.x_specimen_px) <
             std::tie(b.track.first_frame, b.track.y_specimen_px, b.track.x_specimen_px);
    });
    const std::size_t begin = tracks.size();
    std::vector<Sighting> sites(begin);
    for (Linked& one : linked) {
      one.track.track = static_cast<int>(tracks.size());
      tracks.push_back(std::move(one.track));
      sites.push_back(one.site);
    }
    for (const Hold* hold : history.holds_of_region(region))
      find_previous_at_site(tracks, sites, begin, tracks.size(), hold->hold, history, area_px2);
  }
  return tracks;
}

std::vector<Particle> with_track_numbers(std::vector<Particle> particles, std::span<const Track> tracks) {
  for (const Track& track : tracks)
    for (const std::size_t index : track.particles) particles.at(index).track = track.track;
  return particles;
}

}  // namespace sinterscope
