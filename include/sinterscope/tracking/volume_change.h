// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How sizes changed: which standing particles grew, whether they took up what vanished, and whether a
// neighbour jumped by the volume of a particle that touched it.

#include <vector>

#include "sinterscope/tracking/region_view.h"

namespace sinterscope {

/// Two ranges of frames over which sizes are compared, both ends included.
struct Stretch {
  int before_first = 0, before_last = 0;
  int after_first = 0, after_last = 0;
};

/// A particle seen in both ranges.
struct Growth {
  std::size_t track = 0;     ///< index into RegionView::tracks
  double log_growth = 0.0;   ///< change of ln(diameter)
  double probability = 0.0;  ///< that it grew
  MeanSize after;
};

/// How probable it is that each particle grew, from its change and from how many others did: the change is a
/// mixture of none, growth and shrinking (half-normal in ln d), whose shares are found by expectation
/// maximisation with a prior share of growth worth a few particles.
std::vector<Growth> find_growth(const RegionView& view, const Stretch& stretch, double growth_prior);

/// Probability that what vanished in the stretch went into the particles that stayed: the volume gained by
/// those larger than the mean against the volume lost. In Ostwald ripening exactly these grow (Wagner, Z.
/// Elektrochem. 65, 581, 1961); in redispersion none does. 0 where nothing vanished or no large one stayed.
double probability_ripened(const RegionView& view, const Stretch& stretch, double ripening_prior);

/// Odds that a particle of volume `size` jumped by `jump` (d^3 of the partner) between two measurements,
/// against no jump.
double jump_odds(const MeanSize& before, const MeanSize& after, const MeanSize& partner);

}  // namespace sinterscope
