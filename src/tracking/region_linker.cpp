// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/region_linker.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "sinterscope/tracking/assignment.h"
#include "sinterscope/tracking/contact.h"
#include "sinterscope/tracking/neighbours.h"

namespace sinterscope {
namespace {

// A track that is not continued after a gap or in the next hold has ended: how often that happens is not
// known before, and enters by its logarithm only.
constexpr double ends_early = 0.02;
const double end_price = -std::log(ends_early);
/// Pairs rows with columns; price(row, column) is asked for those within the row's radius.
template <typename Price>
std::vector<int> match(const std::vector<Sighting>& rows, const std::vector<double>& radii,
                       const std::vector<Sighting>& columns, double row_alone, const Price& price) {
  if (rows.empty() || columns.empty()) return std::vector<int>(rows.size(), -1);
  std::vector<cv::Point2d> places;
  for (const Sighting& column : columns) places.push_back(column.place_px);
  const Neighbours neighbours(places, *std::max_element(radii.begin(), radii.end()));
  std::vector<CandidatePair> pairs;
  for (std::size_t row = 0; row < rows.size(); ++row)
    neighbours.within(rows[row].place_px, radii[row], [&](std::size_t column, double) {
      if (const std::optional<double> cost = price(row, column))
        pairs.push_back({static_cast<int>(row), static_cast<int>(column), *cost});
    });
  return assign(pairs, std::vector<double>(rows.size(), row_alone), std::vector<double>(columns.size(), 0.0));
}

double largest_place_variance(const std::vector<Sighting>& sightings) {
  double largest = 0.0;
  for (const Sighting& sighting : sightings) largest = std::max(largest, sighting.place_variance);
  return largest;
}

}  // namespace

RegionLinker::RegionLinker(std::span<const Particle> particles, const ThermalHistory& history, int region,
                           const Drift& drift, cv::Size frame_size, const LinkOptions& options)
    : history_(history),
      region_(region),
      area_px2_(static_cast<double>(frame_size.width) * frame_size.height),
      options_(options),
      found_(options.detection_probability),
      frames_(history.frames_of_region(region).size()) {
  for (std::size_t i = 0; i < particles.size(); ++i) {
    if (particles[i].region != region) continue;
    const std::size_t frame = static_cast<std::size_t>(region_frame(particles[i].frame));
    const FrameShift shift = drift.empty() ? FrameShift{} : drift[frame];
    frames_[frame].push_back({i, sighting(particles[i], shift)});
  }
  for (std::vector<Seen>& frame : frames_)
    std::sort(frame.begin(), frame.end(), [](const Seen& a, const Seen& b) {
      return std::tie(a.sighting.place_px.y, a.sighting.place_px.x, a.sighting.log_diameter) <
             std::tie(b.sighting.place_px.y, b.sighting.place_px.x, b.sighting.log_diameter);
    });
}

SizeLaw RegionLinker::size_law(const Hold& hold) const {
  double count = 0.0, sum = 0.0, sum2 = 0.0;
  for (const int frame : hold.frames)
    for (const Seen& seen : seen_in(region_frame(frame))) {
      count += 1.0;
      sum += seen.sighting.log_diameter;
      sum2 += seen.sighting.log_diameter * seen.sighting.log_diameter;
    }
  if (count < 2.0) return {count > 0.0 ? sum : 0.0, 0.3};
  const double mean = sum / count;
  return {mean, std::max(std::sqrt(std::max(sum2 / count - mean * mean, 0.0)), 0.1)};
}

void RegionLinker::extend(Segment& segment, const Seen& seen, int frame, const Wander& wander) const {
  segment.end = combine(predict(segment.end, frame - segment.last_frame, wander), seen.sighting);
  segment.particles.push_back(seen.particle);
  segment.last_frame = frame;
}

std::vector<Segment> RegionLinker::segments_of(const Hold& hold) const {
  const Wander wander = frame_wander();
  const SizeLaw law = size_law(hold);
  std::vector<Segment> segments;
  std::vector<std::size_t> open;  // segments seen in the frame before
  for (const int global_frame : hold.frames) {
    const int frame = region_frame(global_frame);
    const std::vector<Seen>& seen = seen_in(frame);
    std::vector<Sighting> columns;
    for (const Seen& one : seen) columns.push_back(one.sighting);
    const double density = std::max<double>(1.0, static_cast<double>(seen.size())) / area_px2_;
    const double measured_variance = largest_place_variance(columns);
    std::vector<Sighting> rows;
    std::vector<double> radii;
    for (const std::size_t index : open) {
      rows.push_back(predict(segments[index].end, 1.0, wander));
      radii.push_back(gate_radius(rows.back(), measured_variance, density, odds()));
    }
    const std::vector<int> column_of =
        match(rows, radii, columns, miss_price(1), [&](std::size_t row, std::size_t column) {
          return std::optional<double>(found_price() -
                                       log_ratio_same(rows[row], columns[column], law, density));
        });
    std::vector<std::size_t> owner(seen.size(), segments.size());
    for (std::size_t row = 0; row < open.size(); ++row)
      if (column_of[row] >= 0) owner[static_cast<std::size_t>(column_of[row])] = open[row];
    open.clear();
    const std::size_t known = segments.size();
    for (std::size_t column = 0; column < seen.size(); ++column) {
      if (owner[column] < known) {
        extend(segments[owner[column]], seen[column], frame, wander);
        open.push_back(owner[column]);
      } else {
        open.push_back(segments.size());
        segments.push_back(
            {{seen[column].particle}, frame, frame, seen[column].sighting, seen[column].sighting});
      }
    }
  }
  return segments;
}

Segment RegionLinker::joined(const Segment& before, const Segment& after) const {
  Segment both = before;
  both.particles.insert(both.particles.end(), after.particles.begin(), after.particles.end());
  both.last_frame = after.last_frame;
  both.end = after.end;
  return both;
}

void RegionLinker::learn_detection_probability(const std::vector<Segment>& segments, const Hold& hold) {
  // Of the particles seen in one frame, how many were seen in the next one? The default counts as ten of
  // them.
  constexpr double weight_of_default = 10.0;
  double seen = weight_of_default, again = weight_of_default * options_.detection_probability;
  const int last = region_frame(hold.frames.back());
  for (const Segment& segment : segments) {
    again += segment.last_frame - segment.first_frame;
    seen += std::min(segment.last_frame + 1, last) - segment.first_frame;
  }
  found_ = std::clamp(again / seen, 0.5, 0.99);
}

std::vector<Segment> RegionLinker::close_gaps(std::vector<Segment> segments, const Hold& hold) {
  const std::size_t frames = hold.frames.size();
  if (segments.empty() || frames < 3 || options_.max_gap_frames == 0) return segments;
  learn_detection_probability(segments, hold);
  const Wander wander = frame_wander();
  const int first =
      std::min_element(segments.begin(), segments.end(), [](const Segment& a, const Segment& b) {
        return a.first_frame < b.first_frame;
      })->first_frame;
  // Only the start of a segment can be a continuation: their density is what chance has to offer.
  const auto starts = std::count_if(segments.begin(), segments.end(),
                                    [first](const Segment& segment) { return segment.first_frame > first; });
  const double density = std::max(1.0, static_cast<double>(starts)) *
                         std::min(1.0, options_.max_gap_frames / static_cast<double>(frames)) / area_px2_;
  std::vector<Sighting> rows, columns;
  for (const Segment& segment : segments) {
    rows.push_back(segment.end);
    columns.push_back(segment.start);
  }
  SizeLaw law;
  for (const Sighting& column : columns)
    law.mean_log_diameter += column.log_diameter / static_cast<double>(columns.size());
  const double measured_variance = largest_place_variance(columns);
  std::vector<double> radii;
  for (const Sighting& row : rows)
    radii.push_back(gate_radius(predict(row, options_.max_gap_frames + 1, wander), measured_variance, density,
                                found_ / ends_early));
  const std::vector<int> next = match(
      rows, radii, columns, end_price, [&](std::size_t row, std::size_t column) -> std::optional<double> {
        const int missed = segments[column].first_frame - segments[row].last_frame - 1;
        if (missed < 1 || missed > options_.max_gap_frames) return std::nullopt;
        return found_price() + miss_price(missed) -
               log_ratio_same(predict(rows[row], missed + 1, wander), columns[column], law, density);
      });
  return chained(segments, next);
}

std::vector<Segment> RegionLinker::chained(const std::vector<Segment>& segments,
                                           const std::vector<int>& next) const {
  std::vector<bool> continues(segments.size(), false);
  for (const int column : next)
    if (column >= 0) continues[static_cast<std::size_t>(column)] = true;
  std::vector<Segment> chains;
  for (std::size_t head = 0; head < segments.size(); ++head) {
    if (continues[head]) continue;
    Segment chain = segments[head];
    for (int at = next[head]; at >= 0; at = next[static_cast<std::size_t>(at)])
      chain = joined(chain, segments[static_cast<std::size_t>(at)]);
    chains.push_back(std::move(chain));
  }
  return chains;
}

std::vector<Segment> RegionLinker::follow_contacts(const std::vector<Segment>& segments,
                                                   const Hold& hold) const {
  const int first = region_frame(hold.frames.front()), last = region_frame(hold.frames.back());
  std::vector<LooseEnd> ends, starts;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].last_frame < last) ends.push_back({i, segments[i].last_frame, segments[i].end});
    if (segments[i].first_frame > first) starts.push_back({i, segments[i].first_frame, segments[i].start});
  }
  constexpr int most_frames = 3;  // a pair is often missed once before it is found as one
  const double density = std::max(1.0, static_cast<double>(starts.size())) / area_px2_;
  std::vector<int> next(segments.size(), -1);
  std::vector<bool> continues(segments.size(), false);
  const auto link_ends = [&](std::size_t before, std::size_t after) {
    if (next[before] >= 0 || continues[after]) return;
    next[before] = static_cast<int>(after);
    continues[after] = true;
  };
  for (const Continuation& merge : join_contacts(ends, starts, most_frames, density))
    link_ends(merge.part, merge.whole);
  for (const Continuation& split : join_contacts(starts, ends, -most_frames, density))
    link_ends(split.whole, split.part);
  return chained(segments, next);
}

void RegionLinker::continue_into(std::vector<Segment>& tracks, const std::vector<Segment>& standing,
                                 int previous_hold_start) const {
  const Wander wander = frame_wander();
  constexpr double lone_spoilt_share = 1e-3;
  std::vector<std::size_t> candidates;  // tracks of the hold before
  for (std::size_t i = 0; i < tracks.size(); ++i)
    if (tracks[i].last_frame >= previous_hold_start) candidates.push_back(i);
  const double density = std::max<double>(1.0, static_cast<double>(standing.size())) / area_px2_;
  std::vector<Sighting> rows, columns;
  std::vector<double> radii;
  SizeLaw law;
  for (const Segment& segment : standing) {
    columns.push_back(segment.start);
    law.mean_log_diameter += segment.start.log_diameter / static_cast<double>(standing.size());
  }
  const double measured_variance = largest_place_variance(columns);
  for (const std::size_t index : candidates) {
    rows.push_back(tracks[index].end);
    rows.back().log_diameter_variance += options_.hold_size_scatter * options_.hold_size_scatter;
    radii.push_back(gate_radius(predict(rows.back(), options_.max_gap_frames + 1, wander), measured_variance,
                                density, found_ / ends_early));
  }
  const std::vector<int> column_of = match(
      rows, radii, columns, end_price, [&](std::size_t row, std::size_t column) -> std::optional<double> {
        const int missed = standing[column].first_frame - tracks[candidates[row]].last_frame - 1;
        if (missed > options_.max_gap_frames) return std::nullopt;
        // One sighting far from the place is a stranger rather than the particle with a spoilt fit.
        const double spoilt = standing[column].particles.size() > 1 ? usual_spoilt_share : lone_spoilt_share;
        return found_price() + miss_price(missed) -
               log_ratio_same(predict(rows[row], missed + 1, wander), columns[column], law, density, spoilt);
      });
  std::vector<bool> taken(standing.size(), false);
  for (std::size_t row = 0; row < candidates.size(); ++row) {
    if (column_of[row] < 0) continue;
    const std::size_t column = static_cast<std::size_t>(column_of[row]);
    taken[column] = true;
    tracks[candidates[row]] = joined(tracks[candidates[row]], standing[column]);
  }
  for (std::size_t column = 0; column < standing.size(); ++column)
    if (!taken[column]) tracks.push_back(standing[column]);
}

std::vector<Segment> RegionLinker::tracks() {
  std::vector<Segment> tracks;
  int hold_start = 0, previous_hold_start = 0;  // frames of the region at which they begin
  for (const Hold* hold : history_.holds_of_region(region_)) {
    found_ = options_.detection_probability;
    const std::vector<Segment> standing = follow_contacts(close_gaps(segments_of(*hold), *hold), *hold);
    if (options_.across_holds)
      continue_into(tracks, standing, previous_hold_start);
    else
      tracks.insert(tracks.end(), standing.begin(), standing.end());
    previous_hold_start = hold_start;
    hold_start += static_cast<int>(hold->frames.size());
  }
  return tracks;
}

}  // namespace sinterscope
