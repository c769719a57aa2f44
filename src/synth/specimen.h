// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One region ready to be scanned: the blurred canvas of its support and a blurred patch for every particle of
// every step. Private to the room.

#include <vector>

#include "sinterscope/synth/population.h"
#include "sinterscope/synth/scan.h"

namespace sinterscope {

struct Specimen {
  SupportSurface surface;  ///< brightness emptied: canvas holds it blurred
  Canvas canvas;
  std::vector<FrameMotion> motion;           ///< per frame of the region
  std::vector<PopulationStep> steps;         ///< per step of the programme
  std::vector<std::vector<Canvas>> patches;  ///< per step, what the particles add to the canvas
};

/// `holds`: the hold of each frame of the region.
Specimen prepare_specimen(const Scene& scene, const Sample& sample, int region, const std::vector<int>& holds,
                          const Rng& rng, int threads);

}  // namespace sinterscope
