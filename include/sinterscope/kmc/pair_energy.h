// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From the sintering enthalpy to the pair energy of the lattice.
//
// The paper states one number, dh: the enthalpy per atom of a particle of N atoms against N ad-atoms. The
// lattice needs the energy of one bond. They are tied at T = 0: dh = -(pair B + stack U) / N for the best
// particle of N atoms, the one with the largest B + stack_ratio U. That particle is a pile of nested layers,
// each of the smallest perimeter: a layer of n atoms has at most 2 n - ceil(2 sqrt(n)) bonds (Harary and
// Harborth, J. Comb. Inf. Syst. Sci. 1, 1, 1976), and the growing square reaches this for every n, layer upon
// layer. What is left is to share N atoms out over the layers, which is done exactly. Particles that close
// upon themselves over the period are not counted.

#include <vector>

#include "sinterscope/kmc/lattice.h"

namespace sinterscope {

/// The particle of lowest energy.
struct GroundState {
  std::vector<int> layers;  ///< atoms per layer, the lowest first
  BondCount count;
  double bonds_per_atom = 0.0;  ///< (B + stack_ratio U) / N: -dh in units of the pair energy
};

/// Throws usage_error unless 1 <= atoms <= 100,000 and 0 <= stack_ratio <= 1 (stack_ratio = stack energy /
/// pair energy; 0.5 is a contact angle of 90 degrees). Flat: a single layer, stack_ratio is not used.
GroundState ground_state(int atoms, double stack_ratio, bool flat);

/// The pair energy (eV) for which the N-atom particle has enthalpy dh_eV per atom. Throws usage_error unless
/// dh_eV < 0 and atoms >= 2.
double pair_energy_eV(double dh_eV, int atoms, double stack_ratio, bool flat);

/// d(N dh)/dN at T = 0 in units of -(pair energy): what one atom more gains, smoothed over one edge of the
/// particle (central difference over sqrt(N) atoms). This, not the average, enters an equality of chemical
/// potentials.
double marginal_bonds(int atoms, double stack_ratio, bool flat);

}  // namespace sinterscope
