// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/tracking/hold_change.h"
#include "sinterscope/tracking/neighbours.h"
#include "sinterscope/tracking/region_view.h"
#include "sinterscope/tracking/volume_change.h"

namespace sinterscope {
namespace {

constexpr int averaged_frames = 8;   ///< from which the size beside an end is taken
constexpr double negligible = 0.02;  ///< expected number of tracks missed to the end of a hold

struct Explanation {
  EventKind kind = EventKind::appeared;
  double weight = 0.0;
  bool is_event = true;
  std::vector<int> partners = {};
};

/// The end of a track before the end of its region.
struct End {
  const ViewedTrack* track;
  int last;          ///< frame in which it was seen last
  bool at_boundary;  ///< it vanished when the next hold began
  Sighting seen;
  Fate fate;
};

/// A change of ln(diameter) with its errors.
struct MeasuredChange {
  double change, variance, single_error;
};

class RegionEvents {
 public:
  RegionEvents(const RegionView& view, const EventOptions& options);
  std::vector<Event> find();

 private:
  std::vector<End> ends();
  double prior_within_hold(const ViewedTrack& track, double missed) const;
  double prior_of_newcomer(const ViewedTrack& track, double missed) const;
  bool is_foreign(const ViewedTrack& track, int frame) const;
  /// Finds and misses of a track in a hold, between its first and its last sighting.
  std::vector<Look> finds_in(const ViewedTrack& track, std::size_t hold) const;
  /// Those that vanish when the next hold begins; empty where none does and none ends in the next one.
  std::optional<HoldChange> judge_boundary(std::vector<End>& ends, std::size_t hold);
  Standing vanished(const End& end, std::size_t hold) const;
  std::optional<Standing> survivor(const ViewedTrack& track, std::size_t hold) const;
  MeasuredChange change_of(const ViewedTrack& track, const Stretch& stretch, const MeanSize& before,
                           const MeanSize& after) const;
  void judge_within(End& end, const std::optional<HoldChange>& into) const;
  void report_end(const End& end);
  void report_beginning(const ViewedTrack& track);
  void report_growth(const Stretch& stretch);
  /// `hold`: of the sightings that tell of it.
  void report(const ViewedTrack& track, const std::vector<Explanation>& explanations, int frame,
              const Sighting& seen, std::size_t hold);
  /// The touching neighbour that jumped by the volume of a track between frame `last` and the next, up for an
  /// end and down for a beginning, with the odds as weight.
  Explanation contact(const ViewedTrack& track, const Sighting& seen, int last, EventKind kind) const;
  double probability_ripened_at(const End& end);
  Stretch within_hold(const HoldFrames& hold) const;
  Stretch across_boundary(std::size_t hold) const;
  bool merged_within(const ViewedTrack& track, const Stretch& stretch) const;

  const RegionView& view_;
  EventOptions options_;
  Neighbours places_;  ///< of the tracks
  double largest_diameter_px_ = 0.0;
  std::vector<int> standing_, beginning_, ending_;  ///< number of tracks by frame
  std::map<int, double> ripened_;                   ///< by the frame, or the hold (negative), of an end
  std::multimap<int, int> merges_;   ///< frame of the region by the track that took another one up
  std::map<int, double> returned_;   ///< probability that it was gone, by a track whose site was taken again
  std::map<int, int> foreign_from_;  ///< frame from which a track shows a foreign detection
  std::vector<Event> events_;
};

std::vector<cv::Point2d> places_of(const RegionView& view) {
  std::vector<cv::Point2d> places;
  for (const ViewedTrack& track : view.tracks())
    places.emplace_back(track.track->x_specimen_px, track.track->y_specimen_px);
  return places;
}

double largest_diameter(const RegionView& view) {
  double largest = 0.0;
  for (const ViewedTrack& track : view.tracks()) largest = std::max(largest, track.track->diameter_px);
  return largest;
}

RegionEvents::RegionEvents(const RegionView& view, const EventOptions& options)
    : view_(view),
      options_(options),
      places_(places_of(view), largest_diameter(view)),
      largest_diameter_px_(largest_diameter(view)),
      standing_(static_cast<std::size_t>(view.frames()), 0),
      beginning_(standing_),
      ending_(standing_) {
  for (const ViewedTrack& track : view_.tracks()) {
    for (int frame = track.first; frame <= track.last; ++frame) ++standing_[static_cast<std::size_t>(frame)];
    ++beginning_[static_cast<std::size_t>(track.first)];
    ++ending_[static_cast<std::size_t>(track.last)];
  }
}

Stretch RegionEvents::within_hold(const HoldFrames& hold) const {
  const int third = std::max(hold.frames() / 3, 1);
  return {hold.first, hold.first + third - 1, hold.last - third + 1, hold.last};
}

Stretch RegionEvents::across_boundary(std::size_t hold) const {
  const HoldFrames &before = view_.holds()[hold], &after = view_.holds()[hold + 1];
  return {std::max(before.first, before.last - averaged_frames + 1), before.last, after.first,
          std::min(after.last, after.first + averaged_frames - 1)};
}

Explanation RegionEvents::contact(const ViewedTrack& track, const Sighting& seen, int last,
                                  EventKind kind) const {
  Explanation best{kind, 0.0, true, {}};
  const bool ends = kind == EventKind::coalesced;
  const auto own = ends ? view_.size_between(track, last - averaged_frames + 1, last)
                        : view_.size_between(track, last + 1, last + averaged_frames);
  if (!own) return best;
  places_.within(
      seen.place_px, 0.5 * options_.contact_reach * (own->diameter_px + largest_diameter_px_),
      [&](std::size_t index, double distance2) {
        const ViewedTrack& other = view_.tracks()[index];
        const double reach = 0.5 * options_.contact_reach * (own->diameter_px + other.track->diameter_px);
        if (&other == &track || distance2 > reach * reach || other.last <= last || other.first > last) return;
        const auto before = view_.size_between(other, last - averaged_frames + 1, last);
        const auto after = view_.size_between(other, last + 1, last + averaged_frames);
        if (!before || !after) return;
        const double odds = ends ? jump_odds(*before, *after, *own) : jump_odds(*after, *before, *own);
        if (odds <= best.weight) return;
        best.weight = odds;
        best.partners = {other.track->track};
      });
  return best;
}

void RegionEvents::report(const ViewedTrack& track, const std::vector<Explanation>& explanations, int frame,
                          const Sighting& seen, std::size_t hold) {
  double total = 0.0;
  for (const Explanation& explanation : explanations) total += explanation.weight;
  total /= std::max(1.0 - view_.probability_false(track, hold), 1e-9);
  const auto best =
      std::max_element(explanations.begin(), explanations.end(),
                       [](const Explanation& a, const Explanation& b) { return a.weight < b.weight; });
  if (!best->is_event || best->weight < options_.min_probability * total) return;
  if (best->kind == EventKind::coalesced) merges_.emplace(best->partners.front(), frame);
  const FrameRecord& record = view_.record(frame);
  events_.push_back({best->kind, best->weight / total, track.track->track, view_.region(), record.frame,
                     record.hold, record.time_s, record.temperature_K, seen.place_px.x, seen.place_px.y,
                     std::exp(seen.log_diameter), best->partners});
}

/// The prior probability that a track that ends in the middle of its hold is gone: small for one among many
/// that are only missed to the end of the hold, larger where more end at once than are missed by chance.
double RegionEvents::prior_within_hold(const ViewedTrack& track, double missed) const {
  const HoldFrames& hold = view_.holds()[view_.hold_index(track.last)];
  if (view_.used_up_before(track, hold.last)) return 1.0 - options_.gone_prior;
  const std::size_t last = static_cast<std::size_t>(track.last);
  return options_.gone_prior *
         std::max(1.0 / hold.frames(), static_cast<double>(ending_[last]) / standing_[last] - missed);
}

/// The prior probability that a track that begins is new. With its hold: the share of new ones among those
/// that stand then, by how many begin beyond those that were missed before; in the middle of a hold a track
/// is more often found late than it begins.
double RegionEvents::prior_of_newcomer(const ViewedTrack& track, double missed) const {
  const HoldFrames& hold = view_.holds()[view_.hold_index(track.first)];
  const std::size_t first = static_cast<std::size_t>(track.first);
  const double begin = beginning_[first], standing = standing_[first];
  if (track.first > hold.first)
    return options_.gone_prior * std::max(1.0 / hold.frames(), begin / standing - missed);
  const double known = standing - begin + 0.5;
  const double fresh = begin - known * missed / std::max(1.0 - missed, 0.1);
  return std::max(options_.gone_prior, fresh / (fresh + known));
}

std::vector<End> RegionEvents::ends() {
  std::vector<End> result;
  for (const ViewedTrack& track : view_.tracks()) {
    if (track.last + 1 >= view_.frames()) continue;
    const std::size_t index = view_.hold_index(track.last);
    const HoldFrames& hold = view_.holds()[index];
    End end{&track, track.last, false, view_.at_end(track), {}};
    // Of the tracks that vanish when the next hold begins some are missed in the last frames of this one:
    // where that is to be expected the end is not dated earlier.
    const std::vector<Look> rest = view_.looks(track.last + 1, hold.last);
    const Unseen there = unseen(end.seen, 0.0, rest, view_.frame_size(), finds_in(track, index));
    const double missed_in_view = rest.empty() ? 1.0 : there.total() - there.outside;
    end.at_boundary = index + 1 < view_.holds().size() &&
                      std::max(ending_[static_cast<std::size_t>(hold.last)], 1) * missed_in_view > negligible;
    result.push_back(end);
  }
  std::optional<HoldChange> into;  // from the hold before
  for (std::size_t hold = 0; hold < view_.holds().size(); ++hold) {
    for (End& end : result)
      if (!end.at_boundary && view_.hold_index(end.last) == hold) judge_within(end, into);
    if (hold + 1 < view_.holds().size()) into = judge_boundary(result, hold);
  }
  // Where a foreign detection took up a track, what happens to that is not its fate.
  result.erase(std::remove_if(result.begin(), result.end(),
                              [this](const End& end) { return is_foreign(*end.track, end.last); }),
               result.end());
  return result;
}

bool RegionEvents::is_foreign(const ViewedTrack& track, int frame) const {
  const auto from = foreign_from_.find(track.track->track);
  return from != foreign_from_.end() && frame >= from->second;
}

std::vector<Look> RegionEvents::finds_in(const ViewedTrack& track, std::size_t hold) const {
  const HoldFrames& frames = view_.holds()[hold];
  return view_.looks_at(track, std::max(frames.first, track.first), std::min(frames.last, track.last));
}

void RegionEvents::judge_within(End& end, const std::optional<HoldChange>& into) const {
  const ViewedTrack& track = *end.track;
  const std::size_t index = view_.hold_index(end.last);
  const HoldFrames& hold = view_.holds()[index];
  const std::vector<Look> rest = view_.looks(end.last + 1, hold.last), finds = finds_in(track, index);
  if (into && track.first < hold.first) {
    const auto before = view_.size_between(track, hold.first - averaged_frames, hold.first - 1);
    const auto now = view_.size_between(track, hold.first, hold.last);
    if (before && now) {
      // What is found near the limit looks larger than it is, by up to the error of a single frame; how it
      // changed with all others tells more.
      Sighting expected = end.seen;
      expected.log_diameter = std::log(before->diameter_px) + into->log_change;
      expected.log_diameter_variance = std::pow(before->se_px / before->diameter_px, 2) +
                                       into->log_change_se * into->log_change_se +
                                       options_.own_change * options_.own_change;
      Sighting biased = end.seen;
      biased.log_diameter_variance += std::pow(now->single_se_px / now->diameter_px, 2);
      const Sighting both = combine(expected, biased);
      end.seen.log_diameter = both.log_diameter;
      end.seen.log_diameter_variance = both.log_diameter_variance;
    }
  }
  const double missed = unseen(end.seen, 0.0, rest, view_.frame_size(), finds).total();
  end.fate = judge_alone(end.seen, rest, view_.frame_size(), prior_within_hold(track, missed),
                         options_.own_change, finds);
}

Standing RegionEvents::vanished(const End& end, std::size_t hold) const {
  Standing standing;
  standing.before = end.seen;
  standing.looks = view_.looks(end.last + 1, view_.holds()[hold + 1].last);
  standing.later_holds = hold + 2 < view_.holds().size();
  const ViewedTrack* again = view_.returned_at_site(*end.track);
  if (!again) return standing;
  const Sighting seen = view_.at_start(*again);
  const double growth = seen.log_diameter - end.seen.log_diameter;
  const double variance = seen.log_diameter_variance + end.seen.log_diameter_variance +
                          2.0 * options_.own_change * options_.own_change;
  // A newcomer may have any size within a factor e either way.
  standing.log_return = log_place_density(end.seen, seen) -
                        std::log(view_.newcomer_density_px2(view_.hold_index(again->first))) -
                        0.5 * growth * growth / variance - 0.5 * std::log(2.0 * pi * variance) +
                        std::log(2.0);
  return standing;
}

MeasuredChange RegionEvents::change_of(const ViewedTrack& track, const Stretch& stretch,
                                       const MeanSize& before, const MeanSize& after) const {
  if (options_.brightness_power > 0.0) {
    const auto dim = view_.brightness_between(track, stretch.before_first, stretch.before_last);
    const auto bright = view_.brightness_between(track, stretch.after_first, stretch.after_last);
    const double power = options_.brightness_power;
    if (dim && bright)
      return {(bright->log_brightness - dim->log_brightness) / power,
              (bright->se * bright->se + dim->se * dim->se) / (power * power), bright->single_se / power};
  }
  return {std::log(after.diameter_px / before.diameter_px),
          std::pow(before.se_px / before.diameter_px, 2) + std::pow(after.se_px / after.diameter_px, 2),
          after.single_se_px / after.diameter_px};
}

std::optional<Standing> RegionEvents::survivor(const ViewedTrack& track, std::size_t hold) const {
  const Stretch stretch = across_boundary(hold);
  if (track.first > stretch.before_last || track.last < stretch.after_first) return std::nullopt;
  const auto before = view_.size_between(track, stretch.before_first, stretch.before_last);
  const auto after = view_.size_between(track, stretch.after_first, stretch.after_last);
  if (!before || !after || is_foreign(track, stretch.before_last)) return std::nullopt;
  const MeasuredChange change = change_of(track, stretch, *before, *after);
  const Sighting last = view_.at_end_of(track, hold), next = view_.at_start_of(track, hold + 1);
  Standing standing;
  standing.before = {last.place_px, last.place_variance, std::log(before->diameter_px),
                     std::pow(before->se_px / before->diameter_px, 2)};
  standing.looks = view_.looks_at(track, stretch.after_first, stretch.after_last);
  standing.after =
      Survival{change.change, change.variance, change.single_error,
               track.last > stretch.after_last ? 0.0 : options_.gone_prior,
               std::log(view_.foreign_density_px2(track, hold + 1)) - log_place_density(last, next)};
  return standing;
}

std::optional<HoldChange> RegionEvents::judge_boundary(std::vector<End>& ends, std::size_t hold) {
  std::vector<Standing> standing;
  std::vector<End*> missing;
  bool asked = false;
  for (End& end : ends) {
    const std::size_t last = view_.hold_index(end.last);
    asked = asked || last == hold + 1;
    if (!end.at_boundary || last != hold || is_foreign(*end.track, end.last)) continue;
    standing.push_back(vanished(end, hold));
    missing.push_back(&end);
  }
  if (missing.empty() && !asked) return std::nullopt;
  std::vector<const ViewedTrack*> survivors;
  for (const ViewedTrack& track : view_.tracks())
    if (const auto one = survivor(track, hold)) {
      standing.push_back(*one);
      survivors.push_back(&track);
    }
  const HoldChange change = judge_hold_change(
      standing, view_.frame_size(),
      {options_.gone_prior, options_.common_change, options_.own_change, options_.site_memory});
  for (std::size_t i = 0; i < missing.size(); ++i) {
    missing[i]->fate = change.fates[i];
    if (standing[i].log_return) returned_[missing[i]->track->track->track] = change.fates[i].gone;
  }
  const HoldFrames& frames = view_.holds()[hold];
  for (std::size_t i = 0; i < survivors.size(); ++i) {
    Fate fate = change.fates[missing.size() + i];
    if (fate.gone < 0.5) continue;
    fate.there.missed = 1.0 - fate.gone;  // it stands, and no event happened to it
    foreign_from_[survivors[i]->track->track] = frames.last + 1;
    ends.push_back({survivors[i], frames.last, true, view_.at_end_of(*survivors[i], hold), fate});
  }
  return change;
}

double RegionEvents::probability_ripened_at(const End& end) {
  const std::size_t hold = view_.hold_index(end.last);
  const int key = end.at_boundary ? -1 - static_cast<int>(hold) : end.last;
  const auto known = ripened_.find(key);
  if (known != ripened_.end()) return known->second;
  Stretch stretch = end.at_boundary ? across_boundary(hold) : within_hold(view_.holds()[hold]);
  if (!end.at_boundary) stretch.after_first = std::max(stretch.after_first, end.last + 1);
  return ripened_[key] = probability_ripened(view_, stretch, options_.ripening_prior);
}

void RegionEvents::report_end(const End& end) {
  Explanation merged = contact(*end.track, end.seen, end.last, EventKind::coalesced);
  const double contact_prior = merged.partners.empty() ? 0.0 : options_.contact_prior;
  merged.weight *= end.fate.gone * contact_prior;
  const double dissolved = end.fate.gone * (1.0 - contact_prior);
  // Ripening is slow: within a hold the particle is seen to shrink, and is lost near the detection limit.
  const CompletenessCurve& curve = *view_.holds()[view_.hold_index(end.last)].curve;
  const double soon_px = std::exp(end.seen.log_diameter - 2.0 * options_.own_change);
  const bool may_ripen = end.at_boundary || curve.probability(soon_px) < 0.5 * curve.plateau ||
                         view_.shrank_steadily(*end.track);
  const double ripened = may_ripen ? probability_ripened_at(end) : 0.0;
  const int frame = end.at_boundary ? view_.holds()[view_.hold_index(end.last) + 1].first : end.last + 1;
  report(*end.track,
         {{EventKind::left_field, end.fate.there.outside},
          {EventKind::below_limit, end.fate.there.below_limit},
          {EventKind::below_limit, end.fate.there.missed, false},
          merged,
          {EventKind::ripened, dissolved * ripened},
          {EventKind::redispersed, dissolved * (1.0 - ripened)}},
         frame, end.seen, view_.hold_index(end.last));
}

void RegionEvents::report_beginning(const ViewedTrack& track) {
  if (track.first == 0) return;
  const std::size_t index = view_.hold_index(track.first);
  const int start = index > 0 ? view_.holds()[index - 1].first : 0;
  const Sighting seen = view_.at_start(track);
  const std::vector<Look> looks = view_.looks(start, track.first - 1), finds = finds_in(track, index);
  const double missed = unseen(seen, 0.0, looks, view_.frame_size(), finds).total();
  Fate before = judge_alone(seen, looks, view_.frame_size(), prior_of_newcomer(track, missed),
                            options_.own_change, finds);
  // If what ended at this site was there all along, so was this.
  const auto former = returned_.find(track.track->previous_at_site);
  if (former != returned_.end()) before = {former->second, {0.0, 0.0, 1.0 - former->second}};
  Explanation parted = contact(track, seen, track.first - 1, EventKind::split);
  const double contact_prior = parted.partners.empty() ? 0.0 : options_.contact_prior;
  parted.weight *= before.gone * contact_prior;
  report(track,
         {{EventKind::appeared, before.gone * (1.0 - contact_prior)},
          {EventKind::appeared, before.there.total(), false},
          parted},
         track.first, seen, index);
}

bool RegionEvents::merged_within(const ViewedTrack& track, const Stretch& stretch) const {
  const auto [begin, end] = merges_.equal_range(track.track->track);
  return std::any_of(begin, end, [&](const auto& merge) {
    return merge.second > stretch.before_first && merge.second <= stretch.after_last;
  });
}

void RegionEvents::report_growth(const Stretch& stretch) {
  for (const Growth& growth : find_growth(view_, stretch, options_.growth_prior)) {
    const ViewedTrack& track = view_.tracks()[growth.track];
    if (growth.log_growth < std::log1p(options_.min_growth) || merged_within(track, stretch) ||
        is_foreign(track, stretch.after_last))
      continue;
    const Sighting seen{{track.track->x_specimen_px, track.track->y_specimen_px},
                        0.0,
                        std::log(growth.after.diameter_px),
                        0.0};
    report(track, {{EventKind::grew, growth.probability}, {EventKind::grew, 1.0 - growth.probability, false}},
           stretch.after_first, seen, view_.hold_index(stretch.after_first));
  }
}

std::vector<Event> RegionEvents::find() {
  for (const End& end : ends()) report_end(end);
  for (const ViewedTrack& track : view_.tracks()) report_beginning(track);
  for (std::size_t hold = 0; hold < view_.holds().size(); ++hold) {
    if (view_.holds()[hold].frames() >= averaged_frames) report_growth(within_hold(view_.holds()[hold]));
    if (hold + 1 < view_.holds().size()) report_growth(across_boundary(hold));
  }
  return events_;
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
    const RegionView view(particles, tracks, history, region, completeness, shifts, frame_size,
                          options.false_tracks);
    const std::vector<Event> found = RegionEvents(view, options).find();
    events.insert(events.end(), found.begin(), found.end());
  }
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.frame, a.track) < std::tie(b.frame, b.track);
  });
  return events;
}

}  // namespace sinterscope
