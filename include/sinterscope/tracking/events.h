// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What happened to the particles: one event for each end and each beginning of a track, and for each growth.
//
// Model: where a track ends, the explanations are weighed against each other. "Still there, unseen" predicts
// the missing sightings with the probability that every later frame (to the end of the next hold) misses it:
// because its place lies outside the frame (drift), or because it has become smaller than the detector finds
// (completeness curve), or by mere bad luck. "Gone" predicts them with certainty but has the smaller prior,
// so nothing is called redispersed where the limit or the edge of the field explains it. Particles that
// vanish from one hold to the next are judged together (hold_change.h). What is gone went into a neighbour
// that touched it and jumped by its volume (coalesced), into other particles that grew meanwhile by a share
// of the lost volume (ripened; Ostwald ripening conserves volume), or onto the support (redispersed). A
// particle that shrank steadily and would have been used up before the last look is gone although its last
// sighting was near the limit. Every event counts by the probability that its track is a particle at all
// (credibility.h). A beginning is weighed the same way backwards in time: appeared, split off a
// neighbour, or no event (entered the field, grew past the limit, was missed before). Growth needs a change
// beyond its error and beyond min_growth. The most probable explanation is reported with its posterior
// probability. What breaks it: volumes taken as d^3, so particles that change shape; redispersion and
// ripening at once in one hold, which only the balance of the whole region tells apart.

#include <opencv2/core/types.hpp>
#include <span>
#include <vector>

#include "sinterscope/core/options.h"
#include "sinterscope/experiment/completeness.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/experiment/track.h"

namespace sinterscope {

struct EventOptions {
  double gone_prior = 0.1;
  double common_change = 0.3;
  double own_change = 0.15;
  double ripening_prior = 0.5;
  double contact_prior = 0.5;
  double contact_reach = 1.2;
  double growth_prior = 0.2;
  double min_growth = 0.02;
  double site_memory = 0.2;
  double false_tracks = 1.0;
  double brightness_power = 0.0;
  double min_probability = 0.5;
  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.gone_prior, {"gone_prior", "1",
                            "prior probability that a particle not seen any more is gone, not merely unseen",
                            1e-6, 1.0 - 1e-6});
    visit(self.common_change,
          {"common_change", "1", "change of ln(diameter) common to all particles from hold to hold (rms)",
           1e-3, 2.0});
    visit(self.own_change,
          {"own_change", "1", "change of ln(diameter) of one particle that may have gone unnoticed (rms)",
           1e-3, 2.0});
    visit(self.ripening_prior,
          {"ripening_prior", "1", "prior probability that what is gone went into the particles that stayed",
           0.0, 1.0});
    visit(self.contact_prior,
          {"contact_prior", "1",
           "prior probability that a gone particle with a touching neighbour merged with it", 0.0, 1.0});
    visit(self.contact_reach,
          {"contact_reach", "1", "two particles touch within this many sums of their radii", 1.0, 5.0});
    visit(self.growth_prior,
          {"growth_prior", "1", "prior probability that a standing particle grew", 1e-6, 1.0 - 1e-6});
    visit(self.min_growth,
          {"min_growth", "1", "least relative growth of a diameter that is an event", 0.0, 10.0});
    visit(self.site_memory,
          {"site_memory", "1",
           "prior probability that some of what redispersed comes back at its very sites, not anywhere", 0.0,
           1.0});
    visit(self.false_tracks,
          {"false_tracks", "1",
           "false detections expected in a hold that return at their place, such as spots of texture", 0.0,
           1000.0});
    visit(self.brightness_power,
          {"brightness_power", "1",
           "power of the diameter with which the whole brightness of a particle grows: 2 where it is opaque "
           "(SE), 3 where thickness counts (HAADF); 0 = by the detector, or unknown: sizes alone count",
           0.0, 6.0});
    visit(self.min_probability, {"min_probability", "1", "events less probable are not reported", 0.0, 1.0});
  }
};

/// Events sorted by frame, then track. `completeness`: one curve per hold, in the order of
/// ThermalHistory::holds. `drift`: one per region, empty = none. A track seen once among three or more frames
/// of a hold is taken for a false detection and has no events. Throws Error where a number of entries does
/// not fit.
std::vector<Event> find_events(std::span<const Particle> particles, std::span<const Track> tracks,
                               const ThermalHistory& history, std::span<const CompletenessCurve> completeness,
                               std::span<const Drift> drift, cv::Size frame_size,
                               const EventOptions& options = {});

}  // namespace sinterscope
