// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the particles of one frame say together of their amplitudes: ln|A| = a + b ln d, with a spread of its
// own, as a prior for each of them.
//
// Near the resolution limit the fits of single particles scatter along A d^2 = const, far and not normally,
// so a line through their estimates would be that valley. It is learnt from likelihoods instead, each
// particle's diameter, place and brightness integrated out (population.h). Sizes and amplitudes are known
// roughly at first, and likelihoods are polynomials through a few looks, so they are looked at again about
// where the law turns out to be. Breaks down where particles of one frame differ in material by more than the
// spread, and where the law of sizes is far narrower than a hundredth.

#include <functional>
#include <optional>
#include <vector>

#include "population.h"

namespace sinterscope {

/// The likelihoods of about `most` of the particles that count, each looked at where a particle of this law
/// may be, behind this blur.
using LookAtMany = std::function<std::vector<DiameterLikelihood>(const Population& expected,
                                                                 double blurred_sigma_px, std::size_t most)>;

/// `log_diameters`: of the free fits. Empty below six particles. Where the blur is not exact the prior says
/// how it moves with it: too wide a blur makes all particles small and bright alike.
std::optional<AmplitudePrior> learn_shared_amplitude(std::vector<double> log_diameters,
                                                     const LookAtMany& look_at, const SlopePrior& slope,
                                                     double blurred_sigma_px, bool blur_is_exact);

}  // namespace sinterscope
