// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/shirley.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

void check(std::span<const double> energy, std::span<const double> counts, int end_channels) {
  if (counts.size() != energy.size())
    throw Error(fmt::format("{} counts for {} energies: one each is needed", counts.size(), energy.size()));
  if (end_channels < 1 || energy.size() <= 2 * static_cast<std::size_t>(end_channels))
    throw Error(fmt::format("a Shirley background needs more than {} channels, there are {}",
                            2 * end_channels, energy.size()));
  for (std::size_t i = 1; i < energy.size(); ++i)
    if (!(energy[i] > energy[i - 1]))
      throw Error(
          fmt::format("binding energy falls from {} to {} eV: it must rise", energy[i - 1], energy[i]));
}

}  // namespace

std::vector<double> shirley_background(std::span<const double> binding_energy_eV,
                                       std::span<const double> counts, int end_channels) {
  check(binding_energy_eV, counts, end_channels);
  constexpr int most_iterations = 200;
  constexpr double settled = 1e-6;
  const std::size_t n = counts.size(), ends = static_cast<std::size_t>(end_channels);
  const double low = std::accumulate(counts.begin(), counts.begin() + end_channels, 0.0) / end_channels;
  const double high = std::accumulate(counts.end() - end_channels, counts.end(), 0.0) / end_channels;
  std::vector<double> background(n, low), area(n, 0.0);
  for (int iteration = 0; iteration < most_iterations; ++iteration) {
    for (std::size_t i = 1; i < n; ++i)
      area[i] = area[i - 1] + 0.5 * (binding_energy_eV[i] - binding_energy_eV[i - 1]) *
                                  (counts[i] - background[i] + counts[i - 1] - background[i - 1]);
    const double whole = area[n - 1 - ends / 2];
    if (!(std::abs(whole) > 0.0)) break;  // nothing stands above it
    double change = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      const double next = low + (high - low) * area[i] / whole;
      change = std::max(change, std::abs(next - background[i]));
      background[i] = next;
    }
    if (change <= settled * std::max(1.0, std::abs(high - low))) break;
  }
  return background;
}

}  // namespace sinterscope
