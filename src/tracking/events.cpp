// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/tracking/neighbours.h"
#include "sinterscope/tracking/sighting.h"
#include "sinterscope/tracking/visibility.h"
#include "sinterscope/tracking/volume_change.h"

namespace sinterscope {
namespace {

constexpr int averaged_frames = 4; ///< sightings from which the size beside an end is taken

struct Explanation {
  EventKind kind = EventKind::appeared;
  double weight = 0.0;
  bool is_event = true;
  std::vector<int> partners = {};
};

/// One hold as frames of its region.
struct HoldFrames {
  const Hold* hold;
  const CompletenessCurve* curve;
  int first, last;
};

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// ln N(x; mean, sd) without the constant.
double log_normal(double x, double mean, double sd) {
  return -0.5 * (x - mean) * (x - mean) / (sd * sd) - std::log(sd);
}

class RegionEvents {
 public:
  RegionEvents(std::span<const Particle> particles, std::span<const Track> tracks, const ThermalHistory& history,
               int region, std::span<const CompletenessCurve> completeness, const Drift& drift, cv::Size frame_size,
               const EventOptions& options);
  std::vector<Event> find();

 private:
  void find_end(const Track& track);
  void find_beginning(const Track& track);
  void find_growth(const Track& track);
  void report(const Track& track, std::vector<Explanation> explanations, int frame, const Sighting& seen);
  Explanation contact(const Track& track, const Sighting& seen, int last, bool ends) const;
  std::optional<double> volume_beside(const Track& track, int frame, bool before) const;
  Sighting sighting_at_end(const Track& track) const;
  Sighting sighting_at_start(const Track& track) const;
  std::vector<Look> looks(int first, int last) const;
  std::size_t hold_index(int frame) const;
  double share_transferred(int frame, bool at_boundary);
  Stretch stretch_of_end(int frame, bool at_boundary) const;
  const FrameShift shift_of(int frame) const {
    return drift_.empty() ? FrameShift{} : drift_[static_cast<std::size_t>(frame)];
  }
  int frame_of(std::size_t particle) const {
    return history_.frames[static_cast<std::size_t>(particles_[particle].frame)].region_frame;
  }
  int first_of(const Track& track) const { return frame_of(track.particles.front()); }
  int last_of(const Track& track) const { return frame_of(track.particles.back()); }

  std::span<const Particle> particles_;
  const ThermalHistory& history_;
  int region_;
  const Drift& drift_;
  cv::Size frame_size_;
  EventOptions options_;
  std::vector<int> frames_; ///< global numbers
  std::vector<HoldFrames> holds_;
  std::vector<const Track*> tracks_; ///< without those taken for false detections
  Neighbours places_;                ///< of tracks_
  double largest_diameter_px_ = 0.0;
  std::map<int, double> shares_;     ///< of volume, by the frame or the hold (negative) of an end
  std::vector<Event> events_;
};

RegionEvents::RegionEvents(std::span<const Particle> particles, std::span<const Track> tracks,
                           const ThermalHistory& history, int region,
                           std::span<const CompletenessCurve> completeness, const Drift& drift, cv::Size frame_size,
                           const EventOptions& options)
    : particles_(particles),
      history_(history),
      region_(region),
      drift_(drift),
      frame_size_(frame_size),
      options_(options),
      frames_(history.frames_of_region(region)),
      places_({}, 1.0) {
  for (std::size_t i = 0; i < history.holds.size(); ++i) {
    const Hold& hold = history.holds[i];
    if (hold.region != region) continue;
    const int first = holds_.empty() ? 0 : holds_.back().last + 1;
    holds_.push_back({&hold, &completeness[i], first, first + static_cast<int>(hold.frames.size()) - 1});
  }
  for (const Track& track : tracks) {
    if (track.region != region || track.particles.empty()) continue;
    const HoldFrames& hold = holds_[hold_index(first_of(track))];
    if (track.particles.size() == 1 && hold.last - hold.first >= 2) continue;
    tracks_.push_back(&track);
    largest_diameter_px_ = std::max(largest_diameter_px_, track.diameter_px);
  }
  std::vector<cv::Point2d> places;
  for (const Track* track : tracks_) places.emplace_back(track->x_specimen_px, track->y_specimen_px);
  places_ = Neighbours(places, largest_diameter_px_);
}

double RegionEvents::share_transferred(int frame, bool at_boundary) {
  const int key = at_boundary ? -1 - static_cast<int>(hold_index(frame)) : frame;
  const auto known = shares_.find(key);
  if (known != shares_.end()) return known->second;
  return shares_[key] = transferred_share(tracks_, particles_, history_, stretch_of_end(frame, at_boundary));
}

std::size_t RegionEvents::hold_index(int frame) const {
  const auto found = std::find_if(holds_.begin(), holds_.end(),
                                  [frame](const HoldFrames& hold) { return frame <= hold.last; });
  return static_cast<std::size_t>(found - holds_.begin());
}

std::vector<Look> RegionEvents::looks(int first, int last) const {
  std::vector<Look> result;
  for (int frame = first; frame <= last; ++frame)
    result.push_back({holds_[hold_index(frame)].curve, shift_of(frame)});
  return result;
}

Sighting RegionEvents::sighting_at_end(const Track& track) const {
  Sighting seen;
  const std::size_t count = std::min<std::size_t>(averaged_frames, track.particles.size());
  for (std::size_t k = track.particles.size() - count; k < track.particles.size(); ++k) {
    const Sighting next = sighting(particles_[track.particles[k]], shift_of(frame_of(track.particles[k])));
    seen = k == track.particles.size() - count ? next : combine(predict(seen, 1.0, Wander{}), next);
  }
  return seen;
}

Sighting RegionEvents::sighting_at_start(const Track& track) const {
  Sighting seen;
  const std::size_t count = std::min<std::size_t>(averaged_frames, track.particles.size());
  for (std::size_t k = count; k-- > 0;) {
    const Sighting next = sighting(particles_[track.particles[k]], shift_of(frame_of(track.particles[k])));
    seen = k == count - 1 ? next : combine(predict(seen, 1.0, Wander{}), next);
  }
  return seen;
}

std::optional<double> RegionEvents::volume_beside(const Track& track, int frame, bool before) const {
  const auto size = before ? mean_size(track, particles_, history_, frame - averaged_frames + 1, frame)
                           : mean_size(track, particles_, history_, frame, frame + averaged_frames - 1);
  return size ? std::optional<double>(size->volume()) : std::nullopt;
}

/// The neighbour in contact whose volume jumped by that of this track, with the odds against no jump as weight: for an
/// end (ends = true) the volume it gained from frame `last` to the next, for a beginning the one it lost.
Explanation RegionEvents::contact(const Track& track, const Sighting& seen, int last, bool ends) const {
  Explanation best{ends ? EventKind::coalesced : EventKind::split, 0.0, true, {}};
  const double diameter = std::exp(seen.log_diameter);
  const double volume = diameter * diameter * diameter;
  const double farthest = 0.5 * options_.contact_reach * (diameter + largest_diameter_px_);
  places_.within(seen.place_px, farthest, [&](std::size_t index, double distance2) {
    const Track* other = tracks_[index];
    const double reach = 0.5 * options_.contact_reach * (diameter + other->diameter_px);
    if (other == &track || distance2 > reach * reach || last_of(*other) <= last || first_of(*other) > last) return;
    const auto before = volume_beside(*other, last, true), after = volume_beside(*other, last + 1, false);
    if (!before || !after) return;
    const double gained = ends ? *after - *before : *before - *after;
    const double sd = 0.2 * std::max(*before, *after) + 0.1 * volume;
    const double odds = std::exp(std::min(log_normal(gained, volume, sd) - log_normal(gained, 0.0, sd), 50.0));
    if (odds > best.weight) {
      best.weight = odds;
      best.partners = {other->track};
    }
  });
  return best;
}

Stretch RegionEvents::stretch_of_end(int frame, bool at_boundary) const {
  const std::size_t index = hold_index(frame);
  const HoldFrames& hold = holds_[index];
  if (at_boundary)
    return {std::max(hold.first, hold.last - 2 * averaged_frames), hold.last, holds_[index + 1].first,
            holds_[index + 1].last};
  const int third = std::max((hold.last - hold.first + 1) / 3, 1);
  return {hold.first, hold.first + third - 1, std::max(frame + 1, hold.last - third + 1), hold.last};
}

void RegionEvents::report(const Track& track, std::vector<Explanation> explanations, int frame, const Sighting& seen) {
  double total = 0.0;
  for (const Explanation& explanation : explanations) total += explanation.weight;
  const auto best = std::max_element(explanations.begin(), explanations.end(),
                                     [](const Explanation& a, const Explanation& b) { return a.weight < b.weight; });
  if (!best->is_event || best->weight < options_.min_probability * total) return;
  const FrameRecord& record = history_.frames[static_cast<std::size_t>(frames_[static_cast<std::size_t>(frame)])];
  events_.push_back({best->kind, best->weight / total, track.track, region_, record.frame, record.hold, record.time_s,
                     record.temperature_K, seen.place_px.x, seen.place_px.y, std::exp(seen.log_diameter),
                     best->partners});
}

void RegionEvents::find_end(const Track& track) {
  const int last = last_of(track);
  if (last + 1 >= static_cast<int>(frames_.size())) return;
  const std::size_t index = hold_index(last);
  const bool has_next = index + 1 < holds_.size();
  const int end = has_next ? holds_[index + 1].last : holds_[index].last;
  const Sighting seen = sighting_at_end(track);
  // Missed once or twice at the end of its hold by chance, it vanished when the next one began.
  const std::vector<Look> rest = looks(last + 1, holds_[index].last);
  const bool at_boundary =
      has_next && (rest.empty() || unseen(seen, 0.0, rest, frame_size_).total() > options_.gone_prior);
  const Unseen there = unseen(seen, options_.unnoticed_change, looks(last + 1, end), frame_size_);
  const double gone = options_.gone_prior, stays = 1.0 - gone;
  Explanation merged = contact(track, seen, last, true);
  const double contact_prior = merged.partners.empty() ? 0.0 : options_.contact_prior;
  merged.weight *= gone * contact_prior;
  const double dissolved = gone * (1.0 - contact_prior);
  const double share = share_transferred(last, at_boundary);
  report(track,
         {{EventKind::left_field, stays * there.outside},
          {EventKind::below_limit, stays * there.below_limit},
          {EventKind::below_limit, stays * there.missed, false},
          merged,
          {EventKind::ripened, dissolved * share},
          {EventKind::redispersed, dissolved * (1.0 - share)}},
         at_boundary ? holds_[index + 1].first : last + 1, seen);
}

void RegionEvents::find_beginning(const Track& track) {
  const int first = first_of(track);
  if (first == 0) return;
  const std::size_t index = hold_index(first);
  const int start = index > 0 ? holds_[index - 1].first : 0;
  const Sighting seen = sighting_at_start(track);
  const Unseen before = unseen(seen, options_.unnoticed_change, looks(start, first - 1), frame_size_);
  const double fresh = options_.gone_prior, stood = 1.0 - fresh;
  Explanation parted = contact(track, seen, first - 1, false);
  const double contact_prior = parted.partners.empty() ? 0.0 : options_.contact_prior;
  parted.weight *= fresh * contact_prior;
  report(track,
         {{EventKind::appeared, fresh * (1.0 - contact_prior)},
          {EventKind::appeared, stood * before.total(), false},
          parted},
         first, seen);
}

void RegionEvents::find_growth(const Track& track) {
  const auto compare = [&](const Stretch& stretch) {
    const auto before = mean_size(track, particles_, history_, stretch.before_first, stretch.before_last);
    const auto after = mean_size(track, particles_, history_, stretch.after_first, stretch.after_last);
    if (!before || !after) return;
    const double least = before->diameter_px * (1.0 + options_.min_growth);
    const double z = (after->diameter_px - least) / std::hypot(after->se_px, before->se_px);
    const double grew = normal_cdf(z);
    if (grew < 0.9) return;
    Sighting seen{{track.x_specimen_px, track.y_specimen_px}, 0.0, std::log(after->diameter_px), 0.0};
    report(track, {{EventKind::grew, grew}, {EventKind::grew, 1.0 - grew, false}}, stretch.after_first, seen);
  };
  for (std::size_t i = 0; i < holds_.size(); ++i) {
    const int frames = holds_[i].last - holds_[i].first + 1;
    if (frames >= 3) compare({holds_[i].first, holds_[i].first + frames / 3 - 1, holds_[i].last - frames / 3 + 1,
                              holds_[i].last});
    if (i + 1 < holds_.size()) compare(stretch_of_end(holds_[i].last, true));
  }
}

std::vector<Event> RegionEvents::find() {
  for (const Track* track : tracks_) {
    find_beginning(*track);
    find_growth(*track);
    find_end(*track);
  }
  return std::move(events_);
}

} // namespace

std::vector<Event> find_events(std::span<const Particle> particles, std::span<const Track> tracks,
                               const ThermalHistory& history, std::span<const CompletenessCurve> completeness,
                               std::span<const Drift> drift, cv::Size frame_size, const EventOptions& options) {
  validate(options);
  if (completeness.size() != history.holds.size())
    throw Error(fmt::format("events: {} completeness curves for {} holds", completeness.size(), history.holds.size()));
  if (!drift.empty() && drift.size() != history.regions.size())
    throw Error(fmt::format("events: {} drifts for {} regions", drift.size(), history.regions.size()));
  const Drift none;
  std::vector<Event> events;
  for (int region = 0; region < static_cast<int>(history.regions.size()); ++region) {
    const Drift& shifts = drift.empty() ? none : drift[static_cast<std::size_t>(region)];
    const std::vector<Event> found =
        RegionEvents(particles, tracks, history, region, completeness, shifts, frame_size, options).find();
    events.insert(events.end(), found.begin(), found.end());
  }
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.frame, a.track) < std::tie(b.frame, b.track);
  });
  return events;
}

} // namespace sinterscope
