// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/lattice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

constexpr int smallest_side = 4;  // below, a column is its own neighbour's neighbour twice over
constexpr int largest_side = 1024;
constexpr std::int64_t most_atoms = 100000;

void check_side(int side) {
  if (side < smallest_side || side > largest_side)
    throw usage_error(fmt::format("lattice side is {} sites: must lie between {} and {}", side, smallest_side,
                                  largest_side));
}

}  // namespace

std::vector<std::array<std::uint32_t, 4>> periodic_neighbours(int side) {
  const auto n = static_cast<std::uint32_t>(side);
  std::vector<std::array<std::uint32_t, 4>> neighbours(std::size_t{n} * n);
  for (std::uint32_t y = 0; y < n; ++y) {
    const std::uint32_t row = y * n, below = (y + 1 == n ? 0 : y + 1) * n,
                        above = (y == 0 ? n - 1 : y - 1) * n;
    for (std::uint32_t x = 0; x < n; ++x)
      neighbours[row + x] = {row + (x + 1 == n ? 0 : x + 1), row + (x == 0 ? n - 1 : x - 1), below + x,
                             above + x};
  }
  return neighbours;
}

std::int64_t count_atoms(const HeightMap& heights) {
  return std::accumulate(heights.height.begin(), heights.height.end(), std::int64_t{0});
}

BondCount count_bonds(const HeightMap& heights) {
  const auto neighbours = periodic_neighbours(heights.side);
  BondCount count;
  for (std::size_t s = 0; s < neighbours.size(); ++s) {
    const std::int32_t h = heights.height[s];
    // Right and lower neighbour only: every pair of columns is met once.
    count.bonds +=
        std::min(h, heights.height[neighbours[s][0]]) + std::min(h, heights.height[neighbours[s][2]]);
    count.stacked += std::max(h - 1, 0);
  }
  return count;
}

void validate(const HeightMap& heights, bool flat) {
  check_side(heights.side);
  const std::size_t sites = static_cast<std::size_t>(heights.side) * static_cast<std::size_t>(heights.side);
  if (heights.height.size() != sites)
    throw usage_error(fmt::format("height map has {} columns: a side of {} needs {}", heights.height.size(),
                                  heights.side, sites));
  const auto [lowest, highest] = std::minmax_element(heights.height.begin(), heights.height.end());
  if (*lowest < 0)
    throw usage_error(fmt::format("height map has a column of height {}: must be 0 or more", *lowest));
  if (flat && *highest > 1)
    throw usage_error(fmt::format("height map has a column of height {}: a flat lattice allows 1", *highest));
  const std::int64_t atoms = count_atoms(heights);
  const std::int64_t most =
      flat ? std::min<std::int64_t>(most_atoms, static_cast<std::int64_t>(sites) - 1) : most_atoms;
  if (atoms < 1 || atoms > most)
    throw usage_error(fmt::format("lattice holds {} atoms: must be between 1 and {}", atoms, most));
}

HeightMap random_gas(int side, int atoms, bool flat, Rng rng) {
  check_side(side);
  HeightMap heights(side);
  const std::size_t sites = heights.height.size();
  std::vector<std::uint32_t> order(sites);
  std::iota(order.begin(), order.end(), 0u);
  const std::size_t wanted = static_cast<std::size_t>(std::max(atoms, 0));
  for (std::size_t i = 0; i < std::min(wanted, sites); ++i) {  // the first part of a Fisher-Yates shuffle
    std::swap(order[i], order[i + rng.below(sites - i)]);
    heights.height[order[i]] = 1;
  }
  for (std::size_t i = sites; i < wanted; ++i) ++heights.height[rng.below(sites)];
  validate(heights, flat);
  return heights;
}

HeightMap layered_particle(int side, const std::vector<int>& layers) {
  check_side(side);
  HeightMap heights(side);
  int origin = 0;
  for (std::size_t level = 0; level < layers.size(); ++level) {
    const int atoms = layers[level];
    const int width = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(atoms))));
    if (level == 0) {
      if (width >= side)
        throw usage_error(
            fmt::format("a particle layer of {} atoms does not fit on a side of {}", atoms, side));
      origin = (side - width) / 2;  // one corner for all layers, or they would not be nested
    } else if (atoms > layers[level - 1]) {
      throw usage_error(fmt::format("particle layer {} of {} atoms cannot stand on {}", level + 1, atoms,
                                    layers[level - 1]));
    }
    for (int i = 0; i < atoms; ++i) {
      // Cell i of a growing square: the k x k square is full, then its right column, then its bottom row. The
      // first n cells have the smallest perimeter that n cells can have.
      const int k = static_cast<int>(std::sqrt(static_cast<double>(i)));
      const int rest = i - k * k;
      const int x = origin + (rest < k ? k : rest - k), y = origin + (rest < k ? rest : k);
      ++heights.height[static_cast<std::size_t>(y) * static_cast<std::size_t>(side) +
                       static_cast<std::size_t>(x)];
    }
  }
  return heights;
}

}  // namespace sinterscope
