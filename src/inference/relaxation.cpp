// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/relaxation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

constexpr double believed_chi2 = 11.3;
constexpr int rates = 60;

struct LineFit {
  double plateau = 0.0, start = 0.0;
  double chi2 = std::numeric_limits<double>::infinity();
};

/// Weighted least squares of amount = plateau + start e^(-rate t); a rate of 0 is a constant.
LineFit fit_at(std::span<const AmountInTime> series, const std::vector<double>& weights, double rate) {
  double n = 0.0, sx = 0.0, sy = 0.0, sxx = 0.0, sxy = 0.0;
  const auto shape = [&](const AmountInTime& one) {
    return rate > 0.0 ? std::exp(-rate * (one.time_s - series.front().time_s)) : 0.0;
  };
  for (std::size_t i = 0; i < series.size(); ++i) {
    const double x = shape(series[i]);
    n += weights[i];
    sx += weights[i] * x;
    sy += weights[i] * series[i].amount;
    sxx += weights[i] * x * x;
    sxy += weights[i] * x * series[i].amount;
  }
  LineFit fit;
  const double determinant = n * sxx - sx * sx;
  if (rate > 0.0 && !(determinant > 1e-12 * n * sxx)) return fit;
  fit.start = rate > 0.0 ? (n * sxy - sx * sy) / determinant : 0.0;
  fit.plateau = (sy - fit.start * sx) / n;
  fit.chi2 = 0.0;
  for (std::size_t i = 0; i < series.size(); ++i)
    fit.chi2 += weights[i] * std::pow(series[i].amount - fit.plateau - fit.start * shape(series[i]), 2);
  return fit;
}

}  // namespace

std::optional<Relaxation> fit_relaxation(std::span<const AmountInTime> series, double tolerance) {
  constexpr std::size_t fewest = 4;
  if (series.size() < fewest) return std::nullopt;
  double shortest = std::numeric_limits<double>::infinity(), mean_variance = 0.0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    mean_variance += series[i].variance / static_cast<double>(series.size());
    if (i == 0) continue;
    shortest = std::min(shortest, series[i].time_s - series[i - 1].time_s);
    if (!(shortest > 0.0))
      throw Error(
          fmt::format("relaxation: time {} s does not follow {} s", series[i].time_s, series[i - 1].time_s));
  }
  if (!(mean_variance > 0.0)) return std::nullopt;
  std::vector<double> weights;  // an empty frame is not infinitely precise
  for (const AmountInTime& one : series) weights.push_back(1.0 / std::max(one.variance, 0.1 * mean_variance));

  const LineFit constant = fit_at(series, weights, 0.0);
  const double span = series.back().time_s - series.front().time_s;
  const double slowest = 0.1 / span, fastest = 3.0 / shortest;
  LineFit best;
  double best_rate = slowest;
  for (int k = 0; k < rates; ++k) {
    const double rate = slowest * std::pow(fastest / slowest, k / (rates - 1.0));
    const LineFit fit = fit_at(series, weights, rate);
    if (fit.chi2 >= best.chi2) continue;
    best = fit;
    best_rate = rate;
  }
  const double excess = std::max(1.0, best.chi2 / static_cast<double>(series.size() - 3));
  Relaxation result;
  result.plateau = constant.plateau;
  result.change_chi2 = std::max((constant.chi2 - best.chi2) / excess, 0.0);
  if (result.change_chi2 < believed_chi2) return result;
  result.plateau = best.plateau;
  result.rate_per_s = best_rate;
  result.remaining = best.start * std::exp(-best_rate * span);
  result.settled = std::abs(result.remaining) <= tolerance * std::abs(best.plateau + result.remaining);
  return result;
}

}  // namespace sinterscope
