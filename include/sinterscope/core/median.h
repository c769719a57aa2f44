// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
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

}  // namespace sinterscope
