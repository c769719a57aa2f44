// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// When a track counts as a particle of a hold, and how complete that makes the count.
//
// A track counts if it was seen in at least a share of the frames of the hold that show its place, and never
// in fewer frames than keep the expected number of false tracks of the whole hold below a limit.
// The rule has its own completeness: a particle found with probability p in one frame is counted with
// the probability of at least n finds in F frames, whose luck is correlated as far as it belongs to the place
// (CompletenessCurve::frame_correlation). A false detection in the average of a block of frames returns in each of them and passes where the
// block is long enough: no rule helps against it, so its density is added to that of the false tracks. What
// breaks the rule: a spot of texture that looks like a particle in all frames. Only blank areas and inverted
// images, which the completeness curve is measured with, can tell of those.

#include "sinterscope/experiment/completeness.h"
#include "sinterscope/experiment/inventory.h"

namespace sinterscope {

struct DetectionRule {
  int frames = 1;                        ///< of the hold
  double min_presence = 0.5;             ///< share of the frames that show its place
  int least_against_false = 1;           ///< detections that chance does not bring together
  double false_track_density_px2 = 0.0;  ///< false tracks that pass, per px^2 of the hold

  /// The detections needed of a track whose place is shown in `in_view` frames.
  int least_detections(int in_view) const;
};

/// The rule for a hold of `frames` frames, an area and a linking area in px^2.
DetectionRule detection_rule(const CompletenessCurve& curve, int frames, double area_px2,
                             double linking_area_px2, double min_presence, double max_false_tracks);

/// Probability that a particle of this diameter is counted.
double probability_counted(const DetectionRule& rule, const CompletenessCurve& curve, double diameter_px);

/// The rule's completeness as a logistic curve in nm (same plateau, d50 and quartile distance) with its false
/// tracks.
DetectionLimit detection_limit(const DetectionRule& rule, const CompletenessCurve& curve,
                               double pixel_size_nm);

}  // namespace sinterscope
