// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Order statistics used all over the room. All take their values by copy of the caller's choice: they
// reorder them.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "sinterscope/core/median.h"

namespace sinterscope {

/// The value below which a share q of the values lies; 0 for none. Reorders `values`.
template <typename Number>
Number quantile(std::vector<Number>& values, double q) {
  if (values.empty()) return Number(0);
  const auto rank = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

}  // namespace sinterscope
