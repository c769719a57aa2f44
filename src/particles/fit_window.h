// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which particles are fitted together, and to which pixels.

#include <cstddef>
#include <vector>

#include "group_fit.h"
#include "sinterscope/particles/size.h"

namespace sinterscope {

/// Where a particle is held to be while windows are laid.
struct Outline {
  double x = 0.0, y = 0.0, radius = 1.0;
};

/// Gap between the edges of two outlines in px; negative where they overlap.
double edge_gap(const Outline& a, const Outline& b);

struct Neighbourhood {
  std::vector<std::size_t> members;  ///< fitted together
  std::vector<std::size_t> others;   ///< near, but not fitted: their pixels are left out
};

/// Connected particles whose blurred edges overlap (gap < 5 sigma), up to `largest` of them; in larger crowds
/// each particle is fitted alone, on the pixels nearer to its own edge than to any other.
std::vector<Neighbourhood> group_neighbours(const std::vector<Outline>& outlines, double blurred_sigma_px,
                                            double window_px, int largest);

/// Reads the pixels of one neighbourhood out of all frames. `saturated` tells of clipped pixels that were
/// left out.
FitPixels collect_pixels(const std::vector<ShiftedFrame>& frames, const std::vector<Outline>& outlines,
                         const Neighbourhood& hood, double blurred_sigma_px, double window_px,
                         double saturation, bool& saturated);

}  // namespace sinterscope
