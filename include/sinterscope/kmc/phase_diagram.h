// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Particles or ad-atoms, over temperature and enthalpy: the lattice's own phase diagram.
//
// Every point of a (T, dh) grid is a run of its own (or several, with other random numbers); the fraction in
// particles is the largest cluster's share of all atoms, and the transition lies where it passes one half.
// This is a transition of a finite system, rounded over some 50 K for 50 atoms. It is not the line c =
// c*_ad(T): that one is an equality of chemical potentials with an infinite source, and lies far above (dh =
// -0.16 eV, 50 atoms on 1600 sites: 763 K, the lattice 420 K). What breaks it: a particle at a cold point
// needs about 1e6 events to form and 1e7 to be averaged over.

#include <optional>
#include <vector>

#include "sinterscope/kmc/kmc_run.h"

namespace sinterscope {

struct PhaseOptions {
  double from_K = 300.0;
  double to_K = 800.0;
  int temperatures = 11;
  double from_dh_eV = -0.65;
  double to_dh_eV = -0.16;
  int enthalpies = 8;
  double events = 1e7;
  int runs = 1;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.from_K, {"from_k", "K", "lowest temperature", 1.0, 1e5});
    visit(self.to_K, {"to_k", "K", "highest temperature", 1.0, 1e5});
    visit(self.temperatures, {"temperatures", "1", "number of temperatures, equally spaced", 2, 1000});
    visit(self.from_dh_eV, {"from_dh_ev", "eV", "first sintering enthalpy per atom", -10.0, -1e-6});
    visit(self.to_dh_eV, {"to_dh_ev", "eV", "last sintering enthalpy per atom", -10.0, -1e-6});
    visit(self.enthalpies,
          {"enthalpies", "1", "number of enthalpies, equally spaced; 1 takes the first", 1, 1000});
    visit(self.events, {"events", "1", "executed hops of each run", 1e3, 1e12});
    visit(self.runs, {"runs", "1", "runs per point, averaged", 1, 1000});
  }
};

struct PhasePoint {
  double temperature_K = 0.0;
  double dh_eV = 0.0;
  double pair_energy_eV = 0.0;
  SeriesMean particle_fraction;  ///< largest cluster / all atoms
  SeriesMean monomer_fraction;   ///< free ad-atoms / all atoms
  double c_ad = 0.0;             ///< free ad-atoms per site
  bool settled = true;           ///< all runs
};

struct PhaseTransition {
  double dh_eV = 0.0;
  /// Where the particle fraction falls through one half; empty where it does not within the temperatures.
  std::optional<double> temperature_K;
  std::optional<double> standard_error_K;  ///< of the two points around, carried through the interpolation
};

struct PhaseDiagram {
  std::vector<PhasePoint> points;  ///< enthalpy by enthalpy, temperatures rising
  std::vector<PhaseTransition> transitions;
};

/// Throws usage_error for options out of range, temperatures in the wrong order, or a lattice that cannot
/// run.
void validate(const KmcOptions& lattice, const PhaseOptions& options);

/// Runs the grid in up to `threads` threads (0 = all cores); `lattice` gives all but enthalpy and
/// temperature. The result does not depend on the threads. Throws usage_error for options out of range.
PhaseDiagram map_phases(const KmcOptions& lattice, const PhaseOptions& options, const Rng& rng, int threads,
                        Progress& progress, const CheckpointStore* store = nullptr);

}  // namespace sinterscope
