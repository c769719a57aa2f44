// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/design.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sinterscope/core/random.h"
#include "solvus_law.h"

namespace sinterscope {
namespace {

/// Index of the first cumulative value above u * total.
std::size_t pick(const std::vector<double>& cumulative, double u) {
  const auto found = std::upper_bound(cumulative.begin(), cumulative.end() - 1, u * cumulative.back());
  return static_cast<std::size_t>(found - cumulative.begin());
}

double within_cell(const std::vector<double>& axis, std::size_t i, double u) {
  if (axis.size() < 2) return axis[i];
  const double step = axis[1] - axis[0];
  return std::clamp(axis[i] + (u - 0.5) * step, axis.front(), axis.back());
}

std::vector<double> running_sums(const std::vector<double>& log_weights) {
  const double top = *std::max_element(log_weights.begin(), log_weights.end());
  std::vector<double> cumulative;
  double sum = 0.0;
  for (const double weight : log_weights) cumulative.push_back(sum += std::exp(weight - top));
  return cumulative;
}

/// Of one region over (v, ln c) at fixed (dh, x) and common loading.
std::vector<double> running_sums(const PosteriorGrid& grid, std::size_t region, std::size_t dh, std::size_t x,
                                 const CommonLoading& common) {
  const PosteriorAxes& axes = grid.axes();
  std::vector<double> logs(axes.v.size() * axes.log_c.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t j = 0; j < axes.v.size(); ++j)
    for (std::size_t k = 0; k < common.weights.size(); ++k) {
      const std::size_t c = common.first + k;
      logs[j * axes.log_c.size() + c] =
          grid.log_likelihood(region, dh, x, j, c) + axes.log_weight_v[j] + std::log(common.weights[k]);
    }
  return running_sums(logs);
}

}  // namespace

std::vector<PosteriorDraw> posterior_draws(const EntropyProblem& problem, const PosteriorGrid& grid,
                                           std::size_t count) {
  const PosteriorAxes& axes = grid.axes();
  const std::size_t nx = axes.x.size();
  std::vector<double> logs;
  for (std::size_t k = 0; k < axes.dh_eV.size(); ++k)
    for (std::size_t i = 0; i < nx; ++i) logs.push_back(grid.log_joint(k, i));
  const std::vector<double> cumulative = running_sums(logs);
  Rng rng = Rng(1).stream("posterior draws");
  std::vector<PosteriorDraw> draws(count);
  std::size_t node = std::numeric_limits<std::size_t>::max(), shared = node;
  std::vector<double> common;
  std::vector<std::vector<double>> regions(problem.regions.size());
  for (std::size_t s = 0; s < count; ++s) {
    const std::size_t picked = pick(cumulative, (static_cast<double>(s) + 0.5) / static_cast<double>(count));
    const std::size_t k = picked / nx;
    const std::size_t i = picked % nx;
    const bool same_node = picked == node;  // stratified draws come in order: neighbours share a node
    if (!same_node) common = running_sums(grid.log_weights_common(k, i));
    const std::size_t m = common.size() > 1 ? pick(common, rng.uniform()) : 0;
    if (!same_node || m != shared)
      for (std::size_t r = 0; r < regions.size(); ++r)
        regions[r] = running_sums(grid, r, k, i, axes.common[m]);
    node = picked, shared = m;
    PosteriorDraw& draw = draws[s];
    draw.dh_eV = within_cell(axes.dh_eV, k, rng.uniform());
    draw.x = within_cell(axes.x, i, rng.uniform());
    for (const std::vector<double>& region : regions) {
      const std::size_t own = pick(region, rng.uniform());
      draw.v.push_back(within_cell(axes.v, own / axes.log_c.size(), rng.uniform()));
      draw.log_c.push_back(within_cell(axes.log_c, own % axes.log_c.size(), rng.uniform()));
    }
  }
  return draws;
}

double foretold_c_np(const EntropyProblem& problem, const PosteriorDraw& draw, std::size_t region,
                     double temperature_K) {
  const SolvusTable hold{temperature_K, temperature_K, {}};
  const double spread = std::exp(log_facet_spread(problem.options, draw.v[region]));
  return std::exp(log_inventory(problem, hold, draw.dh_eV, draw.log_c[region], spread) +
                  problem.options.calibration_log_sd * draw.x);
}

NextTemperature next_temperature(const EntropyProblem& problem, const std::vector<PosteriorDraw>& draws,
                                 std::size_t region, double detections_per_c,
                                 const std::vector<double>& candidates_K) {
  constexpr double bin = 0.25;  // of the scale on which counting noise is 1
  constexpr double kernel_reach = 4.0;
  // Atoms per particle vary: n detections tell as much about c as n / exp(9 s^2) particles of one size.
  const double size_penalty = std::exp(9.0 * problem.options.size_spread * problem.options.size_spread);
  double mean = 0.0;
  for (const PosteriorDraw& draw : draws) mean += draw.dh_eV / static_cast<double>(draws.size());
  double variance = 0.0;
  for (const PosteriorDraw& draw : draws)
    variance += (draw.dh_eV - mean) * (draw.dh_eV - mean) / static_cast<double>(draws.size());
  NextTemperature best{candidates_K.front(), std::numeric_limits<double>::infinity()};
  for (const double temperature : candidates_K) {
    struct Moments {
      double weight = 0.0, first = 0.0, second = 0.0;
    };
    std::vector<Moments> bins;
    for (const PosteriorDraw& draw : draws) {
      const double n = detections_per_c * foretold_c_np(problem, draw, region, temperature) / size_penalty;
      const auto i = static_cast<std::size_t>(2.0 * std::sqrt(n + 0.375) / bin);
      if (i >= bins.size()) bins.resize(i + 1);
      const double deviation = draw.dh_eV - mean;
      bins[i].weight += 1.0;
      bins[i].first += deviation;
      bins[i].second += deviation * deviation;
    }
    double expected = 0.0;  // of the posterior variance, over the counts that may be seen
    const int reach = static_cast<int>(kernel_reach / bin);
    const int last = static_cast<int>(bins.size()) - 1;
    for (int seen = -reach; seen <= last + reach; ++seen) {
      Moments sum;
      for (int i = std::max(0, seen - reach); i <= std::min(last, seen + reach); ++i) {
        const Moments& moments = bins[static_cast<std::size_t>(i)];
        const double z = (seen - i) * bin;
        const double density = std::exp(-0.5 * z * z) * bin / std::sqrt(2.0 * pi);
        sum.weight += density * moments.weight;
        sum.first += density * moments.first;
        sum.second += density * moments.second;
      }
      if (sum.weight > 0.0) expected += sum.second - sum.first * sum.first / sum.weight;
    }
    expected /= static_cast<double>(draws.size());
    const double ratio = variance > 0.0 ? std::sqrt(expected / variance) : 1.0;
    if (ratio < best.sd_ratio) best = {temperature, ratio};
  }
  return best;
}

}  // namespace sinterscope
