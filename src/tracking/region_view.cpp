// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/region_view.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/median.h"
#include "sinterscope/core/units.h"
#include "sinterscope/tracking/credibility.h"

namespace sinterscope {
namespace {

constexpr std::size_t averaged_sightings = 4;  ///< beside the end of a track
constexpr int fewest_for_a_pace = 4;
constexpr int sightings_of_a_pace = 16;
// The part of the error of a size that is the same in all frames of a particle does not show in their
// scatter.
constexpr double common_relative_error = 0.01;

constexpr double false_tracks_of_a_hold = 0.05;  ///< expected number that is let pass

/// The area over which sightings of one particle scatter: a circle of four standard errors of a displacement.
double linking_area_px2(std::span<const Particle> particles, int region) {
  double variance = 0.0, count = 0.0;
  for (const Particle& particle : particles) {
    if (particle.region != region) continue;
    variance += 2.0 * sighting(particle, {}).place_variance;
    count += 1.0;
  }
  return count > 0.0 ? 16.0 * pi * variance / count : 1.0;
}

struct Measured {
  double value, se;
};

struct RobustMean {
  double value, se;
  double single_se;  ///< of one measurement
};

/// Weighted by the errors and by how likely each is sound: fits run away now and then, to anywhere within a
/// factor of e^4, and state a small error. The errors are widened where the sound ones scatter more.
RobustMean robust_mean(const std::vector<Measured>& all) {
  constexpr double spoilt_share = 0.05, spoilt_density = 0.25;
  constexpr int rounds = 5;
  std::vector<double> values;
  for (const Measured& one : all) values.push_back(one.value);
  double mean = median(values);
  std::vector<double> off;
  for (const Measured& one : all) off.push_back(std::abs(one.value - mean) / one.se);
  const double widened = std::max(1.0, median_to_sd * median(off));
  double weights = 0.0, count = 0.0, sum2 = 0.0;
  for (int round = 0; round < rounds; ++round) {
    double sum = 0.0;
    weights = count = sum2 = 0.0;
    for (const Measured& one : all) {
      const double se = widened * one.se, z = (one.value - mean) / se;
      const double sound = (1.0 - spoilt_share) * std::exp(-0.5 * z * z) / (std::sqrt(2.0 * pi) * se);
      const double share = sound / (sound + spoilt_share * spoilt_density / mean);
      weights += share / (one.se * one.se);
      sum += share * one.value / (one.se * one.se);
      sum2 += share * std::pow((one.value - mean) / one.se, 2);
      count += share;
    }
    if (!(weights > 0.0)) break;
    mean = sum / weights;
  }
  if (!(weights > 0.0)) return {mean, widened * all.front().se, widened * all.front().se};
  const double excess = count > 1.5 ? std::max(1.0, sum2 / (count - 1.0)) : 1.0;
  return {mean, std::sqrt(excess / weights), std::sqrt(excess * count / weights)};
}

}  // namespace

RegionView::RegionView(std::span<const Particle> particles, std::span<const Track> tracks,
                       const ThermalHistory& history, int region,
                       std::span<const CompletenessCurve> completeness, const Drift& drift,
                       cv::Size frame_size, double false_tracks)
    : particles_(particles),
      history_(&history),
      region_(region),
      drift_(&drift),
      frame_size_(frame_size),
      frames_(history.frames_of_region(region)) {
  for (std::size_t i = 0; i < history.holds.size(); ++i) {
    if (history.holds[i].region != region) continue;
    const int first = holds_.empty() ? 0 : holds_.back().last + 1;
    holds_.push_back({&completeness[i], first, first + static_cast<int>(history.holds[i].frames.size()) - 1});
  }
  const double linking_area = linking_area_px2(particles, region);
  for (const Track& track : tracks) {
    if (track.region != region || track.particles.empty()) continue;
    const int first = frame_of(track.particles.front());
    if (static_cast<int>(track.particles.size()) < least_sightings(holds_[hold_index(first)], linking_area))
      continue;
    const ViewedTrack viewed{&track, first, frame_of(track.particles.back())};
    if (!flickers(viewed)) tracks_.push_back(viewed);
  }
  judge_credibility(false_tracks, linking_area);
}

void RegionView::judge_credibility(double false_tracks, double linking_area_px2) {
  const double area = frame_size_.area();
  for (const HoldFrames& hold : holds_)
    false_tracks_.push_back(false_tracks +
                            area * false_track_density_px2(*hold.curve, hold.frames(), linking_area_px2,
                                                           least_sightings(hold, linking_area_px2)));
  std::vector<std::pair<int, std::size_t>> parts;
  std::vector<Appearance> appearances;
  standing_.assign(holds_.size(), 0.0);
  for (const ViewedTrack& track : tracks_)
    for (std::size_t hold = hold_index(track.first); hold <= hold_index(track.last); ++hold) {
      std::vector<double> snr, contrast;
      for (const std::size_t particle : seen_in(track, hold)) {
        snr.push_back(particles_[particle].snr);
        contrast.push_back(particles_[particle].contrast);
      }
      if (snr.empty()) continue;
      parts.emplace_back(track.track->track, hold);
      appearances.push_back({hold, median(snr), median(contrast)});
      standing_[hold] += 1.0;
    }
  const std::vector<double> ratios = log_false_ratios(appearances);
  for (std::size_t i = 0; i < parts.size(); ++i) log_false_[parts[i]] = ratios[i];
  tracks_.erase(std::remove_if(tracks_.begin(), tracks_.end(),
                               [this](const ViewedTrack& track) {
                                 for (std::size_t hold = hold_index(track.first);
                                      hold <= hold_index(track.last); ++hold)
                                   if (probability_false(track, hold) < 0.5) return false;
                                 return true;
                               }),
                tracks_.end());
  newcomers_.assign(holds_.size(), 0.0);
  for (const ViewedTrack& track : tracks_) newcomers_[hold_index(track.first)] += 1.0;
}

double RegionView::probability_false(const ViewedTrack& track, std::size_t hold) const {
  const auto ratio = log_false_.find({track.track->track, hold});
  if (ratio == log_false_.end()) return 1.0;  // not seen in this hold
  const double odds = false_tracks_[hold] / standing_[hold] * std::exp(ratio->second);
  return odds / (1.0 + odds);
}

double RegionView::newcomer_density_px2(std::size_t hold) const {
  return std::max(1.0, newcomers_[hold]) / frame_size_.area();
}

double RegionView::foreign_density_px2(const ViewedTrack& track, std::size_t hold) const {
  const auto ratio = log_false_.find({track.track->track, hold});
  const double alike = ratio == log_false_.end() ? 0.0 : std::exp(ratio->second);
  return newcomer_density_px2(hold) + false_tracks_[hold] * alike / frame_size_.area();
}

const ViewedTrack* RegionView::returned_at_site(const ViewedTrack& track) const {
  for (const ViewedTrack& other : tracks_)
    if (other.track->previous_at_site == track.track->track) return &other;
  return nullptr;
}

int RegionView::least_sightings(const HoldFrames& hold, double linking_area_px2) const {
  // Once among many frames is not enough even where no false detections were measured.
  int least = hold.frames() >= 3 ? 2 : 1;
  const double area = frame_size_.area();
  while (least < hold.frames() &&
         area * false_track_density_px2(*hold.curve, hold.frames(), linking_area_px2, least) >
             false_tracks_of_a_hold)
    ++least;
  return least;
}

bool RegionView::flickers(const ViewedTrack& track) const {
  constexpr double beyond_chance = 2.6;  // standard deviations, 99.5 %
  constexpr std::size_t many = 4;        // sightings that are no chance
  if (track.track->particles.size() >= many) return false;
  double expected = 0.0, variance = 0.0;
  for (int frame = track.first + 1; frame < track.last; ++frame) {
    const double p = holds_[hold_index(frame)].curve->probability(track.track->diameter_px);
    expected += p;
    variance += p * (1.0 - p);
  }
  const double between = track.last - track.first - 1.0;
  const double seen = static_cast<double>(track.track->particles.size()) - 2.0;
  return seen < 0.5 * between && seen < expected - beyond_chance * std::sqrt(variance);
}

int RegionView::frame_of(std::size_t particle) const {
  return history_->frames[static_cast<std::size_t>(particles_[particle].frame)].region_frame;
}

const FrameRecord& RegionView::record(int frame) const {
  return history_->frames[static_cast<std::size_t>(frames_[static_cast<std::size_t>(frame)])];
}

std::size_t RegionView::hold_index(int frame) const {
  const auto found = std::lower_bound(holds_.begin(), holds_.end(), frame,
                                      [](const HoldFrames& hold, int wanted) { return hold.last < wanted; });
  return static_cast<std::size_t>(found - holds_.begin());
}

std::vector<Look> RegionView::looks(int first, int last) const {
  std::vector<Look> result;
  for (int frame = first; frame <= last; ++frame)
    result.push_back({holds_[hold_index(frame)].curve, shift_of(frame), false});
  return result;
}

std::vector<Look> RegionView::looks_at(const ViewedTrack& track, int first, int last) const {
  std::vector<Look> result = looks(first, last);
  for (const std::size_t particle : track.track->particles) {
    const int frame = frame_of(particle);
    if (frame < first || frame > last) continue;
    result[static_cast<std::size_t>(frame - first)].found = true;
  }
  return result;
}

std::vector<std::size_t> RegionView::seen_in(const ViewedTrack& track, std::size_t hold) const {
  std::vector<std::size_t> seen;
  for (const std::size_t particle : track.track->particles)
    if (frame_of(particle) >= holds_[hold].first && frame_of(particle) <= holds_[hold].last)
      seen.push_back(particle);
  return seen;
}

Sighting RegionView::combined(std::span<const std::size_t> particles) const {
  const auto seen = [this](std::size_t particle) {
    return sighting(particles_[particle], shift_of(frame_of(particle)));
  };
  Sighting known = seen(particles.front());
  for (const std::size_t particle : particles.subspan(1))
    known = combine(predict(known, 1.0, Wander{}), seen(particle));
  return known;
}

Sighting RegionView::at_end(const ViewedTrack& track) const {
  return at_end_of(track, hold_index(track.last));
}

Sighting RegionView::at_start(const ViewedTrack& track) const {
  return at_start_of(track, hold_index(track.first));
}

Sighting RegionView::at_end_of(const ViewedTrack& track, std::size_t hold) const {
  const std::vector<std::size_t> seen = seen_in(track, hold);
  const std::size_t used = std::min(averaged_sightings, seen.size());
  return combined(std::span(seen).last(used));
}

Sighting RegionView::at_start_of(const ViewedTrack& track, std::size_t hold) const {
  std::vector<std::size_t> seen = seen_in(track, hold);
  seen.resize(std::min(averaged_sightings, seen.size()));
  std::reverse(seen.begin(), seen.end());
  return combined(seen);
}

std::optional<MeanSize> RegionView::size_between(const ViewedTrack& track, int first, int last) const {
  std::vector<Measured> diameters;
  for (const std::size_t index : track.track->particles) {
    if (frame_of(index) < first || frame_of(index) > last) continue;
    const double diameter = particles_[index].diameter_px;
    diameters.push_back(
        {diameter, std::sqrt(sighting(particles_[index], {}).log_diameter_variance) * diameter});
  }
  if (diameters.empty()) return std::nullopt;
  const RobustMean mean = robust_mean(diameters);
  return MeanSize{mean.value, std::hypot(mean.se, common_relative_error * mean.value), mean.single_se};
}

std::optional<MeanBrightness> RegionView::brightness_between(const ViewedTrack& track, int first,
                                                             int last) const {
  std::vector<double> brightness, snr;
  for (const std::size_t index : track.track->particles) {
    const Particle& particle = particles_[index];
    if (frame_of(index) < first || frame_of(index) > last || !(particle.snr > 0.0) ||
        particle.contrast == 0.0)
      continue;
    brightness.push_back(std::log(std::abs(particle.contrast) * particle.diameter_px * particle.diameter_px));
    snr.push_back(particle.snr);
  }
  if (brightness.empty()) return std::nullopt;
  const double single = 1.0 / median(snr);
  return MeanBrightness{median(brightness), single / std::sqrt(static_cast<double>(brightness.size())),
                        single};
}

RegionView::Pace RegionView::pace_of(const ViewedTrack& track) const {
  const std::vector<std::size_t>& seen = track.track->particles;
  const HoldFrames& hold = holds_[hold_index(track.last)];
  // Weighted straight line through volume against time; time 0 is the last sighting.
  int count = 0;
  double n = 0.0, st = 0.0, sv = 0.0, stt = 0.0, stv = 0.0;
  for (std::size_t k = seen.size(); k-- > 0 && count < sightings_of_a_pace; ++count) {
    const int at = frame_of(seen[k]);
    if (at < hold.first) break;  // a step from one hold to the next is not a pace
    const double t = at - track.last;
    const double volume = std::pow(particles_[seen[k]].diameter_px, 3);
    const double weight =
        1.0 / (9.0 * volume * volume * sighting(particles_[seen[k]], {}).log_diameter_variance);
    n += weight;
    st += weight * t;
    sv += weight * volume;
    stt += weight * t * t;
    stv += weight * t * volume;
  }
  const double determinant = n * stt - st * st;
  if (count < fewest_for_a_pace || !(determinant > 0.0)) return {};
  const double slope = (n * stv - st * sv) / determinant;
  return {slope, std::sqrt(n / determinant), (sv - slope * st) / n};
}

bool RegionView::shrank_steadily(const ViewedTrack& track) const {
  const Pace pace = pace_of(track);
  return pace.volume_per_frame < -3.0 * pace.se;
}

bool RegionView::used_up_before(const ViewedTrack& track, int frame) const {
  const Pace pace = pace_of(track);
  return shrank_steadily(track) && pace.last_volume + pace.volume_per_frame * (frame - track.last) < 0.0;
}

}  // namespace sinterscope
