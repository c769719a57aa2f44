// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Whether a support shows the outlines of facets.
//
// Cubes and plates are bounded by straight lines, sintered and amorphous oxides by crooked ones, in every
// detector. The line segments of the image are found by LSD (von Gioi et al., IPOL 2, 35, 2012,
// doi:10.5201/ipol.2012.gjmr-lsd), which breaks a curve into short ones; where most of what it finds is long,
// there are facets. Breaks down for facets shorter than a twelfth of the image's shorter side.

#include <opencv2/core.hpp>

#include "sinterscope/experiment/noise_model.h"

namespace sinterscope {

/// image: raw pixels or an average, in counts; noise: that of its pixels.
bool has_straight_outlines(const cv::Mat1f& image, const NoiseModel& noise);

}  // namespace sinterscope
