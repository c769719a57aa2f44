// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Could a particle have stood there unseen? The probability that a row of frames misses it, and why.

#include <opencv2/core/types.hpp>
#include <span>

#include "sinterscope/experiment/completeness.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/tracking/sighting.h"

namespace sinterscope {

/// One frame that may have shown the particle.
struct Look {
  const CompletenessCurve* curve;
  FrameShift shift;
  bool found = false;
};

/// Probability that a frame shows the particle whole enough to be found, from its distance to the border.
double probability_in_field(const Sighting& particle, const FrameShift& shift, cv::Size frame_size);

/// The probability that all looks miss a particle that is there, split by the reason.
struct Unseen {
  double outside = 0.0;      ///< its place was in no frame
  double below_limit = 0.0;  ///< in view, and missed because it is small
  double missed = 0.0;       ///< in view, and missed as a large one would be
  double total() const { return outside + below_limit + missed; }
};

/// `change`: rms of ln(diameter) by which it may differ from the sighting. `before`: frames beside it with
/// its finds and misses, which tell how near it is to the limit. `together`: probability that the frames of a
/// hold find it all or none, as where their average is searched, and not each for itself.
Unseen unseen(const Sighting& particle, double change, std::span<const Look> looks, cv::Size frame_size,
              std::span<const Look> before = {}, double together = 0.5);

/// Probability of just these finds and misses, in one hold, of a particle that is there until its last find
/// and gone soon after it with probability `gone_later`. `confirmed`: share of the frames in which one is
/// found, if the frames of the hold find it together.
double probability_of_pattern(const Sighting& particle, double change, std::span<const Look> looks,
                              cv::Size frame_size, double gone_later, double confirmed, double together);

}  // namespace sinterscope
