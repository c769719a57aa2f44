// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The exact coexistence line of the flat lattice without end.
//
// The flat lattice is the two-dimensional Ising model, so the density of the gas beside an infinite condensed
// phase is known: c = (1 - (1 - sinh(x/2)^-4)^(1/8)) / 2, x = pair_energy / kT. Above x = 2 ln(1 + sqrt 2)
// only; below there is one phase. The density counts all atoms of the gas, clusters too. Source: C. N. Yang,
// Phys. Rev. 85, 808 (1952), doi:10.1103/PhysRev.85.808.

#include <optional>

namespace sinterscope {

/// Atoms per site of the gas; empty above the critical temperature. temperature_K > 0.
std::optional<double> lattice_gas_binodal(double pair_energy_eV, double temperature_K);

}  // namespace sinterscope
