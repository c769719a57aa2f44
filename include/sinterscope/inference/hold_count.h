// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which particles stood in a hold, on which area, how completely they were counted, and whether their number
// of atoms had settled: the half of the inventory that knows frames and tracks.

#include <span>

#include "sinterscope/experiment/completeness.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/support_area.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/experiment/track.h"

namespace sinterscope {

struct CountRule {
  double min_presence = 0.5;       ///< share of the frames that show the place of a particle
  double max_false_tracks = 0.05;  ///< expected number that may pass in the hold
  double common_size_error = 0.0;  ///< relative, added to the error of each mean diameter
};

/// The hold with its particles, area, detection limit, particles_per_frame and settled; the other summaries
/// are empty.
HoldInventory count_hold(std::span<const Particle> particles, std::span<const Track> tracks, const Hold& hold,
                         const ThermalHistory& history, const SupportArea& support,
                         const CompletenessCurve& curve, const Drift& drift, double pixel_size_nm,
                         const CountRule& rule);

}  // namespace sinterscope
