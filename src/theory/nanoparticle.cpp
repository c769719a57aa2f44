// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/theory/nanoparticle.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

constexpr double palladium_g_mol = 106.42;  // standard atomic weights, IUPAC 2021, doi:10.1515/pac-2019-0603
constexpr double silver_g_mol = 107.8682;
constexpr double copper_g_mol = 63.546;
constexpr double platinum_g_mol = 195.084;
constexpr double gold_g_mol = 196.96657;

const char* const wyckoff = "R. W. G. Wyckoff, Crystal Structures, 2nd ed., vol. 1, 1963";

double fcc_atom_volume(double a_nm) { return a_nm * a_nm * a_nm / 4.0; }

ParticleMaterial fcc_metal(const std::string& name, double a_nm, double molar_mass) {
  return {name, name, fcc_atom_volume(a_nm), molar_mass,
          fmt::format("fcc, a = {} nm, 4 atoms per cell; {}", a_nm, wyckoff)};
}

std::vector<ParticleMaterial> make_particle_materials() {
  std::vector<ParticleMaterial> rows;
  rows.push_back(fcc_metal("Pd", 0.38907, palladium_g_mol));
  rows.push_back({"PdO", "Pd", 0.3043 * 0.3043 * 0.5337 / 2.0, palladium_g_mol,
                  fmt::format("P4_2/mmc, a = 0.3043 nm, c = 0.5337 nm, 2 Pd per cell; {}", wyckoff)});
  rows.push_back(fcc_metal("Ag", 0.40862, silver_g_mol));
  rows.push_back({"Ag2O", "Ag", 0.4720 * 0.4720 * 0.4720 / 4.0, silver_g_mol,
                  fmt::format("Pn-3m, a = 0.4720 nm, 4 Ag per cell; {}", wyckoff)});
  rows.push_back(fcc_metal("Cu", 0.36149, copper_g_mol));
  rows.push_back({"Cu2O", "Cu", 0.42696 * 0.42696 * 0.42696 / 4.0, copper_g_mol,
                  fmt::format("Pn-3m, a = 0.42696 nm, 4 Cu per cell; {}", wyckoff)});
  rows.push_back(
      {"CuO", "Cu", 0.46837 * 0.34226 * 0.51288 * std::sin(99.54 * pi / 180.0) / 4.0, copper_g_mol,
       "C2/c, a = 0.46837, b = 0.34226, c = 0.51288 nm, beta = 99.54 deg, 4 Cu per cell; S. Asbrink, "
       "L.-J. Norrby, Acta Cryst. B 26, 8, 1970, doi:10.1107/S0567740870001838"});
  rows.push_back(fcc_metal("Pt", 0.39239, platinum_g_mol));
  rows.push_back(fcc_metal("Au", 0.40783, gold_g_mol));
  return rows;
}

std::vector<SupportSurface> make_support_surfaces() {
  const double ceria = 0.5411;
  const double anatase_a = 0.3785;
  const double anatase_c = 0.9514;
  const std::string fluorite = fmt::format("fluorite, a = {} nm; {}", ceria, wyckoff);
  const std::string anatase = fmt::format("anatase, a = {} nm, c = {} nm; {}", anatase_a, anatase_c, wyckoff);
  return {{"CeO2(100)", 2.0 / (ceria * ceria), "2 Ce per a^2; " + fluorite},
          {"CeO2(111)", 4.0 / (std::sqrt(3.0) * ceria * ceria), "4 Ce per sqrt(3) a^2; " + fluorite},
          {"TiO2-anatase(001)", 1.0 / (anatase_a * anatase_a), "1 Ti per a^2; " + anatase},
          {"TiO2-anatase(101)", 2.0 / (anatase_a * std::hypot(anatase_a, anatase_c)),
           "2 five-fold Ti per a sqrt(a^2 + c^2); " + anatase}};
}

/// Lower case without spaces, '-' and '_'.
std::string plain(std::string_view name) {
  std::string text;
  for (const char letter : name)
    if (letter != ' ' && letter != '-' && letter != '_')
      text += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

/// Face names without the polymorph mean anatase; "ceria" and "anatase" stand for their formulas.
std::string plain_surface(std::string_view name) {
  std::string text = plain(name);
  const auto replace_start = [&text](std::string_view start, std::string_view by) {
    if (text.rfind(start, 0) == 0) text = std::string(by) + text.substr(start.size());
  };
  replace_start("ceria", "ceo2");
  replace_start("anatase", "tio2anatase");
  replace_start("tio2(", "tio2anatase(");
  return text;
}

template <typename Row, typename Plain>
const Row& row_named(const std::vector<Row>& rows, std::string_view name, std::string_view what,
                     Plain plain_name) {
  const std::string wanted = plain_name(name);
  std::vector<std::string> known;
  for (const Row& row : rows) {
    if (plain_name(row.name) == wanted) return row;
    known.push_back(row.name);
  }
  throw usage_error(
      fmt::format("unknown {} '{}', did you mean '{}'? Known: {}; or give its numbers as an object", what,
                  name, nearest_name(name, known), fmt::join(known, ", ")));
}

void check_positive(double value, std::string_view what) {
  if (!(value > 0.0 && std::isfinite(value)))
    throw Error(fmt::format("{} is {}: must be positive", what, value));
}

}  // namespace

const std::vector<ParticleMaterial>& particle_materials() {
  static const std::vector<ParticleMaterial> rows = make_particle_materials();
  return rows;
}

const std::vector<SupportSurface>& support_surfaces() {
  static const std::vector<SupportSurface> rows = make_support_surfaces();
  return rows;
}

const ParticleMaterial& particle_material(std::string_view name) {
  return row_named(particle_materials(), name, "particle material", plain);
}

const SupportSurface& support_surface(std::string_view name) {
  return row_named(support_surfaces(), name, "support surface", plain_surface);
}

double shape_factor(double contact_angle_degrees) {
  if (!(contact_angle_degrees > 0.0 && contact_angle_degrees <= 180.0))
    throw Error(
        fmt::format("contact angle {} degrees: must lie above 0 and at most at 180", contact_angle_degrees));
  const double angle = contact_angle_degrees * pi / 180.0;
  const double cosine = std::cos(angle);
  const double cap =
      (2.0 - 3.0 * cosine + cosine * cosine * cosine) / 4.0;  // volume over that of the full sphere
  if (contact_angle_degrees >= 90.0) return cap;
  const double sine = std::sin(angle);  // the foot, not the equator, is the widest part
  return cap / (sine * sine * sine);
}

double gibbs_thomson_average_eV(double surface_energy_J_m2, double volume_per_metal_atom_nm3,
                                double diameter_nm) {
  check_positive(diameter_nm, "particle diameter (nm)");
  return 6.0 * surface_energy_J_m2 * eV_per_nm2_from_J_per_m2 * volume_per_metal_atom_nm3 / diameter_nm;
}

double gibbs_thomson_marginal_eV(double surface_energy_J_m2, double volume_per_metal_atom_nm3,
                                 double diameter_nm) {
  return gibbs_thomson_average_eV(surface_energy_J_m2, volume_per_metal_atom_nm3, diameter_nm) * 2.0 / 3.0;
}

double loading_per_site(double mass_fraction, double metal_molar_mass_g_mol, double surface_area_m2_g,
                        double site_density_nm2) {
  check_positive(metal_molar_mass_g_mol, "molar mass (g/mol)");
  check_positive(surface_area_m2_g, "surface area (m2/g)");
  check_positive(site_density_nm2, "site density (1/nm2)");
  constexpr double nm2_per_m2 = 1e18;
  return mass_fraction * avogadro_per_mol / metal_molar_mass_g_mol /
         (surface_area_m2_g * nm2_per_m2 * site_density_nm2);
}

}  // namespace sinterscope
