// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A photoelectron spectrum out of a CSV table or a VAMAS file: always counts against binding energy, rising.
//
// CSV: columns `binding_energy_ev` or `kinetic_energy_ev`, and `counts` or `counts_per_s`. VAMAS: by its
// content, whatever its name; see io/vamas_file. A kinetic energy becomes a binding energy as photon energy -
// kinetic energy - work function, where the work function is 0 unless given: instruments write kinetic
// energies from the Fermi edge, in spite of the work function their files name. A rate becomes counts by the
// dwell time of a channel times the scans.

#include <filesystem>
#include <optional>
#include <string>

#include "sinterscope/experiment/spectrum.h"

namespace sinterscope {

/// What the file leaves open, or says wrongly; empty = as the file says.
struct SpectrumChoice {
  std::string block;  ///< VAMAS: name of the block, "Pd 3d" by species and transition, or its number from 1
  std::string variable;  ///< VAMAS: label of the corresponding variable that holds the counts
  std::optional<double> photon_energy_eV;
  double work_function_eV = 0.0;
  std::optional<double> dwell_s;  ///< of one channel, all scans together
};

/// The name is that of the file (with its block, where there are several). Throws Error that names file, line
/// or column, and what to do.
Spectrum read_spectrum(const std::filesystem::path& path, const SpectrumChoice& choice = {});

}  // namespace sinterscope
