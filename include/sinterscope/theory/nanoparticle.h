// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From diameters to atoms: particle phases, support surfaces, shapes and the size dependence of the binding
// enthalpy.
//
// atoms = f (pi/6) d^3 / Omega, d the projected (top view) diameter, Omega the phase's volume per METAL atom
// (unit cell volume over metal atoms in it), f the shape factor. One support site per surface cation, a
// convention: a factor 2 in the site density moves dh by kT ln 2. Breaks where a particle is not compact, or
// its phase is not the one named: PdO against Pd is a factor 1.68 in atoms, a sphere against a hemisphere a
// factor 2.

#include <string>
#include <string_view>
#include <vector>

namespace sinterscope {

struct ParticleMaterial {
  std::string name;   ///< "PdO"
  std::string metal;  ///< "Pd"
  double volume_per_metal_atom_nm3 = 0.0;
  double metal_molar_mass_g_mol = 0.0;
  std::string source;  ///< unit cell and its reference
};

struct SupportSurface {
  std::string name;               ///< "CeO2(100)"
  double site_density_nm2 = 0.0;  ///< surface cations per nm^2
  std::string source;
};

const std::vector<ParticleMaterial>& particle_materials();
const std::vector<SupportSurface>& support_surfaces();

/// A row of the table by name; case, spaces, '-' and '_' do not matter, and "TiO2" faces mean anatase. An
/// unknown name throws usage_error that names the nearest one and lists all.
const ParticleMaterial& particle_material(std::string_view name);
const SupportSurface& support_surface(std::string_view name);

/// f of a spherical cap of this contact angle, for the diameter seen from above (the foot of the cap is
/// hidden beneath the sphere for angles above 90 degrees). 90: 0.5, 180: 1. Error outside (0, 180].
double shape_factor(double contact_angle_degrees);

/// Upward shift of dh with curvature, in eV, for a cap of any contact angle and curvature diameter d (Young's
/// angle; d = projected diameter / sin(angle) below 90 degrees). The average over the particle, 6 gamma
/// Omega/d, belongs into DeltaG(N); the marginal one, 4 gamma Omega/d, is the chemical potential and belongs
/// into c* and every statement on coexistence. surface_energy in J/m^2.
double gibbs_thomson_average_eV(double surface_energy_J_m2, double volume_per_metal_atom_nm3,
                                double diameter_nm);
double gibbs_thomson_marginal_eV(double surface_energy_J_m2, double volume_per_metal_atom_nm3,
                                 double diameter_nm);

/// Metal atoms per support site if all metal of a catalyst sat on its surface: an upper limit of c_tot.
/// mass_fraction: metal per mass of catalyst (0.007 for 0.7 wt%); surface area in m^2 per g of catalyst.
double loading_per_site(double mass_fraction, double metal_molar_mass_g_mol, double surface_area_m2_g,
                        double site_density_nm2);

}  // namespace sinterscope
