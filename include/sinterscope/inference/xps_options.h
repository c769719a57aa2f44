// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Lines, priors and background of the fit of Pd 3d spectra. The values are those of palladium on ceria; other
// doublets with two components are a matter of other numbers.

#include <string>

#include "sinterscope/core/options.h"

namespace sinterscope {

struct XpsOptions {
  double low_eV = 332.0;
  double high_eV = 348.0;
  double particle_line_eV = 336.8;
  double particle_line_sd_eV = 0.3;
  double separation_eV = 1.0;
  double separation_sd_eV = 0.05;
  double splitting_eV = 5.26;
  double splitting_sd_eV = 0.05;
  double area_ratio = 2.0 / 3.0;
  double area_ratio_log_sd = 0.02;
  double fwhm_eV = 1.3;
  double fwhm_log_sd = 0.5;
  double lorentz = 0.3;
  double lorentz_logit_sd = 1.0;
  double width_ratio_log_sd = 0.1;
  double spectrum_shift_sd_eV = 0.02;
  std::string profile = "voigt";
  std::string background = "active_shirley";
  double background_slope_sd = 0.5;
  double background_curvature_sd = 0.3;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.low_eV, {"low_ev", "eV", "lower end of the window of binding energy", 0.0, 1e5});
    visit(self.high_eV, {"high_ev", "eV", "upper end of the window of binding energy", 0.0, 1e5});
    visit(self.particle_line_eV,
          {"particle_line_ev", "eV", "3d5/2 of the particles (PdO: 336.8 eV)", 0.0, 1e5});
    visit(self.particle_line_sd_eV,
          {"particle_line_sd_ev", "eV", "prior s.d. of it: charging and energy scale, common to all spectra",
           1e-3, 10.0});
    visit(self.separation_eV,
          {"separation_ev", "eV",
           "how far the interfacial line lies above (Pd2+ on ceria at 337.8 eV: 1.0 eV)", 0.1, 20.0});
    visit(self.separation_sd_eV, {"separation_sd_ev", "eV", "prior s.d. of the separation", 1e-3, 1.0});
    visit(self.splitting_eV,
          {"splitting_ev", "eV",
           "3d3/2 above 3d5/2 (5.26 eV: Handbook of X-ray Photoelectron Spectroscopy, Perkin-Elmer, 1992)",
           0.5, 100.0});
    visit(self.splitting_sd_eV, {"splitting_sd_ev", "eV", "prior s.d. of the splitting", 1e-4, 1.0});
    visit(self.area_ratio,
          {"area_ratio", "1", "area of 3d3/2 over 3d5/2 (occupation of the levels: 4 / 6)", 0.05, 2.0});
    visit(self.area_ratio_log_sd,
          {"area_ratio_log_sd", "1", "prior s.d. of its logarithm: transmission of the analyser", 1e-4, 1.0});
    visit(self.fwhm_eV, {"fwhm_ev", "eV", "prior median of the full width at half maximum", 0.1, 10.0});
    visit(self.fwhm_log_sd, {"fwhm_log_sd", "1", "prior s.d. of its logarithm", 1e-3, 3.0});
    visit(self.lorentz, {"lorentz", "1", "prior median of the Lorentzian share of the lines", 0.01, 0.99});
    visit(self.lorentz_logit_sd, {"lorentz_logit_sd", "1", "prior s.d. of its logit", 1e-3, 5.0});
    visit(self.width_ratio_log_sd,
          {"width_ratio_log_sd", "1",
           "prior s.d. of ln(interfacial width / particle width): 10 % broader moves a fraction by 0.04 to "
           "0.08",
           1e-4, 1.0});
    visit(self.spectrum_shift_sd_eV,
          {"spectrum_shift_sd_ev", "eV", "s.d. of the energy scale from spectrum to spectrum", 1e-4, 1.0});
    visit(self.profile, {"profile", "", "shape of the lines", 0, 0, {"voigt", "pseudo_voigt"}});
    visit(self.background,
          {"background",
           "",
           "active_shirley: computed from the fitted lines; shirley: from the data, before the fit; linear",
           0,
           0,
           {"active_shirley", "shirley", "linear"}});
    visit(self.background_slope_sd,
          {"background_slope_sd", "1", "prior s.d. of its relative change from the middle to an end", 1e-4,
           10.0});
    visit(self.background_curvature_sd,
          {"background_curvature_sd", "1", "prior s.d. of its relative curvature", 1e-4, 10.0});
  }
};

}  // namespace sinterscope
