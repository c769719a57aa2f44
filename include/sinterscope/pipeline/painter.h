// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Artificial particles for the completeness test, painted by room synth with what was learned from the real
// ones.

#include "sinterscope/particles/injection.h"
#include "sinterscope/pipeline/products.h"

namespace sinterscope {

/// Contrast of a particle of PaintLaw::typical_px where no real one tells it.
inline constexpr double assumed_contrast = 0.4;

/// How bright a particle of a given diameter is.
struct PaintLaw {
  /// The signal grows with the thickness and adds to that of the support (HAADF); else it is the same for all
  /// sizes and multiplies the support's (SE).
  bool by_thickness = false;
  double brightness = 0.4;   ///< by thickness: counts a px of it; else over the support's signal; < 0 = dark
  double typical_px = 10.0;  ///< median diameter of those it was learned from
  double probe_sigma_px = 1.0;
  bool assumed = false;  ///< no real particle was there to learn from
};

/// From the region's own particles, else from those of all regions, else an assumption.
PaintLaw paint_law_of(const Products& products, int region);

/// Adds the particle's expected signal and the shot noise it brings.
ParticlePainter make_painter(const PaintLaw& law, const RegionProducts& region);

}  // namespace sinterscope
