// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The logistic curve through the outcomes of an injection (injection.h).

#include "sinterscope/particles/injection.h"

namespace sinterscope {

/// d50, its error as if the frames of a particle were different ones, width and plateau. There must be
/// outcomes.
CompletenessCurve fit_curve(const std::vector<InjectionOutcome>& outcomes);

}  // namespace sinterscope
