// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace sinterscope {

/// Sum of the values from rank `first` up to rank `end`, which is not in it. Reorders `values`.
inline double sum_of_ranks(std::vector<float>& values, std::size_t first, std::size_t end) {
  if (first == end) return 0.0;
  const auto from = values.begin() + static_cast<std::ptrdiff_t>(first),
             to = values.begin() + static_cast<std::ptrdiff_t>(end);
  std::nth_element(values.begin(), from, values.end());
  std::nth_element(from, to - 1, values.end());
  double sum = 0.0;
  for (auto v = from; v != to; ++v) sum += static_cast<double>(*v);
  return sum;
}

/// Mean of the middle half of the values: nearly as precise as the mean, nearly as robust as the median, and,
/// unlike the median, not rounded where the values are whole counts. Reorders `values`; 0 for none.
///
/// It is asked for each row of each frame, and ordering values takes far longer than counting them: only the
/// two classes of a histogram in which the quartiles lie are ordered.
inline double mean_of_middle_half(std::vector<float>& values) {
  if (values.empty()) return 0.0;
  constexpr std::size_t classes = 128;
  const std::size_t first = values.size() / 4, end = values.size() - first;
  const double count = static_cast<double>(end - first);
  const auto range = std::minmax_element(values.begin(), values.end());
  const float low = *range.first, scale = (classes - 0.5F) / (*range.second - low);
  if (!(std::isnormal(scale) && std::isfinite(low))) return sum_of_ranks(values, first, end) / count;
  const auto class_of = [low, scale](float v) { return static_cast<std::size_t>((v - low) * scale); };

  std::array<std::size_t, classes + 1> below{};  // how many values lie in lower classes
  for (const float v : values) ++below[class_of(v) + 1];
  for (std::size_t k = 0; k < classes; ++k) below[k + 1] += below[k];
  const auto class_of_rank = [&below](std::size_t rank) {
    return static_cast<std::size_t>(std::upper_bound(below.begin(), below.end(), rank) - below.begin()) - 1;
  };
  const std::size_t lower = class_of_rank(first), upper = class_of_rank(end - 1);
  double sum = 0.0;
  std::vector<float> in_lower, in_upper;
  for (const float v : values) {
    const std::size_t k = class_of(v);
    if (k == lower)
      in_lower.push_back(v);
    else if (k == upper)
      in_upper.push_back(v);
    else
      sum += k > lower && k < upper ? static_cast<double>(v) : 0.0;
  }
  sum += sum_of_ranks(in_lower, first - below[lower], std::min(end, below[lower + 1]) - below[lower]);
  if (upper != lower) sum += sum_of_ranks(in_upper, 0, end - below[upper]);
  return sum / count;
}

}  // namespace sinterscope
