// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Fits that are asked only whether something is a particle.

#include <vector>

#include "sinterscope/particles/size.h"

namespace sinterscope {

/// fit_particles without diameter_ground_se_px, which costs more than the fits: no search asks how well a
/// diameter is known to within the structure of the ground.
std::vector<SizedFit> fit_without_ground_errors(const std::vector<ShiftedFrame>& frames,
                                                const NoiseModel& noise, const std::vector<Seed>& seeds,
                                                const Probe& probe, const SizeOptions& options);

}  // namespace sinterscope
