// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From detections of the search to measured particles: each is fitted in the raw frame, and what its fit or
// its surroundings show to be no particle goes.
//
// A fit that runs away or ends on another particle is replaced by what the search knew. Where edges are told
// from particles (Ground::judged) a weak detection must look like a particle: its fit must describe the
// pixels, have a place and a size, and no corner of the support may describe them better (corner.h). Breaks
// down where most of what was found is none: a poor fit is one that is poorer than the others.

#include <vector>

#include "likeness.h"
#include "sinterscope/particles/find.h"

namespace sinterscope {

std::vector<Seed> seeds_of(const std::vector<Detection>& found);

/// Two detections may end on one particle: a wide, weak one around it, whose fit finds the particle or fails,
/// and its own. The one that was measured stays. What is finer than the probe within another one's outline is
/// a part of that one's image, and so is what the fit of both does not explain, and a sliver: where the
/// larger one is no ellipse, it is what is left along its outline.
std::vector<Measured> without_repeats(std::vector<Measured> found, double probe_sigma_px);

/// Whether diameters are read, with all of their errors, or only which of what was found are particles.
enum class Wanted { diameters, places };

/// Of all that was found, which is fitted together, the first `count`.
/// counted: where particles count; beside it, in the band of an edge, they must look like one.
std::vector<Measured> measured(const FindRequest& request, const ShiftedFrame& raw, const cv::Mat1b& counted,
                               const std::vector<Detection>& found, bool judged, std::size_t count,
                               Wanted wanted = Wanted::diameters);

}  // namespace sinterscope
