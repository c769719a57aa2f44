// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/experiment/completeness.h"

#include <limits>

namespace sinterscope {

double CompletenessCurve::diameter_at(double p) const {
  if (p >= plateau) return std::numeric_limits<double>::infinity();
  return d50_px + width_px * std::log(p / (plateau - p));
}

} // namespace sinterscope
