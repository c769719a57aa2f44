// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the particles of one frame say together of their amplitudes: ln|A| = a + b ln d, with a spread of its
// own.

#include <optional>
#include <vector>

#include "group_fit.h"

namespace sinterscope {

struct AmplitudeSample {
  double log_amplitude = 0.0;
  double log_amplitude_se = 0.0;
  double log_diameter = 0.0;
};

/// Normal random-effects regression by iterated weighting. The slope has a normal prior of its own (flat
/// profile: 0 +- 0.1, thickness: 1 +- 0.3), which the data overrule where they can. The spread is taken one
/// standard error above its estimate, so that few particles never make a narrow prior. Empty below six
/// samples.
std::optional<AmplitudePrior> learn_amplitude_prior(const std::vector<AmplitudeSample>& samples,
                                                    double slope_mean, double slope_sd);

}  // namespace sinterscope
