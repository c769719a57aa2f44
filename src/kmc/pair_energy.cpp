// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/pair_energy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

/// Half the smallest perimeter of n cells, ceil(2 sqrt(n)): the bonds n atoms lack to 2 n.
int half_perimeter(int n) {
  int p = static_cast<int>(2.0 * std::sqrt(static_cast<double>(n)));
  while (p * p < 4 * n) ++p;
  while (p > 0 && (p - 1) * (p - 1) >= 4 * n) --p;
  return p;
}

/// The most cells within a half perimeter p.
int most_cells(int p) { return p * p / 4; }

/// Smallest sum of half perimeters of layers that together hold r atoms, for all r at once. A layer smaller
/// than the most its perimeter holds could take atoms from the smallest layer at no cost, so only full layers
/// (and one rest) need to be looked at. Layers are offered in growing size.
class LayerTable {
 public:
  explicit LayerTable(int atoms)
      : cost_(static_cast<std::size_t>(atoms) + 1, 1 << 30), last_(cost_.size(), 0) {
    cost_[0] = 0;
  }

  void offer(int half_perimeter_of_layer) {
    const auto cells = static_cast<std::size_t>(most_cells(half_perimeter_of_layer));
    for (std::size_t r = 1; r < cost_.size(); ++r) {
      const int cost = half_perimeter_of_layer + cost_[r > cells ? r - cells : 0];
      if (cost >= cost_[r]) continue;
      cost_[r] = cost;
      last_[r] = half_perimeter_of_layer;
    }
  }
  int cost(int atoms) const { return cost_[static_cast<std::size_t>(atoms)]; }
  /// Appends the layers that hold `atoms` at the smallest cost.
  void append_layers(int atoms, std::vector<int>& layers) const {
    while (atoms > 0) {
      const int cells = std::min(atoms, most_cells(last_[static_cast<std::size_t>(atoms)]));
      layers.push_back(cells);
      atoms -= cells;
    }
  }

 private:
  std::vector<int> cost_, last_;
};

struct Pile {
  int base = 0;    ///< atoms of the lowest layer
  int copies = 0;  ///< layers as large as it, the last perhaps not full
};

/// The best share-out of `atoms`; the objective is sum of half perimeters + stack_ratio * base, to be small.
Pile best_pile(int atoms, double stack_ratio) {
  Pile best;
  double best_cost = 0.0;
  LayerTable above(atoms);  // layers of a smaller perimeter than the base
  int offered = 1;
  for (int base = 1; base <= atoms; ++base) {
    const int p = half_perimeter(base);
    while (offered < p - 1) above.offer(++offered);
    for (int copies = 1; (copies - 1) * static_cast<std::int64_t>(base) < atoms; ++copies) {
      const int rest = std::max(0, atoms - copies * base);
      if (rest > 0 && offered < 2) continue;
      const double cost = copies * p + above.cost(rest) + stack_ratio * base;
      if (best.copies != 0 && cost >= best_cost) continue;
      best = {base, copies};
      best_cost = cost;
    }
  }
  return best;
}

}  // namespace

GroundState ground_state(int atoms, double stack_ratio, bool flat) {
  if (atoms < 1 || atoms > 100000)
    throw usage_error(fmt::format("particle of {} atoms: must have between 1 and 100000", atoms));
  if (!(stack_ratio >= 0.0 && stack_ratio <= 1.0))
    throw usage_error(fmt::format("stack ratio is {}: must lie between 0 and 1", stack_ratio));
  GroundState state;
  if (flat) {
    state.layers = {atoms};
  } else {
    const Pile pile = best_pile(atoms, stack_ratio);
    int rest = atoms;
    for (int i = 0; i < pile.copies; ++i) {
      state.layers.push_back(std::min(rest, pile.base));
      rest -= state.layers.back();
    }
    if (rest > 0) {
      LayerTable above(rest);
      for (int p = 2; p < half_perimeter(pile.base); ++p) above.offer(p);
      above.append_layers(rest, state.layers);
    }
    std::sort(state.layers.begin(), state.layers.end(), std::greater<>());
  }
  for (const int n : state.layers) state.count.bonds += 2 * n - half_perimeter(n);
  state.count.stacked = atoms - state.layers.front();
  state.bonds_per_atom =
      (static_cast<double>(state.count.bonds) + stack_ratio * static_cast<double>(state.count.stacked)) /
      atoms;
  return state;
}

double pair_energy_eV(double dh_eV, int atoms, double stack_ratio, bool flat) {
  if (!(dh_eV < 0.0)) throw usage_error(fmt::format("sintering enthalpy is {} eV: must be below 0", dh_eV));
  const double bonds = ground_state(atoms, stack_ratio, flat).bonds_per_atom;
  if (bonds <= 0.0)
    throw usage_error(
        fmt::format("a particle of {} atom has no bonds: a pair energy needs 2 atoms or more", atoms));
  return -dh_eV / bonds;
}

double marginal_bonds(int atoms, double stack_ratio, bool flat) {
  const int reach = static_cast<int>(std::lround(std::sqrt(static_cast<double>(atoms))));
  const int low = std::max(1, atoms - reach), high = std::min(100000, atoms + reach);
  const GroundState smaller = ground_state(low, stack_ratio, flat),
                    larger = ground_state(high, stack_ratio, flat);
  return (larger.bonds_per_atom * high - smaller.bonds_per_atom * low) / (high - low);
}

}  // namespace sinterscope
