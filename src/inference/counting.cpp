// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/counting.h"

#include <algorithm>
#include <cmath>
#include <unsupported/Eigen/SpecialFunctions>

namespace sinterscope {

double gamma_quantile(double shape, double p) {
  double low = 0.0, high = shape + 1.0;
  while (Eigen::numext::igamma(shape, high) < p) high *= 2.0;
  for (int step = 0; step < 200 && high - low > 1e-13 * high; ++step) {
    const double middle = 0.5 * (low + high);
    (Eigen::numext::igamma(shape, middle) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double weighted_count_upper(double sum, double sum_of_squares, double next_weight, double p) {
  const double mean = sum + next_weight;
  const double scale = (sum_of_squares + next_weight * next_weight) / mean;
  return scale * gamma_quantile(mean / scale, p);
}

double weighted_count_lower(double sum, double sum_of_squares, double p) {
  if (!(sum > 0.0)) return 0.0;
  const double scale = sum_of_squares / sum;
  return scale * gamma_quantile(sum / scale, p);
}

}  // namespace sinterscope
