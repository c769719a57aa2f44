// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/predict.h"

#include <fmt/format.h>

#include "sinterscope/core/error.h"
#include "sinterscope/pipeline/predict_files.h"
#include "sinterscope/theory/entropy_model.h"
#include "sinterscope/theory/nanoparticle.h"

namespace sinterscope {
namespace {

void check_range(const char* option, double value, double low, double high, const char* unit) {
  if (!(value >= low && value <= high))
    throw usage_error(fmt::format("{} is {}: must lie between {} and {} {}", option, value, low, high, unit));
}

void check(const PredictRequest& request) {
  if (request.dh_eV.empty())
    throw usage_error("--dh-ev is missing: give an enthalpy in eV, e.g. --dh-ev -0.16");
  for (const double dh_eV : request.dh_eV) check_range("--dh-ev", dh_eV, -20.0, 0.0, "eV (negative = bound)");
  for (const double celsius : request.temperatures_c)
    check_range("--temperature-c", celsius, -273.0, 5000.0, "C");
  if (request.c_ad && !(*request.c_ad > 0.0 && *request.c_ad < 1.0))
    throw usage_error(
        fmt::format("--c-ad is {}: must lie between 0 and 1 (atoms per support site)", *request.c_ad));
  if (request.surface_energy_J_m2)
    check_range("--surface-energy-j-m2", *request.surface_energy_J_m2, 0.0, 10.0, "J/m^2");
  for (const double diameter_nm : request.diameters_nm)
    check_range("--diameter-nm", diameter_nm, 0.3, 1000.0, "nm");
  for (const std::filesystem::path& path : request.map) check_kind(path);
  for (const std::filesystem::path& path : request.delta_g) check_kind(path);
}

std::string row(const PredictRequest& request, double dh_eV, double celsius) {
  const double kelvin = kelvin_from_celsius(celsius);
  const double c_star = critical_concentration(dh_eV, kelvin);
  const long best = most_stable_dispersed_atoms(request.sites, dh_eV, kelvin);
  std::string height = "-", zeros = "-", verdict;
  if (best > 0)
    height = fmt::format("{:.4g}", delta_g_eV(static_cast<double>(best), request.sites, dh_eV, kelvin));
  if (const auto crossing = delta_g_zero_crossings(request.sites, dh_eV, kelvin))
    zeros = fmt::format("{:.4g} .. {:.4g}", crossing->first, crossing->second);
  if (request.c_ad) verdict = *request.c_ad < c_star ? "disperses" : "particles";
  return fmt::format("{:>8.6g} {:>11.4g} {:>8} {:>12} {:>20} {}\n", celsius, c_star, best, height, zeros,
                     verdict);
}

std::string redispersion_text(double dh_eV, double c_ad) {
  const auto kelvin = redispersion_temperature(dh_eV, c_ad);
  return kelvin ? fmt::format("c_ad = {} disperses completely above {:.1f} C ({:.2f} K)\n", c_ad,
                              celsius_from_kelvin(*kelvin), *kelvin)
                : fmt::format("c_ad = {} disperses completely at no temperature\n", c_ad);
}

std::string prediction(const PredictRequest& request, double dh_eV) {
  std::string text = fmt::format("dh = {} eV, M = {} sites\n{:>8} {:>11} {:>8} {:>12} {:>20}\n", dh_eV,
                                 request.sites, "T/C", "c*_ad", "N*", "DeltaG*/eV", "DeltaG = 0 at N");
  for (const double celsius : request.temperatures_c) text += row(request, dh_eV, celsius);
  if (request.c_ad) text += redispersion_text(dh_eV, *request.c_ad);
  return text;
}

/// dh of a large particle shifted by curvature, and what follows from it.
std::string small_particles(const PredictRequest& request, double dh_eV) {
  const ParticleMaterial& material = particle_material(request.particle);
  const double gamma = *request.surface_energy_J_m2;
  std::string text = fmt::format(
      "Gibbs-Thomson, {}, {} J/m^2, dh = {} eV for a large particle: marginal dh (enters c*), average dh "
      "(enters DeltaG)\n{:>8} {:>12} {:>12}",
      material.name, gamma, dh_eV, "d/nm", "marginal/eV", "average/eV");
  for (const double celsius : request.temperatures_c)
    text += fmt::format(" {:>11}", fmt::format("c* {:g} C", celsius));
  text += request.c_ad ? "  disperses above\n" : "\n";
  for (const double diameter_nm : request.diameters_nm) {
    const double marginal_eV =
        dh_eV + gibbs_thomson_marginal_eV(gamma, material.volume_per_metal_atom_nm3, diameter_nm);
    const double average_eV =
        dh_eV + gibbs_thomson_average_eV(gamma, material.volume_per_metal_atom_nm3, diameter_nm);
    text += fmt::format("{:>8.4g} {:>12.4f} {:>12.4f}", diameter_nm, marginal_eV, average_eV);
    for (const double celsius : request.temperatures_c)
      text +=
          marginal_eV < 0.0
              ? fmt::format(" {:>11.4g}", critical_concentration(marginal_eV, kelvin_from_celsius(celsius)))
              : fmt::format(" {:>11}", "unbound");
    if (request.c_ad) {
      const auto kelvin = redispersion_temperature(marginal_eV, *request.c_ad);
      text += kelvin ? fmt::format("  {:.1f} C", celsius_from_kelvin(*kelvin)) : std::string("  -");
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string predict(const PredictRequest& asked) {
  check(asked);
  PredictRequest request = asked;
  if (request.temperatures_c.empty()) request.temperatures_c = {25, 100, 200, 300, 400, 500, 600};
  if (request.diameters_nm.empty()) request.diameters_nm = {1.0, 1.5, 2.0, 3.0, 5.0, 10.0};
  std::string text;
  for (const double dh_eV : request.dh_eV) {
    text += prediction(request, dh_eV);
    if (request.surface_energy_J_m2) text += small_particles(request, dh_eV);
  }
  for (const std::filesystem::path& path : request.map) write_map(request, path);
  for (const std::filesystem::path& path : request.delta_g) write_delta_g(request, path);
  return text;
}

}  // namespace sinterscope
