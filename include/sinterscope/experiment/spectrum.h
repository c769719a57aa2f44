// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A photoelectron spectrum of one temperature: counts against binding energy.
//
// Counts are events, not a rate: their noise is Poisson, and that is what every fit of them rests on. A file
// that gives a rate is turned into counts by its dwell time when it is read.

#include <optional>
#include <string>
#include <vector>

namespace sinterscope {

struct Spectrum {
  std::string name;
  std::optional<double> temperature_K;    ///< at which it was measured
  std::vector<double> binding_energy_eV;  ///< rising
  std::vector<double> counts;             ///< one per energy
};

}  // namespace sinterscope
