// SPDX-License-Identifier: GPL-3.0-or-later
#include "constant_laws.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sinterscope/core/parallel.h"
#include "sinterscope/inference/statistics.h"

namespace sinterscope {
namespace {

constexpr double growth_per_100K = 0.25;  // mean of ln(size ratio) per 100 K of new highest temperature
constexpr double growth_least = 0.1;      // mean where no new temperature is reached: time alone
constexpr double growth_chance = 0.5;     // that particles grow at all from one hold to the next

/// ln L over ln c of a whole region, if its inventory never changes.
using ConstantTable = std::vector<double>;

/// The common axis of ln(median size): from 0.9 below to 1.45 above the mean of what was seen, fine enough
/// for the best-measured hold.
std::vector<double> size_axis(std::span<const HoldInventory> holds, const SizePrior& prior) {
  std::size_t most = 1;
  for (const HoldInventory& hold : holds) most = std::max(most, hold.particles.size());
  const double width = 2.35;
  const double finest = 0.15 / std::sqrt(static_cast<double>(most));  // a standard error of mu
  const int nodes = std::clamp(static_cast<int>(width / finest), 61, 161);
  std::vector<double> axis;
  for (int i = 0; i < nodes; ++i) axis.push_back(prior.mean_log_nm - 0.9 + width * i / (nodes - 1));
  return axis;
}

/// Transition probabilities between size nodes from one hold to the next: never smaller, and the larger the
/// further the temperature rises above all before.
std::vector<double> growth_kernel(const std::vector<double>& axis, double new_heat_K) {
  const std::size_t n = axis.size();
  const double mean = std::max(growth_least, growth_per_100K * new_heat_K / 100.0);
  std::vector<double> kernel(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    double total = 0.0;
    for (std::size_t j = i; j < n; ++j) total += kernel[i * n + j] = std::exp(-(axis[j] - axis[i]) / mean);
    for (std::size_t j = i; j < n; ++j) kernel[i * n + j] *= growth_chance / total;
    kernel[i * n + i] += 1.0 - growth_chance;
  }
  return kernel;
}

std::vector<double> size_log_prior(const std::vector<double>& axis, const SizePrior& prior) {
  std::vector<double> weights;
  for (const double mu : axis) weights.push_back(-0.5 * std::pow((mu - prior.mean_log_nm) / prior.log_sd, 2));
  const double total = log_sum_exp(weights);
  for (double& weight : weights) weight -= total;
  return weights;
}

/// Forward recursion over the holds, at every ln c: sizes constant (no kernels) or never shrinking (the
/// kernel that leads to each hold but the first).
ConstantTable constant_inventory(const std::vector<std::vector<double>>& size_tables,
                                 const std::vector<double>& log_prior,
                                 const std::vector<std::vector<double>>& kernels) {
  const std::size_t n = log_prior.size();
  ConstantTable result;
  std::vector<double> state(n), next(n);
  for (std::size_t c = 0; c < log_c_points; ++c) {
    state = log_prior;
    for (std::size_t p = 0; p < size_tables.size(); ++p) {
      if (p > 0 && !kernels.empty()) {
        const std::vector<double>& kernel = kernels[p - 1];
        const double top = *std::max_element(state.begin(), state.end());
        std::fill(next.begin(), next.end(), 0.0);
        for (std::size_t i = 0; i < n; ++i) {
          const double weight = std::exp(state[i] - top);
          if (weight < 1e-200) continue;
          for (std::size_t j = i; j < n; ++j) next[j] += weight * kernel[i * n + j];
        }
        for (std::size_t j = 0; j < n; ++j) state[j] = std::log(std::max(next[j], 1e-300)) + top;
      }
      for (std::size_t i = 0; i < n; ++i) state[i] += size_tables[p][i * log_c_points + c];
    }
    result.push_back(log_sum_exp(state));
  }
  return result;
}

}  // namespace

BoxSummary summarise(std::span<const double> table, double c_min, double c_max) {
  std::vector<double> inside;
  BoxSummary summary;
  summary.maximum = -std::numeric_limits<double>::infinity();
  for (int k = 0; k < log_c_points; ++k) {
    const double log_c = log_c_at(k);
    if (log_c < std::log(c_min) - 1e-9 || log_c > std::log(c_max) + 1e-9) continue;
    const double value = table[static_cast<std::size_t>(k)];
    inside.push_back(value);
    if (value > summary.maximum) {
      summary.maximum = value;
      summary.log_c = log_c;
    }
  }
  summary.log_evidence = log_sum_exp(inside) - std::log(static_cast<double>(inside.size()));
  return summary;
}

ConstantLaws constant_laws(std::span<const HoldInventory> holds, const RegionObservations& region,
                           const Sample& sample, const FitOptions& options, int threads) {
  const SizePrior prior = size_prior(holds, options);
  const std::vector<double> axis = size_axis(holds, prior);
  const std::vector<double> log_prior = size_log_prior(axis, prior);
  const std::vector<HoldObservation>& own = region.holds;
  std::vector<std::vector<double>> tables(own.size()), kernels;
  parallel_for(own.size(), threads, [&](std::size_t i) {
    tables[i] = hold_size_table(holds[own[i].input], sample, prior, axis, options.closed_regions);
  });
  for (std::size_t i = 1; i < own.size(); ++i)
    kernels.push_back(growth_kernel(axis, own[i].peak_temperature_K - own[i - 1].peak_temperature_K));
  const auto law = [&](const std::vector<std::vector<double>>& steps) {
    return summarise(constant_inventory(tables, log_prior, steps), options.c_ad_min, options.c_ad_max);
  };
  std::vector<double> best_of_size = log_prior;
  double own_sizes = 0.0;
  for (const std::vector<double>& table : tables) {
    std::vector<double> by_c(log_c_points);
    for (std::size_t c = 0; c < by_c.size(); ++c) {
      std::vector<double> by_size(axis.size());
      for (std::size_t i = 0; i < axis.size(); ++i) by_size[i] = log_prior[i] + table[i * log_c_points + c];
      by_c[c] = log_sum_exp(by_size);
    }
    own_sizes += *std::max_element(by_c.begin(), by_c.end());
    for (std::size_t i = 0; i < axis.size(); ++i) {
      const auto row = table.begin() + static_cast<std::ptrdiff_t>(i * log_c_points);
      best_of_size[i] += *std::max_element(row, row + log_c_points);
    }
  }
  return {law({}), law(kernels), log_sum_exp(best_of_size), own_sizes};
}

}  // namespace sinterscope
