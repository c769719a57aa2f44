// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace sinterscope {

/// The middle value, of an even number the upper one; 0 for none. Reorders `values`.
template <typename Number>
Number median(std::vector<Number>& values) {
  if (values.empty()) return Number(0);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Standard deviation of a normal variable over the median of its absolute value.
inline constexpr double median_to_sd = 1.482602218505602;

/// The standard deviation that the median absolute deviation from the median tells. Reorders and overwrites
/// `values`.
template <typename Number>
Number robust_sd(std::vector<Number>& values) {
  const Number centre = median(values);
  for (Number& value : values) value = std::abs(value - centre);
  return Number(median_to_sd) * median(values);
}

}  // namespace sinterscope
