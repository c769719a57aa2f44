// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/equilibration.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

constexpr double window_in_tau = 5.0;
constexpr std::size_t fewest_samples = 16;

/// Summed around the first value, so that a constant series has exactly no variance.
double mean_of(std::span<const double> series) {
  double sum = 0.0;
  for (const double value : series) sum += value - series.front();
  return series.front() + sum / static_cast<double>(series.size());
}

/// Integrated autocorrelation time of a series with this mean and variance.
double correlation_samples(std::span<const double> series, double mean, double variance) {
  const std::size_t n = series.size();
  double tau = 0.5;
  for (std::size_t lag = 1; lag < n; ++lag) {
    double sum = 0.0;
    for (std::size_t i = 0; i + lag < n; ++i) sum += (series[i] - mean) * (series[i + lag] - mean);
    tau += sum / (static_cast<double>(n) * variance);
    if (static_cast<double>(lag) >= window_in_tau * tau) break;
  }
  return std::max(tau, 0.5);  // anticorrelation is not counted as a gain
}

}  // namespace

SeriesMean mean_of_series(std::span<const double> series) {
  if (series.empty()) throw Error("mean of a series without samples: lengthen the run");
  const auto n = static_cast<double>(series.size());
  SeriesMean result;
  result.mean = mean_of(series);
  double squares = 0.0;
  for (const double value : series) squares += (value - result.mean) * (value - result.mean);
  const double variance = squares / n;
  result.independent_samples = n;
  if (variance > 0.0) {
    result.correlation_samples = correlation_samples(series, result.mean, variance);
    result.independent_samples = n / (2.0 * result.correlation_samples);
    result.standard_error = std::sqrt(variance / std::max(result.independent_samples - 1.0, 1.0));
  }
  result.reliable = series.size() >= fewest_samples && n >= 50.0 * result.correlation_samples;
  return result;
}

std::size_t settled_from(std::span<const double> series) {
  constexpr std::size_t candidates = 32, most_blocks = 1024;
  if (series.size() > 2 * most_blocks) {  // where a series settles is not asked to the sample
    const std::size_t length = series.size() / most_blocks;
    std::vector<double> blocks;
    for (std::size_t begin = 0; begin + length <= series.size(); begin += length)
      blocks.push_back(mean_of(series.subspan(begin, length)));
    return settled_from(blocks) * length;
  }
  std::size_t best = 0;
  double most = -1.0;
  for (std::size_t i = 0; i < candidates; ++i) {
    // Up to 3/4 of the series; closer at the beginning, where things happen.
    const double part = static_cast<double>(i) / candidates;
    const auto start = static_cast<std::size_t>(0.75 * part * part * static_cast<double>(series.size()));
    const double independent = mean_of_series(series.subspan(start)).independent_samples;
    if (independent <= most) continue;
    most = independent;
    best = start;
  }
  return best;
}

SeriesMean mean_of_runs(std::span<const SeriesMean> runs) {
  if (runs.empty()) throw Error("mean over runs without a run");
  if (runs.size() == 1) return runs.front();
  const auto n = static_cast<double>(runs.size());
  SeriesMean result;
  for (const SeriesMean& run : runs) result.mean += run.mean / n;
  double squares = 0.0;
  for (const SeriesMean& run : runs) squares += (run.mean - result.mean) * (run.mean - result.mean);
  result.standard_error = std::sqrt(squares / (n * (n - 1.0)));
  result.independent_samples = n;
  result.reliable = std::all_of(runs.begin(), runs.end(), [](const SeriesMean& run) { return run.reliable; });
  return result;
}

}  // namespace sinterscope
