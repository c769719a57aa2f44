// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The curves and maps of the entropy model as data for a figure: c* over temperature and dh with its
// contours, and DeltaG over the ad-atom concentration. Formulas and assumptions: theory/entropy_model.

#include <vector>

#include "sinterscope/theory/entropy_model.h"

namespace sinterscope {

struct PhaseMapOptions {
  double temperature_min_K = 273.15;
  double temperature_max_K = 1073.15;
  int temperature_steps = 161;
  double dh_min_eV = -0.8;
  double dh_max_eV = 0.0;
  int dh_steps = 161;
  double sigma = entropy_per_atom_kB;
  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.temperature_min_K,
          {"temperature_min_k", "K", "lower end of the temperature axis", 1.0, 5000.0});
    visit(self.temperature_max_K,
          {"temperature_max_k", "K", "upper end of the temperature axis", 1.0, 5000.0});
    visit(self.temperature_steps, {"temperature_steps", "1", "nodes of the temperature axis", 2, 10000});
    visit(self.dh_min_eV, {"dh_min_ev", "eV", "lower end of the dh axis", -10.0, 0.0});
    visit(self.dh_max_eV, {"dh_max_ev", "eV", "upper end of the dh axis", -10.0, 0.0});
    visit(self.dh_steps, {"dh_steps", "1", "nodes of the dh axis", 2, 10000});
    visit(self.sigma, {"sigma", "kB", "configurational entropy per atom of the particle", 0.0, 10.0});
  }
};

/// log10 c* on a grid; value(i, j) stands at dh_eV[i], temperature_K[j].
struct PhaseMap {
  std::vector<double> temperature_K;
  std::vector<double> dh_eV;
  std::vector<double> log10_c_star;  ///< row-major, one row per dh
  double value(std::size_t i, std::size_t j) const { return log10_c_star[i * temperature_K.size() + j]; }
};

/// Throws usage_error for an option out of range or an axis whose ends are in the wrong order.
PhaseMap critical_concentration_map(const PhaseMapOptions& options = {});

/// The line c*(dh, T) = level through a map: one dh per temperature (a straight line, as dh/kT is fixed by
/// c*).
struct Contour {
  double level = 0.0;
  std::vector<double> temperature_K;
  std::vector<double> dh_eV;
};

/// Contours of a map, cut at its edges; a level the map does not reach has no points.
std::vector<Contour> contours(const PhaseMap& map, const std::vector<double>& levels,
                              double sigma = entropy_per_atom_kB);

/// DeltaG over the concentration N/M, exact and with Stirling's leading term.
struct FreeEnergyCurve {
  std::vector<double> atoms;
  std::vector<double> concentration;
  std::vector<double> delta_g_eV;
  std::vector<double> delta_g_stirling_eV;
};

/// At whole N from 1 to max_concentration * sites, thinned to at most `points`.
FreeEnergyCurve free_energy_curve(long sites, double dh_eV, double temperature_K,
                                  double max_concentration = 0.2, int points = 400,
                                  double sigma = entropy_per_atom_kB);

}  // namespace sinterscope
