// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Whether a wide bright spot is shaped like the thickness of a particle.
//
// The thickness of a cap or a sphere falls from the middle outwards and its contour at half height closes
// around it. Where two facets of the support overlap the thickness is that of both: as wide and bright as a
// large particle, but flat up to its outline, or not closed at a corner. Breaks down for plates, which are
// flat themselves: where the particles are found to be flat (profile disk) this is not asked.

#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/particles/size.h"
#include "sinterscope/particles/surroundings.h"

namespace sinterscope {

/// Whether the raw pixels follow the profile with which a particle was fitted to within a tenth of its height
/// (root mean square beyond the noise, two standard errors in its favour), if need be with one straight edge
/// of the support across it. A cap is a thickness; in the band of a facet's edge, where faces meet in bright
/// corners, it is asked of every profile. True for everything narrower than six blurred sigmas and for what
/// was not fitted. sigma_px: of the probe.
bool follows_profile(const cv::Mat1f& raw, const NoiseModel& noise, const SizedFit& fit, double sigma_px);

/// False where the raw pixels speak against it. True for everything narrower than six blurred sigmas, which
/// is all blur, and where there are too few pixels to tell. others: further particles, whose pixels are left
/// out; sigma_px: of the probe.
bool may_be_thickness(const cv::Mat1f& raw, const NoiseModel& noise, const Particle& particle,
                      const std::vector<Disk>& others, double sigma_px);

}  // namespace sinterscope
