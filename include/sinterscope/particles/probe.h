// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The width of the probe, from the particles themselves.
//
// All particles of a frame are seen through the same probe, so its sigma is the value under which all of them
// together fit best: the minimum of the summed chi-square over a common sigma, every particle's own
// parameters free at each sigma (a profile likelihood). Its error comes from the scatter of the single
// particles' pull on sigma (sandwich), which stays honest where the profile is only nearly right. Large
// particles and sharp edges carry most of the answer. Breaks down where the assumed profile is wrong in the
// same way for all particles: a soft profile taken for a disk reads as a wider probe (the diameters then
// suffer little, because the two errors compensate).

#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/particles/size.h"

namespace sinterscope {

/// Empty where fewer than three particles can tell, or where no minimum lies within the searched range (0.2
/// to 8 px). Uses up to 150 particles. With profile "auto" the best profile is chosen at each sigma.
std::optional<Probe> estimate_probe(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise,
                                    const std::vector<Seed>& seeds, const SizeOptions& options);

/// The same for one raw frame.
std::optional<Probe> estimate_probe(const cv::Mat1f& raw, const NoiseModel& noise,
                                    const std::vector<Seed>& seeds, const SizeOptions& options);

}  // namespace sinterscope
