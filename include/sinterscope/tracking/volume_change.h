// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How the sizes of standing particles changed while others vanished: did the atoms go to the neighbours?

#include <optional>
#include <span>
#include <vector>

#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/experiment/track.h"

namespace sinterscope {

/// Weighted mean diameter of the sightings of a track within a range of frames of its region.
struct MeanSize {
  double diameter_px = 0.0;
  double se_px = 0.0;
  double volume() const {
    return diameter_px * diameter_px * diameter_px;
  }  ///< d^3: the shape factor cancels
  double volume_se() const { return 3.0 * diameter_px * diameter_px * se_px; }
};

/// A stretch of time over which sizes are compared: the end of one hold and the next one, or the early and
/// the late third of one hold. Frames are frames of the region, both ends included.
struct Stretch {
  int before_first = 0, before_last = 0;
  int after_first = 0, after_last = 0;
};

/// Empty where the track was not seen in the range.
std::optional<MeanSize> mean_size(const Track& track, std::span<const Particle> particles,
                                  const ThermalHistory& history, int first, int last);

/// The share of the volume of vanished tracks that the growing ones took up, between 0 and 1; 0 where none
/// vanished. Growth counts beyond three times its error, of one particle or of all together, so that the
/// scatter of many standing particles does not pass for growth.
double transferred_share(std::span<const Track* const> tracks, std::span<const Particle> particles,
                         const ThermalHistory& history, const Stretch& stretch);

}  // namespace sinterscope
