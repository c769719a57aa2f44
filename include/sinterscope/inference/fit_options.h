// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The priors and grids of the inference, shared by the entropy fit and the comparison of models.

#include <optional>

#include "sinterscope/core/options.h"
#include "sinterscope/theory/entropy_model.h"

namespace sinterscope {

struct FitOptions {
  double dh_min_eV = -0.8;
  int dh_steps = 161;
  double c_ad_min = 1e-4;
  double c_ad_max = 0.5;
  double calibration_log_sd = 0.3;
  double facet_sites = 6000.0;
  double facet_spread = 0.3;
  double facet_spread_log_sd = 0.7;
  double entropy_per_atom = entropy_per_atom_kB;
  double loading_log_sd = 0.3;
  double size_prior_nm = 1.9;
  double size_prior_log_sd = 0.35;
  double size_spread = 0.2;
  double size_spread_log_sd = 0.35;
  bool closed_regions = false;
  double temperature_error_K = 20.0;
  std::optional<double> surface_energy_J_m2;
  double xps_mean_free_path_nm = 1.5;
  double xps_logit_sd = 0.3;
  bool xps_own_total = false;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.dh_min_eV,
          {"dh_min_ev", "eV", "lower end of the search box of dh (its upper end is 0)", -3.0, -0.05});
    visit(self.dh_steps, {"dh_steps", "1", "nodes of the dh grid", 21, 2001});
    visit(self.c_ad_min, {"c_ad_min", "1", "lower end of the search box of c_ad, atoms per site", 1e-6, 0.1});
    visit(self.c_ad_max,
          {"c_ad_max", "1", "upper end of the search box of c_ad, atoms per site", 1e-3, 0.59});
    visit(self.calibration_log_sd,
          {"calibration_log_sd", "1",
           "prior s.d. of the common factor on all inventories, as a logarithm: shape, phase, site density, "
           "scale (0.1 "
           "where phase and contact angle are known from side views, 0.6 where neither is)",
           0.0, 3.0});
    visit(self.facet_sites,
          {"facet_sites", "1", "support sites of one facet (30 x 30 nm of CeO2(100): 6000)", 10.0, 1e12});
    visit(self.facet_spread,
          {"facet_spread", "1", "prior median of the s.d. of ln(metal per site) from facet to facet", 1e-3,
           3.0});
    visit(self.facet_spread_log_sd, {"facet_spread_log_sd", "1", "prior s.d. of its logarithm", 0.0, 3.0});
    visit(self.entropy_per_atom,
          {"entropy_per_atom", "kB",
           "configurational entropy per atom of a particle (liquid-like 1, crystal 0)", 0.0, 5.0});
    visit(self.loading_log_sd,
          {"loading_log_sd", "1",
           "s.d. of ln c_ad about the loading, where the sample's loading per site is known", 0.01, 3.0});
    visit(self.size_prior_nm,
          {"size_prior_nm", "nm", "prior median diameter where no hold shows five particles", 0.1, 1000.0});
    visit(self.size_prior_log_sd,
          {"size_prior_log_sd", "1", "prior s.d. of a hold's ln(median diameter) about the mean of all holds",
           0.01, 2.0});
    visit(self.size_spread,
          {"size_spread", "1", "prior median of the s.d. of ln(diameter) within a hold", 0.05, 0.7});
    visit(self.size_spread_log_sd, {"size_spread_log_sd", "1", "prior s.d. of its logarithm", 0.01, 2.0});
    visit(self.closed_regions, {"closed_regions", "",
                                "the same complete facets are watched in all holds: atoms are "
                                "conserved, counts are no random sample"});
    visit(self.temperature_error_K, {"temperature_error_k", "K",
                                     "error of the sample temperature, for the table of sensitivities (a few "
                                     "percent of 500 C for heating "
                                     "chips)",
                                     0.0, 500.0});
    visit(self.surface_energy_J_m2,
          {"surface_energy_j_m2", "J/m2",
           "surface energy of the particles: adds dh of the bulk to the sensitivities", 0.0, 10.0});
    visit(self.xps_mean_free_path_nm,
          {"xps_mean_free_path_nm", "nm",
           "inelastic mean free path of the photoelectrons along the normal (1 to 2 nm, by photon energy)",
           0.1, 20.0});
    visit(self.xps_logit_sd,
          {"xps_logit_sd", "1",
           "s.d. of what all interfacial fractions of the spectra have in common, as a logit: escape depth, "
           "contact share, line shapes",
           1e-3, 5.0});
    visit(self.xps_own_total,
          {"xps_own_total", "",
           "the powder of the spectra has its own total of metal per site (always so with "
           "several regions); else that of the region"});
  }
};

}  // namespace sinterscope
