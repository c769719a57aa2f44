// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The width of the probe and the look of the particles, from the particles themselves.
//
// All particles of a frame are seen through one probe and share one kind of profile, so both are judged by
// all of them together: the probe's sigma is the value under which their images are most probable, each with
// its own place, diameter and brightness integrated out over the law that the particles follow together.
// Fitting them instead, each for itself, would make the probe of particles smaller than it come out up to a
// third too narrow, with an error that says nothing of it (Neyman and Scott, 1948). Before anything is seen
// the probe is taken to be about a pixel wide, within a factor of two. The error of sigma comes from the
// curvature, or where larger from the scatter of the single particles' pull on it (sandwich), which stays
// honest where the profile is only nearly right, and from the distance to the sigma of the next best profile.
//
// The strength of a rim is a number like the width: known beforehand to 0.8 of what the options say, and read
// from the same particles. Outlines are taken to be no circles but as far from them as hexagons or ellipses
// of axis ratio 1.1 are, which near the resolution limit is so much more blur (4 % of the radius); that they
// may be circles, or twice as far from them, is in the error. Particles much wider than the probe show their
// facets, which still pass for blur.
//
// A softer profile and a wider probe look much alike, so the detector has a say: with SE a rim is expected,
// with HAADF a thickness profile; a flat disk must lead by 25 in -2 ln L with SE, and by 12 with HAADF (one
// flat plate expected for four hundred thicknesses), to be taken all the same.
//
// Several holds of one region are seen through one probe and show one material: each has a law of sizes of
// its own, width and rim are those of all together. 400 particles of 1.41 nm know their rim to 0.08, which is
// 0.011 nm of their mean; those of 2.05 nm know it to 0.03.
//
// Estimate once per experiment and hand the result to every frame: a profile that changes from frame to frame
// looks like growth.

#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/particles/size.h"

namespace sinterscope {

/// Raw frames of one hold and the particles that stand in them.
struct SeenHold {
  std::vector<ShiftedFrame> frames;
  std::vector<Seed> seeds;
};

/// Probe and profile from 40 particles apart from others, width and rim from up to 640 until they are known
/// to 2 % and 0.03. Empty where fewer than three of one hold can tell, or where no maximum lies within 0.3 to
/// 8 px.
std::optional<Probe> estimate_probe(const std::vector<SeenHold>& holds, const NoiseModel& noise,
                                    const SizeOptions& options);

/// The same for one raw frame.
std::optional<Probe> estimate_probe(const cv::Mat1f& raw, const NoiseModel& noise,
                                    const std::vector<Seed>& seeds, const SizeOptions& options);

/// The profile under a known probe, its rim read from up to 640 particles; the first that the detector
/// suggests where nothing can tell.
ProfileShape choose_profile(const std::vector<SeenHold>& holds, const NoiseModel& noise, const Probe& probe,
                            const SizeOptions& options);

}  // namespace sinterscope
