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
#include "sinterscope/tracking/hold_change.h"
#include "sinterscope/tracking/neighbours.h"
#include "sinterscope/tracking/sighting.h"
#include "sinterscope/tracking/visibility.h"
#include "sinterscope/tracking/volume_change.h"

namespace sinterscope {
namespace {

constexpr int averaged_frames = 4;  ///< sightings from which the size beside an end is taken

constexpr double negligible = 0.02;  ///< expected number of tracks missed to the end of a hold

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
  RegionEvents(std::span<const Particle> particles, std::span<const Track> tracks,
               const ThermalHistory& history, int region, std::span<const CompletenessCurve> completeness,
               const Drift& drift, cv::Size frame_size, const EventOptions& options);
  std::vector<Event> find();

 private:
  struct End {
    const Track* track;
    int last;          ///< frame of the region in which it was seen last
    bool at_boundary;  ///< it vanished when the next hold began
    Fate fate;
  };
  std::vector<End> ends() const;
  void judge_boundary(std::vector<End>& ends, std::size_t hold) const;
  double prior_within_hold(const Track& track, int last, double missed) const;
  bool used_up_before(const Track& track, int frame) const;
  void report_end(const End& end);
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
  std::vector<int> frames_;  ///< global numbers
  std::vector<HoldFrames> holds_;
  std::vector<const Track*> tracks_;  ///< without those taken for false detections
  Neighbours places_;                 ///< of tracks_
  double largest_diameter_px_ = 0.0;
  std::map<int, double> shares_;  ///< of volume, by the frame or the hold (negative) of an end
  std::vector<Event> events_;
};

RegionEvents::RegionEvents(std::span<const Particle> particles, std::span<const Track> tracks,
                           const ThermalHistory& history, int region,
                           std::span<const CompletenessCurve> completeness, const Drift& drift,
                           cv::Size frame_size, const EventOptions& options)
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

/// The neighbour in contact whose volume jumped by that of this track, with the odds against no jump as
/// weight: for an end (ends = true) the volume it gained from frame `last` to the next, for a beginning the
/// one it lost.
Explanation RegionEvents::contact(const Track& track, const Sighting& seen, int last, bool ends) const {
  Explanation best{ends ? EventKind::coalesced : EventKind::split, 0.0, true, {}};
  const double diameter = std::exp(seen.log_diameter);
  const double volume = diameter * diameter * diameter;
  const double farthest = 0.5 * options_.contact_reach * (diameter + largest_diameter_px_);
  places_.within(seen.place_px, farthest, [&](std::size_t index, double distance2) {
    const Track* other = tracks_[index];
    const double reach = 0.5 * options_.contact_reach * (diameter + other->diameter_px);
    if (other == &track || distance2 > reach * reach || last_of(*other) <= last || first_of(*other) > last)
      return;
    const auto before = volume_beside(*other, last, true), after = volume_beside(*other, last + 1, false);
    if (!before || !after) return;
    const double gained = ends ? *after - *before : *before - *after;
    const double sd = 0.2 * std::max(*before, *after) + 0.1 * volume;
    const double odds =
        std::exp(std::min(log_normal(gained, volume, sd) - log_normal(gained, 0.0, sd), 50.0));
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

void RegionEvents::report(const Track& track, std::vector<Explanation> explanations, int frame,
                          const Sighting& seen) {
  double total = 0.0;
  for (const Explanation& explanation : explanations) total += explanation.weight;
  const auto best =
      std::max_element(explanations.begin(), explanations.end(),
                       [](const Explanation& a, const Explanation& b) { return a.weight < b.weight; });
  if (!best->is_event || best->weight < options_.min_probability * total) return;
  const FrameRecord& record =
      history_.frames[static_cast<std::size_t>(frames_[static_cast<std::size_t>(frame)])];
  events_.push_back({best->kind, best->weight / total, track.track, region_, record.frame, record.hold,
                     record.time_s, record.temperature_K, seen.place_px.x, seen.place_px.y,
                     std::exp(seen.log_diameter), best->partners});
}

/// The prior probability that a track that ends in the middle of its hold is gone: small for one among many
/// that are only missed to the end of the hold, larger where more end at once than are missed by chance.
double RegionEvents::prior_within_hold(const Track& track, int last, double missed) const {
  const HoldFrames& hold = holds_[hold_index(last)];
  double alive = 0.0, ended = 0.0;
  for (const Track* other : tracks_) {
    if (first_of(*other) > last || last_of(*other) < last) continue;
    alive += 1.0;
    if (last_of(*other) == last) ended += 1.0;
  }
  const double excess = alive > 0.0 ? ended / alive - missed : 0.0;
  if (used_up_before(track, hold.last)) return 1.0 - options_.gone_prior;
  return options_.gone_prior * std::max(1.0 / (hold.last - hold.first + 1), excess);
}

/// Did it shrink so steadily that, at this pace, nothing was left of it by this frame?
bool RegionEvents::used_up_before(const Track& track, int frame) const {
  const HoldFrames& hold = holds_[hold_index(last_of(track))];
  double count = 0.0, n = 0.0, st = 0.0, sv = 0.0, stt = 0.0, stv = 0.0;
  for (std::size_t k = track.particles.size(); k-- > 0 && count < 2 * averaged_frames;) {
    const int at = frame_of(track.particles[k]);
    if (at < hold.first) break;  // a step from one hold to the next is not a pace
    const double t = at - last_of(track);
    const double volume = std::pow(particles_[track.particles[k]].diameter_px, 3);
    const double log_variance = sighting(particles_[track.particles[k]], {}).log_diameter_variance;
    const double weight = 1.0 / (9.0 * volume * volume * log_variance);
    count += 1.0;
    n += weight;
    st += weight * t;
    sv += weight * volume;
    stt += weight * t * t;
    stv += weight * t * volume;
  }
  if (count < averaged_frames) return false;
  const double determinant = n * stt - st * st;
  if (!(determinant > 0.0)) return false;
  const double slope = (n * stv - st * sv) / determinant, slope_se = std::sqrt(n / determinant);
  const double volume_last = (sv - slope * st) / n;
  return slope < -3.0 * slope_se && volume_last + slope * (frame - last_of(track)) < 0.0;
}

std::vector<RegionEvents::End> RegionEvents::ends() const {
  std::vector<End> result;
  std::map<int, double> ended;  // number of tracks by last frame
  for (const Track* track : tracks_) ended[last_of(*track)] += 1.0;
  for (const Track* track : tracks_) {
    const int last = last_of(*track);
    if (last + 1 >= static_cast<int>(frames_.size())) continue;
    const std::size_t index = hold_index(last);
    const HoldFrames& hold = holds_[index];
    const bool has_next = index + 1 < holds_.size();
    const Sighting seen = sighting_at_end(*track);
    // Of the tracks that vanish when the next hold begins some are missed in the last frames of this one:
    // where that is to be expected the end is not dated earlier.
    const std::vector<Look> rest = looks(last + 1, hold.last);
    const double missed = unseen(seen, 0.0, rest, frame_size_).total();
    const double others = ended.count(hold.last) ? ended[hold.last] : 0.0;
    const bool at_boundary = has_next && std::max(others, 1.0) * missed > negligible;
    Fate fate;
    if (!at_boundary)
      fate =
          judge_alone(seen, rest, frame_size_, prior_within_hold(*track, last, missed), options_.own_change);
    result.push_back({track, last, at_boundary, fate});
  }
  for (std::size_t hold = 0; hold + 1 < holds_.size(); ++hold) judge_boundary(result, hold);
  return result;
}

void RegionEvents::judge_boundary(std::vector<End>& ends, std::size_t hold) const {
  std::vector<Standing> standing;
  std::vector<End*> vanished;  // null for a survivor
  for (End& end : ends)
    if (end.at_boundary && hold_index(end.last) == hold) {
      standing.push_back({sighting_at_end(*end.track), {}, 0.0, looks(end.last + 1, holds_[hold + 1].last)});
      vanished.push_back(&end);
    }
  if (vanished.empty()) return;
  const Stretch stretch = stretch_of_end(holds_[hold].last, true);
  for (const Track* track : tracks_) {
    const auto before = mean_size(*track, particles_, history_, stretch.before_first, stretch.before_last);
    const auto after = mean_size(*track, particles_, history_, stretch.after_first, stretch.after_last);
    if (!before || !after) continue;
    const Sighting seen{{track->x_specimen_px, track->y_specimen_px},
                        0.0,
                        std::log(before->diameter_px),
                        std::pow(before->se_px / before->diameter_px, 2)};
    standing.push_back(
        {seen, std::log(after->diameter_px), std::pow(after->se_px / after->diameter_px, 2), {}});
  }
  const std::vector<Fate> fates = judge_hold_change(
      standing, frame_size_, {options_.gone_prior, options_.common_change, options_.own_change});
  for (std::size_t i = 0; i < vanished.size(); ++i) vanished[i]->fate = fates[i];
}

void RegionEvents::report_end(const End& end) {
  const Track& track = *end.track;
  const Sighting seen = sighting_at_end(track);
  Explanation merged = contact(track, seen, end.last, true);
  const double contact_prior = merged.partners.empty() ? 0.0 : options_.contact_prior;
  merged.weight *= end.fate.gone * contact_prior;
  const double dissolved = end.fate.gone * (1.0 - contact_prior);
  const double share = share_transferred(end.last, end.at_boundary);
  const int frame = end.at_boundary ? holds_[hold_index(end.last) + 1].first : end.last + 1;
  report(track,
         {{EventKind::left_field, end.fate.there.outside},
          {EventKind::below_limit, end.fate.there.below_limit},
          {EventKind::below_limit, end.fate.there.missed, false},
          merged,
          {EventKind::ripened, dissolved * share},
          {EventKind::redispersed, dissolved * (1.0 - share)}},
         frame, seen);
}

void RegionEvents::find_beginning(const Track& track) {
  const int first = first_of(track);
  if (first == 0) return;
  const std::size_t index = hold_index(first);
  const int start = index > 0 ? holds_[index - 1].first : 0;
  const Sighting seen = sighting_at_start(track);
  const Fate before =
      judge_alone(seen, looks(start, first - 1), frame_size_, options_.gone_prior, options_.own_change);
  Explanation parted = contact(track, seen, first - 1, false);
  const double contact_prior = parted.partners.empty() ? 0.0 : options_.contact_prior;
  parted.weight *= before.gone * contact_prior;
  report(track,
         {{EventKind::appeared, before.gone * (1.0 - contact_prior)},
          {EventKind::appeared, before.there.total(), false},
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
    const double grew = options_.growth_prior * normal_cdf(z),
                 not_grew = (1.0 - options_.growth_prior) * normal_cdf(-z);
    if (grew < 9.0 * not_grew) return;
    Sighting seen{{track.x_specimen_px, track.y_specimen_px}, 0.0, std::log(after->diameter_px), 0.0};
    report(track, {{EventKind::grew, grew}, {EventKind::grew, not_grew, false}}, stretch.after_first, seen);
  };
  for (std::size_t i = 0; i < holds_.size(); ++i) {
    const int frames = holds_[i].last - holds_[i].first + 1;
    if (frames >= 3)
      compare({holds_[i].first, holds_[i].first + frames / 3 - 1, holds_[i].last - frames / 3 + 1,
               holds_[i].last});
    if (i + 1 < holds_.size()) compare(stretch_of_end(holds_[i].last, true));
  }
}

std::vector<Event> RegionEvents::find() {
  for (const Track* track : tracks_) {
    find_beginning(*track);
    find_growth(*track);
  }
  for (const End& end : ends()) report_end(end);
  return std::move(events_);
}

}  // namespace

std::vector<Event> find_events(std::span<const Particle> particles, std::span<const Track> tracks,
                               const ThermalHistory& history, std::span<const CompletenessCurve> completeness,
                               std::span<const Drift> drift, cv::Size frame_size,
                               const EventOptions& options) {
  validate(options);
  if (completeness.size() != history.holds.size())
    throw Error(fmt::format("events: {} completeness curves for {} holds", completeness.size(),
                            history.holds.size()));
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

}  // namespace sinterscope
