// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From expected quanta to the numbers in a file.
//
// Model: value = round(offset + gain * Poisson(quanta) + read noise + row noise), clipped to 0 .. 2^bits - 1.
// Hence mean = offset + gain * quanta and variance = gain * (mean - offset) + read_noise^2 + row_noise^2 +
// 1/12. What breaks it: a detector that smears in time along the row, or one whose gain depends on the
// signal.

#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/synth/scene.h"

namespace sinterscope {

/// Whole numbers within the digitiser's range.
cv::Mat1f detect(const cv::Mat1f& expected_quanta, const DetectorSettings& detector, Rng rng);

/// Sideways misplacement of each scanned row (jitter and mains hum), in px: row r reads the specimen this
/// much further to the right.
std::vector<double> row_jitter(int rows, const DetectorSettings& detector, Rng rng);

}  // namespace sinterscope
