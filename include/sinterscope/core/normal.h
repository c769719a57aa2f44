// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The normal distribution, where the standard library stops at erf and erfc.

namespace sinterscope {

/// The z below which a standard normal variable lies with this probability, to about 1e-15 (Cephes' ndtri, as
/// Eigen carries it). Minus and plus infinity at 0 and 1. Throws Error outside [0, 1].
double normal_quantile(double probability);

}  // namespace sinterscope
