// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the particles of one frame say together of their amplitudes: ln|A| = a + b ln d, with a spread of its
// own.
//
// Near the resolution limit the fits of single particles scatter along A d^2 = const, far and not normally:
// what is normal there is the second moment of the image, d^2, and with it ln(A d^2), in which the two are
// nearly linear. Each particle enters as such a valley. Its true diameter is a parameter of its own
// (functional regression with errors in both variables: W. A. Fuller, Measurement Error Models, 1987,
// DOI 10.1002/9780470316665), so the scatter along the valley is not mistaken for a law of the material.

#include <optional>
#include <vector>

#include "group_fit.h"

namespace sinterscope {

/// What the pixels of one particle say of its amplitude and diameter, the prior left out: estimates and the
/// covariance of their errors, by expansion of the likelihood about a diameter at or near the estimate.
struct AmplitudeSample {
  double log_amplitude = 0.0;
  double log_diameter = 0.0;
  double variance_amplitude = 0.0;  ///< of ln|A|
  double variance_diameter = 0.0;   ///< of ln d
  double covariance = 0.0;
  double expanded_at = 0.0;  ///< ln d
};

/// The slope has a normal prior of its own (flat profile: 0 +- 0.1, thickness: 1 +- 0.3), which the data
/// overrule where they can. The spread is taken half a standard error above its estimate, so that few
/// particles never make a narrow prior. Empty below six samples.
std::optional<AmplitudePrior> learn_amplitude_prior(const std::vector<AmplitudeSample>& samples,
                                                    double slope_mean, double slope_sd);

}  // namespace sinterscope
