// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the sample is made of, in the numbers the inventory needs. The table of known materials stands in
// theory/nanoparticle; here are only the numbers and the names they go by.

#include <optional>
#include <string>

namespace sinterscope {

struct Sample {
  std::string particle_name;               ///< e.g. "PdO"
  double volume_per_metal_atom_nm3 = 0.0;  ///< volume of the particle phase per metal atom
  std::string support_name;                ///< e.g. "CeO2(100)"
  double site_density_nm2 = 0.0;           ///< support sites per nm^2
  double shape_factor = 0.5;  ///< volume / volume of the sphere of the measured diameter; 0.5 = hemisphere
  std::optional<double> loading_wt_percent;  ///< metal, per mass of catalyst
  std::optional<double>
      loading_per_site;  ///< metal atoms per support site that the loading amounts to, where known

  /// Metal atoms in a particle of this diameter.
  double atoms(double diameter_nm) const { return atoms_per_nm3() * diameter_nm * diameter_nm * diameter_nm; }
  /// k_N of atoms = k_N d^3, in 1/nm^3.
  double atoms_per_nm3() const;
};

}  // namespace sinterscope
