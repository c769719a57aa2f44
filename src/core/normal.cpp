// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/core/normal.h"

#include <fmt/format.h>

#include <unsupported/Eigen/SpecialFunctions>

#include "sinterscope/core/error.h"

namespace sinterscope {

double normal_quantile(double probability) {
  if (!(probability >= 0.0 && probability <= 1.0))
    throw Error(fmt::format("probability {} of a normal quantile: must lie between 0 and 1", probability));
  return Eigen::numext::ndtri(probability);
}

}  // namespace sinterscope
