// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/binodal.h"

#include <cmath>

#include "sinterscope/core/units.h"

namespace sinterscope {

std::optional<double> lattice_gas_binodal(double pair_energy_eV, double temperature_K) {
  const double s = std::sinh(pair_energy_eV / (boltzmann_eV_per_K * temperature_K) / 2.0);
  const double missing = std::pow(s, -4.0);
  if (!(s >= 1.0)) return std::nullopt;
  // expm1 and log1p: at low temperature the difference to 1 is far below rounding.
  return -0.5 * std::expm1(std::log1p(-missing) / 8.0);
}

}  // namespace sinterscope
