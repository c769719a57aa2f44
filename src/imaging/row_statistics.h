// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sinterscope {

/// Mean of the middle half of the values: nearly as precise as the mean, nearly as robust as the median, and,
/// unlike the median, not rounded where the values are whole counts. Reorders `values`; 0 for none.
inline double mean_of_middle_half(std::vector<float>& values) {
  if (values.empty()) return 0.0;
  const auto quarter = static_cast<std::ptrdiff_t>(values.size() / 4);
  std::nth_element(values.begin(), values.begin() + quarter, values.end());
  std::nth_element(values.begin() + quarter, values.end() - quarter - 1, values.end());
  double sum = 0;
  for (auto v = values.begin() + quarter; v != values.end() - quarter; ++v) sum += static_cast<double>(*v);
  return sum / static_cast<double>(values.size() - 2 * static_cast<std::size_t>(quarter));
}

}  // namespace sinterscope
