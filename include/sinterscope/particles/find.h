// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Particles of every frame: searched on the clean frame, measured on the raw one.

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "sinterscope/core/progress.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/support_area.h"
#include "sinterscope/particles/detect.h"
#include "sinterscope/particles/size.h"

namespace sinterscope {

/// Everything the search of one region is given.
struct FindRequest {
  const FrameSource* clean = nullptr;  ///< searched
  const FrameSource* raw = nullptr;    ///< measured; as many frames as clean, of the same size
  NoiseModel noise;                    ///< of the raw frames
  SupportArea support;                 ///< in specimen coordinates; empty mask = everywhere
  Drift drift;                         ///< one entry per frame; empty = none
  Probe probe;
  DetectOptions detect;
  SizeOptions size;
  int threads = 0;
};

/// The searched area of one frame: the support mask moved by the frame's shift (empty stays empty).
cv::Mat1b searched_area(const SupportArea& support, const FrameShift& shift);

/// Particles of all frames of the region, in order of frame, then y, then x; Particle::frame counts within
/// the region. Fits that run away from their detection or end on another particle are replaced by the
/// detection and flagged.
std::vector<Particle> find_particles(const FindRequest& request, Progress& progress);

}  // namespace sinterscope
