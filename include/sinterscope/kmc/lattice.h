// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The lattice: columns of atoms on a periodic square support (solid on solid).
//
// One support site carries one column of atoms, so the state of the whole system is a map of column heights;
// atoms are indistinguishable. Energy relative to the same number of isolated ad-atoms:
//   E = -pair_energy * B - stack_energy * U
// B, lateral bonds = sum over neighbouring columns of min(h, h'); U, stacked atoms = sum of max(h - 1, 0);
// stack_energy = (binding of an atom on an atom) - (binding of an ad-atom on the support), which fixes the
// wetting: stack_energy = pair_energy (1 - cos(contact angle)) / 2. With at most one atom a column (flat)
// this is the two-dimensional lattice gas, whose coexistence line is Onsager's. What breaks it: overhangs,
// tilted facets and the fcc coordination do not exist here; coordination is 6 and shapes are square. What it
// keeps: heights are atoms per column, which is what a HAADF image shows.

#include <array>
#include <cstdint>
#include <vector>

#include "sinterscope/core/random.h"

namespace sinterscope {

/// Heights of the columns of a periodic side x side support, row by row.
struct HeightMap {
  int side = 0;
  std::vector<std::int32_t> height;

  HeightMap() = default;
  explicit HeightMap(int side_sites)
      : side(side_sites),
        height(static_cast<std::size_t>(side_sites) * static_cast<std::size_t>(side_sites), 0) {}
  bool operator==(const HeightMap&) const = default;

  template <typename Archive>
  void archive(Archive& bytes) {
    bytes(side), bytes(height);
  }
};

/// What of a state its energy depends on.
struct BondCount {
  std::int64_t bonds = 0;    ///< lateral bonds B
  std::int64_t stacked = 0;  ///< atoms that stand on atoms U
  bool operator==(const BondCount&) const = default;
};

/// The four neighbours of every site in the order +x, -x, +y, -y; direction d and d ^ 1 are opposite.
std::vector<std::array<std::uint32_t, 4>> periodic_neighbours(int side);

std::int64_t count_atoms(const HeightMap& heights);
BondCount count_bonds(const HeightMap& heights);

/// Throws usage_error unless 4 <= side <= 1024, the map has side^2 heights, none of them negative, at least
/// one atom and at most 100,000, and (flat) no column above 1 and at least one free site.
void validate(const HeightMap& heights, bool flat);

/// `atoms` ad-atoms on sites drawn without replacement; what exceeds the sites (never if flat) is dropped on
/// top of random columns. Throws usage_error where the atoms do not fit.
HeightMap random_gas(int side, int atoms, bool flat, Rng rng);

/// A particle in the middle of the support: nested layers of near-square shape with the given numbers of
/// atoms, the lowest first. Throws usage_error where a layer is wider than the support or larger than the
/// layer below.
HeightMap layered_particle(int side, const std::vector<int>& layers);

}  // namespace sinterscope
