// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <opencv2/core.hpp>
#include <vector>

namespace sinterscope {

/// Counts and sums of values in classes of equal width; what lies beyond is counted in one more at each end.
struct ClassSums {
  static constexpr std::size_t classes = 128;
  float low = 0.0F, width = 0.0F;  ///< lower end of class 1; of one class
  std::array<float, classes + 2> count{}, sum{};

  ClassSums(const std::vector<float>& values, float from, float to)
      : low(from), width((to - from) / (static_cast<float>(classes) - 0.01F)) {
    const float per_width = 1.0F / width;
    for (const float v : values) {
      const float at = std::clamp((v - low) * per_width + 1.0F, 0.0F, static_cast<float>(classes) + 1.0F);
      const auto k = static_cast<std::size_t>(static_cast<int>(at));
      count[k] += 1.0F, sum[k] += v;
    }
  }
  /// The class that holds the value of a rank.
  std::size_t class_of(double rank) const {
    double seen = 0.0;
    std::size_t k = 0;
    for (; k <= classes; ++k) {
      seen += static_cast<double>(count[k]);
      if (seen > rank) break;
    }
    return k;
  }
  /// Sum of the values of ranks from `first` up to `end`; a class that is cut counts with its mean.
  double sum_of_ranks(double first, double end) const {
    double total = 0.0, rank = 0.0;
    for (std::size_t k = 0; k < count.size() && rank < end; ++k) {
      const double n = static_cast<double>(count[k]);
      const double inside = std::min(end, rank + n) - std::max(first, rank);
      if (inside > 0.0) total += inside / n * static_cast<double>(sum[k]);
      rank += n;
    }
    return total;
  }
};

/// Mean of the middle half of the values: nearly as precise as the mean, nearly as robust as the median, and,
/// unlike the median, not rounded where the values are whole counts. 0 for none.
///
/// It is asked for each row of each frame, and ordering values takes far longer than counting them. The
/// classes of a histogram, of which the middle half spans many, order them well enough: what is cut of a
/// class at either end moves the mean by less than a hundredth of the values' scatter.
inline double mean_of_middle_half(const std::vector<float>& values) {
  if (values.empty()) return 0.0;
  constexpr std::size_t enough = 16;  // classes
  const std::size_t cut = values.size() / 4;
  const double first = static_cast<double>(cut), end = static_cast<double>(values.size() - cut);
  double least = 0.0, most = 0.0;
  cv::minMaxLoc(values, &least, &most);
  float low = static_cast<float>(least), high = static_cast<float>(most);
  for (int round = 0;; ++round) {
    // One value, or no more than floats tell apart: also where one of them is infinite.
    if (!(high - low > 1e-5F * std::max(std::abs(low), std::abs(high))) || !std::isfinite(high - low))
      return 0.5 * (static_cast<double>(low) + static_cast<double>(high));
    const ClassSums sums(values, low, high);
    const std::size_t lower = sums.class_of(first), upper = sums.class_of(end - 1.0);
    if (upper - lower >= enough || round == 4) return sums.sum_of_ranks(first, end) / (end - first);
    // A value far away has spread the classes: again, between the quartiles.
    low = sums.low + (static_cast<float>(lower) - 1.0F) * sums.width;
    high = low + static_cast<float>(upper - lower + 1) * sums.width;
  }
}

}  // namespace sinterscope
