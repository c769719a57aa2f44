// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Artificial particles for the completeness test, painted by room synth with what was learned from the real
// ones.

#include "sinterscope/particles/injection.h"
#include "sinterscope/pipeline/products.h"

namespace sinterscope {

/// How bright a particle of a given diameter is, relative to its support.
struct PaintLaw {
  double contrast = 0.4;  ///< of a particle of reference_px (negative = dark)
  double reference_px = 10.0;
  /// The signal grows with the diameter and adds to that of the support (HAADF); else it is the same for all
  /// sizes and multiplies the support's (SE).
  bool by_thickness = false;
  double counts_per_px = 0.0;  ///< by thickness: signal of a px of thickness; 0 = not known, contrast tells
  double probe_sigma_px = 1.0;
  bool assumed = false;  ///< no real particle was there to learn from
};

/// From the region's own particles, else from those of all regions, else an assumption.
PaintLaw paint_law_of(const Products& products, int region);

/// Adds the particle's expected signal and the shot noise it brings.
ParticlePainter make_painter(const PaintLaw& law, const RegionProducts& region);

}  // namespace sinterscope
