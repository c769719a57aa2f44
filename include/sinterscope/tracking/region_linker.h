// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The three assignments of linking (see link.h) within one region: frame to frame, over gaps, from hold to
// hold.

#include <cmath>
#include <opencv2/core/types.hpp>
#include <span>
#include <vector>

#include "sinterscope/tracking/link.h"
#include "sinterscope/tracking/sighting.h"

namespace sinterscope {

/// A particle followed through some frames, with what is known of it at both ends.
struct Segment {
  std::vector<std::size_t> particles;  ///< indices, in time order
  int first_frame = 0;                 ///< frames of the region
  int last_frame = 0;
  Sighting start, end;
};

class RegionLinker {
 public:
  RegionLinker(std::span<const Particle> particles, const ThermalHistory& history, int region,
               const Drift& drift, cv::Size frame_size, const LinkOptions& options);
  /// The particles of each track of this region, in time order.
  std::vector<Segment> tracks();

 private:
  struct Seen {
    std::size_t particle;
    Sighting sighting;
  };
  std::vector<Segment> segments_of(const Hold& hold) const;
  std::vector<Segment> close_gaps(std::vector<Segment> segments, const Hold& hold);
  void learn_detection_probability(const std::vector<Segment>& segments, const Hold& hold);
  /// Merged with the segments that the larger of two particles goes on as after they became one, or before.
  std::vector<Segment> follow_contacts(const std::vector<Segment>& segments, const Hold& hold) const;
  /// `next`: the segment that follows each one, -1 = none.
  std::vector<Segment> chained(const std::vector<Segment>& segments, const std::vector<int>& next) const;
  void continue_into(std::vector<Segment>& tracks, const std::vector<Segment>& standing,
                     int previous_hold_start) const;
  SizeLaw size_law(const Hold& hold) const;
  Segment joined(const Segment& before, const Segment& after) const;
  void extend(Segment& segment, const Seen& seen, int frame, const Wander& wander) const;
  double odds() const { return found_ / (1.0 - found_); }
  double found_price() const { return -std::log(found_); }
  double miss_price(int frames) const { return -frames * std::log1p(-found_); }
  int region_frame(int frame) const { return history_.frames[static_cast<std::size_t>(frame)].region_frame; }
  const std::vector<Seen>& seen_in(int region_frame) const {
    return frames_[static_cast<std::size_t>(region_frame)];
  }
  Wander frame_wander() const { return {options_.motion_share, options_.size_scatter}; }

  const ThermalHistory& history_;
  int region_;
  double area_px2_;
  LinkOptions options_;
  double found_;  ///< probability that a standing particle is found in a frame of the present hold
  std::vector<std::vector<Seen>> frames_;
};

}  // namespace sinterscope
