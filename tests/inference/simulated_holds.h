// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Simulated inventories: particles drawn from the stated model, found and measured with its errors.

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/core/units.h"
#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/theory/entropy_model.h"

namespace sinterscope::simulated {

inline Sample pdo_on_ceria() {
  Sample sample;
  sample.particle_name = "PdO";
  sample.volume_per_metal_atom_nm3 = 0.0247099;
  sample.support_name = "CeO2(100)";
  sample.site_density_nm2 = 6.8309;
  sample.shape_factor = 0.5;
  return sample;
}

inline HoldInventory empty_hold(double area_nm2) {
  HoldInventory hold;
  hold.frames = 1;
  hold.support_area_nm2 = area_nm2;
  hold.limit.d50_nm = 1.0;
  hold.limit.width_nm = 0.12;
  hold.limit.false_density_nm2 = 5e-6;
  hold.limit.false_diameter_nm = 1.1;
  hold.limit.false_diameter_log_sd = 0.15;
  return hold;
}

/// A hold whose particles contain c atoms per site: Poisson number, lognormal sizes (median e^mu), 0.1 nm
/// sizing error.
inline HoldInventory hold_with(const Sample& sample, double c, double area_nm2, double mu, double spread,
                               Rng& rng, double sizing_se_nm = 0.1) {
  HoldInventory hold = empty_hold(area_nm2);
  const double mean_atoms = sample.atoms_per_nm3() * std::exp(3.0 * mu + 4.5 * spread * spread);
  const auto measure = [&](double d) {
    const double seen = d * std::exp(sizing_se_nm / d * rng.normal());
    hold.particles.push_back({seen, sizing_se_nm});
  };
  const auto count = rng.poisson(c * area_nm2 * sample.site_density_nm2 / mean_atoms);
  for (std::uint64_t i = 0; i < count; ++i) {
    const double d = std::exp(mu + spread * rng.normal());
    if (rng.uniform() < 1.0 / (1.0 + std::exp(-(d - hold.limit.d50_nm) / hold.limit.width_nm))) measure(d);
  }
  const auto spurious = rng.poisson(hold.limit.false_density_nm2 * area_nm2);
  for (std::uint64_t i = 0; i < spurious; ++i)
    hold.particles.push_back(
        {hold.limit.false_diameter_nm * std::exp(hold.limit.false_diameter_log_sd * rng.normal()),
         sizing_se_nm});
  return hold;
}

/// The same for a closed region: the atoms are exactly c per site, whatever the number of particles. The last
/// particle takes what is left, if it is a particle at all.
inline HoldInventory closed_hold_with(const Sample& sample, double c, double area_nm2, double mu,
                                      double spread, Rng& rng, double sizing_se_nm = 0.1) {
  constexpr double smallest_nm = 0.5;
  HoldInventory hold = empty_hold(area_nm2);
  double left = c * area_nm2 * sample.site_density_nm2;
  while (left > sample.atoms(smallest_nm)) {
    const double d = std::min(std::exp(mu + spread * rng.normal()), std::cbrt(left / sample.atoms_per_nm3()));
    left -= sample.atoms(d);
    if (rng.uniform() < 1.0 / (1.0 + std::exp(-(d - hold.limit.d50_nm) / hold.limit.width_nm)))
      hold.particles.push_back({d * std::exp(sizing_se_nm / d * rng.normal()), sizing_se_nm});
  }
  return hold;
}

/// A programme of holds under the entropy model on facets of 900 nm^2 with unequal totals.
struct Programme {
  std::vector<double> celsius;
  double dh_eV = -0.16;
  double c_tot = 0.02;
  double facet_spread = 0.3;
  double area_nm2 = 4e4;
  double kappa = 0.0;  ///< ln of the common calibration
  double facet_sites = 6000.0;
  bool new_facets_each_hold = false;
  bool closed = false;  ///< the same region throughout: its atoms are conserved
  std::string region = "1";
};

inline std::vector<double> draw_facets(const Programme& programme, Rng& rng) {
  const auto count = std::max<std::size_t>(1, static_cast<std::size_t>(programme.area_nm2 / 900.0));
  std::vector<double> totals;
  for (std::size_t i = 0; i < count; ++i)
    totals.push_back(programme.c_tot * std::exp(programme.facet_spread * rng.normal() -
                                                0.5 * programme.facet_spread * programme.facet_spread));
  return totals;
}

/// Mean over facets of max(0, c - X), X normal about c* with the binomial variance of a facet: another
/// smoothing of the kink than the fitted one.
inline double inventory(const std::vector<double>& facets, double dh_eV, double temperature_K,
                        double facet_sites) {
  const double c_star = critical_concentration(dh_eV, temperature_K);
  const double sd = std::sqrt(c_star * (1.0 - c_star) / facet_sites);
  double sum = 0.0;
  for (const double total : facets) {
    const double z = (total - c_star) / sd;
    sum += sd * (z * 0.5 * std::erfc(-z / std::sqrt(2.0)) + std::exp(-0.5 * z * z) / std::sqrt(2.0 * pi));
  }
  return sum / static_cast<double>(facets.size());
}

inline std::vector<HoldInventory> run(const Programme& programme, const Sample& sample, Rng& rng) {
  std::vector<double> facets = draw_facets(programme, rng);
  std::vector<HoldInventory> holds;
  for (std::size_t i = 0; i < programme.celsius.size(); ++i) {
    if (programme.new_facets_each_hold) facets = draw_facets(programme, rng);
    const double temperature = kelvin_from_celsius(programme.celsius[i]);
    const double c = inventory(facets, programme.dh_eV, temperature, programme.facet_sites);
    const double mu = std::log(2.05) + 0.05 * rng.normal();
    const auto simulate_hold = programme.closed ? closed_hold_with : hold_with;
    holds.push_back(
        simulate_hold(sample, c * std::exp(programme.kappa), programme.area_nm2, mu, 0.18, rng, 0.1));
    holds.back().hold = static_cast<int>(i);
    holds.back().region = programme.region;
    holds.back().temperature_K = temperature;
    holds.back().start_s = 600.0 * static_cast<double>(i);
    holds.back().end_s = holds.back().start_s + 600.0;
  }
  return holds;
}

inline const std::vector<double> up_and_down = {200, 300, 350, 400, 450, 500, 400, 300, 200};
inline const std::vector<double> paper_programme = {500, 200, 500};

}  // namespace sinterscope::simulated
