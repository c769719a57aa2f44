// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// VAMAS files of surface analysis (.vms, .npl): ISO 14976; W. A. Dench, L. B. Hazell, M. P. Seah, Surf.
// Interface Anal. 13, 63 (1988), doi:10.1002/sia.740130202.
//
// A text of one value a line, in a fixed order whose length depends on what came before: a head, then blocks,
// each a spectrum with one or more corresponding variables (counts, transmission). Nothing marks where a
// field begins, so one line too few shifts all that follows; every field is therefore read as what it must
// be, and the first that is not names its line. Read are blocks with a regular abscissa. Not read, and said
// so: irregular scans and maps (their abscissa stands elsewhere), and files with a list of left-out block
// parameters.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sinterscope {

struct VamasVariable {
  std::string label, unit;
  std::vector<double> values;
};

struct VamasBlock {
  std::string name, sample, technique, source;
  std::string species, transition;         ///< "Pd", "3d"
  std::optional<double> source_energy_eV;  ///< of the photons
  std::optional<double> work_function_eV;  ///< of the analyser
  std::string abscissa, abscissa_unit;     ///< "kinetic energy", "binding energy"
  double start = 0.0, step = 1.0;
  std::string signal_mode;                  ///< "pulse counting" or "analogue"
  std::optional<double> collection_time_s;  ///< per channel and scan
  int scans = 1;
  std::vector<VamasVariable> variables;  ///< one at least, all of one length
};

struct VamasFile {
  std::string comment;
  std::vector<VamasBlock> blocks;
};

/// Throws Error with file, line, field and value.
VamasFile read_vamas(const std::filesystem::path& path);

}  // namespace sinterscope
