// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One region as the search for events sees it: its frames, holds, completeness and drift, and its tracks.

#include <map>
#include <opencv2/core/types.hpp>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sinterscope/experiment/completeness.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/experiment/track.h"
#include "sinterscope/tracking/sighting.h"
#include "sinterscope/tracking/visibility.h"

namespace sinterscope {

/// One hold; frames are frames of the region, both ends included.
struct HoldFrames {
  const CompletenessCurve* curve;
  int first, last;
  int frames() const { return last - first + 1; }
};

/// A track with the frames of the region in which it was seen first and last.
struct ViewedTrack {
  const Track* track;
  int first, last;
};

/// A weighted mean diameter with its error.
struct MeanSize {
  double diameter_px = 0.0;
  double se_px = 0.0;
  double single_se_px = 0.0;  ///< of one frame
  double volume() const {
    return diameter_px * diameter_px * diameter_px;
  }  ///< d^3: the shape factor cancels
  double volume_se() const { return 3.0 * diameter_px * diameter_px * se_px; }
};

/// How bright a particle is in all, with errors.
struct MeanBrightness {
  double log_brightness = 0.0;  ///< ln(contrast x diameter^2)
  double se = 0.0;
  double single_se = 0.0;  ///< in one frame
};

class RegionView {
 public:
  /// Tracks with so few sightings that false detections may have formed them are left out, and those of two
  /// or three that are seen in less than half of their frames although their size would be found in more, and
  /// those that are more likely false than particles in each of their holds (credibility.h). `false_tracks`:
  /// expected in a hold, beyond what chance brings together.
  RegionView(std::span<const Particle> particles, std::span<const Track> tracks,
             const ThermalHistory& history, int region, std::span<const CompletenessCurve> completeness,
             const Drift& drift, cv::Size frame_size, double false_tracks);

  int region() const { return region_; }
  int frames() const { return static_cast<int>(frames_.size()); }
  cv::Size frame_size() const { return frame_size_; }
  const std::vector<HoldFrames>& holds() const { return holds_; }
  const std::vector<ViewedTrack>& tracks() const { return tracks_; }
  const FrameRecord& record(int frame) const;
  std::size_t hold_index(int frame) const;
  /// The frames from first to last, as chances to see a particle.
  std::vector<Look> looks(int first, int last) const;
  /// The same with the finds of one track.
  std::vector<Look> looks_at(const ViewedTrack& track, int first, int last) const;
  /// What is known of a track at its last frames, and at its first.
  Sighting at_end(const ViewedTrack& track) const;
  Sighting at_start(const ViewedTrack& track) const;
  /// The same at its last frames in a hold, and at its first ones there; it must be seen in it.
  Sighting at_end_of(const ViewedTrack& track, std::size_t hold) const;
  Sighting at_start_of(const ViewedTrack& track, std::size_t hold) const;
  /// Its size between two frames, both included; empty if it was not seen there.
  std::optional<MeanSize> size_between(const ViewedTrack& track, int first, int last) const;
  /// Its brightness there; empty if it was not seen or its brightness not measured.
  std::optional<MeanBrightness> brightness_between(const ViewedTrack& track, int first, int last) const;
  /// Probability that what the track shows in a hold is a false detection, and the density, per px^2, of
  /// foreign detections that look like it: false ones and newcomers.
  double probability_false(const ViewedTrack& track, std::size_t hold) const;
  double foreign_density_px2(const ViewedTrack& track, std::size_t hold) const;
  /// The track that stands at the site of one that ended, in a later hold; null = none.
  const ViewedTrack* returned_at_site(const ViewedTrack& track) const;
  /// Tracks that begin in a hold, per px^2.
  double newcomer_density_px2(std::size_t hold) const;
  /// Did the track shrink steadily towards its end?
  bool shrank_steadily(const ViewedTrack& track) const;
  /// Did the track shrink so steadily within its last hold that, at this pace, nothing is left of it by
  /// `frame`?
  bool used_up_before(const ViewedTrack& track, int frame) const;

 private:
  FrameShift shift_of(int frame) const {
    return drift_->empty() ? FrameShift{} : (*drift_)[static_cast<std::size_t>(frame)];
  }
  int frame_of(std::size_t particle) const;
  std::vector<std::size_t> seen_in(const ViewedTrack& track, std::size_t hold) const;
  /// Combined in this order.
  Sighting combined(std::span<const std::size_t> particles) const;
  bool flickers(const ViewedTrack& track) const;
  /// Of the volume (d^3) of a track before its end; without a slope where too few sightings tell.
  struct Pace {
    double volume_per_frame = 0.0, se = 0.0, last_volume = 0.0;
  };
  Pace pace_of(const ViewedTrack& track) const;
  void judge_credibility(double false_tracks, double linking_area_px2);
  int least_sightings(const HoldFrames& hold, double linking_area_px2) const;

  std::span<const Particle> particles_;
  const ThermalHistory* history_;
  int region_;
  const Drift* drift_;
  cv::Size frame_size_;
  std::vector<int> frames_;  ///< global numbers
  std::vector<HoldFrames> holds_;
  std::vector<ViewedTrack> tracks_;
  std::map<std::pair<int, std::size_t>, double> log_false_;  ///< ratio of densities by track number and hold
  std::vector<double> false_tracks_, standing_, newcomers_;  ///< expected or seen in each hold
};

}  // namespace sinterscope
