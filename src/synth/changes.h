// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Changes of a population that follow a script instead of an equilibrium. Private to the room.
// Each conserves the atoms of the particles it touches, except scale_diameters.

#include <vector>

#include "sinterscope/synth/population.h"

namespace sinterscope {

struct Change {
  std::vector<StandingParticle> particles;
  std::vector<PopulationEvent> events;
};

/// Ostwald ripening: particle i gains atoms in proportion to d_i / mean(d) - 1 (interface-limited growth:
/// Wagner, Z. Elektrochem. 65, 581, 1961), so long that `share` of the particles vanish.
Change ripen(const std::vector<StandingParticle>& particles, const Sample& sample, double share);

/// `share` of the particles merge in pairs on one facet, nearest neighbours first, at their common centre of
/// mass.
Change coalesce(const std::vector<StandingParticle>& particles, const Sample& sample, double share);

/// All diameters times `factor`; what becomes smaller than smallest_nm redisperses.
Change scale_diameters(const std::vector<StandingParticle>& particles, double factor, double smallest_nm);

}  // namespace sinterscope
