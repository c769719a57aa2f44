// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// All states of a small lattice, for tests that compare with exact sums.

#include <cmath>
#include <cstddef>
#include <map>
#include <vector>

#include "sinterscope/core/units.h"
#include "sinterscope/kmc/lattice.h"
#include "sinterscope/kmc/rates.h"

namespace sinterscope {

/// Every height map of `atoms` atoms on a side x side support.
inline std::vector<HeightMap> all_states(int side, int atoms, bool flat) {
  std::vector<HeightMap> states;
  HeightMap map(side);
  const auto place = [&](const auto& self, std::size_t site, int left) -> void {
    if (site + 1 == map.height.size()) {
      if (flat && left > 1) return;
      map.height[site] = left;
      states.push_back(map);
      map.height[site] = 0;
      return;
    }
    for (int h = 0; h <= (flat ? std::min(left, 1) : left); ++h) {
      map.height[site] = h;
      self(self, site + 1, left - h);
    }
    map.height[site] = 0;
  };
  place(place, 0, atoms);
  return states;
}

inline std::map<std::vector<std::int32_t>, std::size_t> index_of(const std::vector<HeightMap>& states) {
  std::map<std::vector<std::int32_t>, std::size_t> index;
  for (std::size_t i = 0; i < states.size(); ++i) index[states[i].height] = i;
  return index;
}

inline constexpr double test_temperature_K = 500.0;

/// Energies for which pair/kT = x and stack/kT = y at the test temperature.
inline LatticeEnergies energies_for(double x, double y) {
  LatticeEnergies energies;
  energies.pair_eV = x * boltzmann_eV_per_K * test_temperature_K;
  energies.stack_eV = y * boltzmann_eV_per_K * test_temperature_K;
  return energies;
}

/// exp(-E/kT) of every state.
inline std::vector<double> boltzmann_weights(const std::vector<HeightMap>& states, double x, double y) {
  std::vector<double> weights;
  for (const HeightMap& state : states) {
    const BondCount count = count_bonds(state);
    weights.push_back(
        std::exp(x * static_cast<double>(count.bonds) + y * static_cast<double>(count.stacked)));
  }
  return weights;
}

}  // namespace sinterscope
