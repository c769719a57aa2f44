// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the particles of one region have in common, and what therefore is none of them.
//
// One metal on one support is equally bright per thickness everywhere but for its contact angle (a sphere is
// twice as thick as half of one), and its surface, where the image shows surfaces, does not fade with size:
// what is much fainter than the others is a thicker place or the shading of the support. Particles look like
// the model that measures them, or all depart from it alike: a corner, a side face or a short facet of the
// support departs further. How far from the others is too far is read from their own scatter, within bounds;
// too faint and too ill-shaped add up, as squares where surfaces are seen. The shape is asked of the thing's
// own pixels, not of an edge beside it, and of all frames of a block together, in which the same thing stands
// at one place; what stands in every hold is asked of all frames. Breaks down where two metals of very
// different brightness or shape stand on one support.

#include <vector>

#include "sinterscope/particles/find.h"

namespace sinterscope {

/// Of every particle of every frame until all are known: no wider than it must be.
struct Measured {
  Particle particle;
  float thickness = 0.0F;  ///< height of one whose image is its thickness, or 0
  float relief = 0.0F;     ///< height over background of one whose image is its surface, or 0
  float chi2 = 0.0F;       ///< of its own pixels
  float degrees_of_freedom = 0.0F;
  float fitted_diameter_px = 0.0F;
  float height = 0.0F, variance = 0.0F;  ///< counts; of a pixel half up that height
  bool touching = false;                 ///< another one, which may have taken some of its light
  bool is_cap = false;                   ///< its thickness goes with its diameter; else that of a plate
  bool shaped = false;                   ///< its shape can be seen and must be that of the others
  bool standing = false;                 ///< in every hold of the region
};

/// Those of all frames of a region that are alike. blocks: of frames, in order, that show the same.
std::vector<std::vector<Measured>> alike(std::vector<std::vector<Measured>> of_frame,
                                         const std::vector<FrameBlock>& blocks);

}  // namespace sinterscope
