// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Links the particles of single frames into tracks, in specimen coordinates.
//
// Model: a particle sits on the support. From frame to frame its place scatters by the errors of measurement
// and of registration and by a small motion of its own; its size by the error of sizing and a small change. A
// share of measurements runs away in place and size. A detection that does not belong to it lies anywhere
// (Poisson, with the density of the detections of the frame). The price of a link is minus the logarithm of the ratio of these two probabilities times the odds
// that a particle is found at all. The radius within which a link can pay, the gate, follows from it: 2 S
// ln(odds / (2 pi S density)), with S the variance of the displacement. A crowded frame gets a narrow gate, a
// poorly measured particle a wide one; no length in pixels is chosen. Steps, each solved exactly as a linear
// assignment (after Jaqaman et al., Nat. Methods 5, 695, 2008, doi:10.1038/nmeth.1237): (1) frame to frame;
// (2) gaps within a hold, each missed frame costing the odds of a miss; (3) from one hold to the next, with
// more freedom in size. Merges and splits are told apart by find_events, where volumes can be balanced. A
// hold in which nothing is seen ends every track: what stands at the same place afterwards is a new track,
// which names the old one as previous_at_site. What breaks it: particles that move by more than half their
// spacing between frames, and a registration that is wrong by more than it says.

#include <opencv2/core/types.hpp>
#include <span>
#include <vector>

#include "sinterscope/core/options.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/experiment/track.h"

namespace sinterscope {

struct LinkOptions {
  double detection_probability = 0.9;
  double motion_share = 0.05;
  double size_scatter = 0.1;
  double hold_size_scatter = 0.4;
  int max_gap_frames = 8;
  bool across_holds = true;
  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.detection_probability,
          {"detection_probability", "1",
           "share of frames in which a standing particle is found; a first guess, learnt from each hold",
           0.05, 0.999});
    visit(self.motion_share,
          {"motion_share", "1", "own motion of a particle per frame (rms per axis), in diameters", 0.0, 1.0});
    visit(self.size_scatter,
          {"size_scatter", "1", "own change of ln(diameter) per frame (rms), beyond the error of sizing",
           0.01, 1.0});
    visit(self.hold_size_scatter,
          {"hold_size_scatter", "1", "change of ln(diameter) from one hold to the next (rms)", 0.01, 2.0});
    visit(self.max_gap_frames, {"max_gap_frames", "1",
                                "most frames of a hold in which a particle may be missed in a row", 0, 1000});
    visit(self.across_holds,
          {"across_holds", "", "a particle that stands in two successive holds keeps its track"});
  }
};

/// `drift`: one per region, one shift per frame; empty = the specimen coordinates are exact. `frame_size`: of
/// every frame, in px. Tracks are sorted by region, first frame and place and numbered from 0. The order of
/// the particles does not matter. Throws Error for a particle whose frame, region or hold is not in the
/// history, whose place is not finite or whose diameter is not positive.
std::vector<Track> link(std::span<const Particle> particles, const ThermalHistory& history,
                        std::span<const Drift> drift, cv::Size frame_size, const LinkOptions& options = {});

/// The particles with the numbers of their tracks.
std::vector<Particle> with_track_numbers(std::vector<Particle> particles, std::span<const Track> tracks);

}  // namespace sinterscope
