// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/rates.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

constexpr int finest_shift = 55;  // beyond, rounding falls below that of the exponential itself

void check_energies(const LatticeEnergies& energies, double temperature_K) {
  if (!(temperature_K > 0.0) || !std::isfinite(temperature_K))
    throw usage_error(fmt::format("lattice temperature is {} K: must be above 0", temperature_K));
  const auto check = [](double value, const char* name, const char* unit) {
    if (!(value >= 0.0) || !std::isfinite(value))
      throw usage_error(fmt::format("{} is {} {}: must be 0 or more", name, value, unit));
  };
  check(energies.pair_eV, "pair energy", "eV");
  check(energies.stack_eV, "stack energy", "eV");
  check(energies.climb_barrier_eV, "climb barrier", "eV");
  check(energies.diffusion_barrier_eV, "diffusion barrier", "eV");
  if (!(energies.attempt_frequency_Hz > 0.0))
    throw usage_error(
        fmt::format("attempt frequency is {} Hz: must be above 0", energies.attempt_frequency_Hz));
}

}  // namespace

RateTable make_rates(const LatticeEnergies& energies, double temperature_K, std::int64_t atoms, bool flat) {
  check_energies(energies, temperature_K);
  const double thermal_eV = boltzmann_eV_per_K * temperature_K;
  RateTable rates;
  rates.flat = flat;
  rates.temperature_K = temperature_K;
  // atoms * 4 directions * 2^shift must stay below 2^62.
  const int atom_bits = std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(atoms, 1)));
  rates.shift = std::min(finest_shift, 60 - atom_bits);
  const double fastest = std::ldexp(1.0, rates.shift);
  for (int n = 0; n <= 4; ++n) {
    for (const bool stacked : {false, true}) {
      if (flat && (stacked || n == 4)) continue;  // no second level, no free direction
      const double exact =
          std::exp(-(n * energies.pair_eV + (stacked ? energies.stack_eV : 0.0)) / thermal_eV) * fastest;
      const double rounded = std::nearbyint(exact);
      const auto directions = static_cast<std::uint64_t>(flat ? 4 - n : 4);
      rates.weight[class_of(n, stacked)] = directions * static_cast<std::uint64_t>(rounded);
      rates.rounding_error =
          std::max(rates.rounding_error, rounded > 0.0 ? std::abs(rounded / exact - 1.0) : 1.0);
    }
  }
  if (energies.climb_barrier_eV > 0.0) {
    rates.climb_barrier = true;
    rates.climb_threshold = static_cast<std::uint64_t>(std::exp(-energies.climb_barrier_eV / thermal_eV) *
                                                       0x1.0p64 * (1.0 - 0x1.0p-53));
  }
  rates.rate_unit =
      energies.attempt_frequency_Hz * std::exp(-energies.diffusion_barrier_eV / thermal_eV) / fastest;
  if (!(rates.rate_unit > 0.0))
    throw usage_error(
        fmt::format("diffusion barrier {} eV at {} K gives no hop rate: must be lower or hotter",
                    energies.diffusion_barrier_eV, temperature_K));
  return rates;
}

}  // namespace sinterscope
