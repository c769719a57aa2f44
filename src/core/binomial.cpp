// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/core/binomial.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/normal.h"

namespace sinterscope {

double binomial_tail(int trials, int least, double p) {
  if (least <= 0) return 1.0;
  if (p <= 0.0 || least > trials) return 0.0;
  if (p >= 1.0) return 1.0;
  double tail = 0.0;
  double term = std::pow(1.0 - p, trials);  // of k successes
  if (term > 1e-200) {                      // the sum of few terms needs no logarithms
    for (int k = 1; k <= trials; ++k) {
      term *= p / (1.0 - p) * (trials - k + 1) / k;
      if (k >= least) tail += term;
    }
    return std::min(tail, 1.0);
  }
  for (int k = least; k <= trials; ++k)
    tail += std::exp(std::lgamma(trials + 1.0) - std::lgamma(k + 1.0) - std::lgamma(trials - k + 1.0) +
                     k * std::log(p) + (trials - k) * std::log1p(-p));
  return std::min(tail, 1.0);
}

double correlated_binomial_tail(int trials, int least, double p, double correlation) {
  if (correlation <= 0.0 || p <= 0.0 || p >= 1.0 || trials < 2) return binomial_tail(trials, least, p);
  constexpr int steps = 60;
  constexpr double reach = 5.0;
  const double threshold = normal_quantile(p), own = std::sqrt(2.0 * (1.0 - correlation));
  double sum = 0.0, weights = 0.0;
  for (int k = 0; k <= steps; ++k) {
    const double factor = reach * (2.0 * k / steps - 1.0), weight = std::exp(-0.5 * factor * factor);
    const double given = 0.5 * std::erfc((std::sqrt(correlation) * factor - threshold) / own);
    sum += weight * binomial_tail(trials, least, given);
    weights += weight;
  }
  return sum / weights;
}

}  // namespace sinterscope
