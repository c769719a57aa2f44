// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/theory/entropy_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

double log_choose(double n, double k) {
  return std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0);
}

/// -c ln c - (1-c) ln(1-c): entropy per site of a random occupation, in kB.
double mixing_entropy(double c) {
  return (c > 0.0 ? -c * std::log(c) : 0.0) - (c < 1.0 ? (1.0 - c) * std::log1p(-c) : 0.0);
}

/// Root of a function that is negative at `low` and positive at `high` or the other way round.
template <typename Function>
double bisect(Function function, double low, double high) {
  const bool rises = function(high) > 0.0;
  for (int step = 0; step < 200 && low < high; ++step) {
    const double middle = 0.5 * (low + high);
    if (middle == low || middle == high) break;
    ((function(middle) > 0.0) == rises ? high : low) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

double enthalpy_for_critical_concentration(double c, double temperature_K, double sigma) {
  if (!(c > 0.0 && c < 1.0))
    throw Error(fmt::format("critical concentration {}: must lie between 0 and 1", c));
  return boltzmann_eV_per_K * temperature_K * (sigma - std::log1p(-c) + std::log(c));
}

std::optional<double> redispersion_temperature(double dh_eV, double c_tot, double sigma) {
  if (!(dh_eV < 0.0 && c_tot > 0.0 && c_tot < 1.0)) return std::nullopt;
  const double entropy = std::log1p(-c_tot) - std::log(c_tot) - sigma;
  if (!(entropy > 0.0)) return std::nullopt;
  return -dh_eV / (boltzmann_eV_per_K * entropy);
}

double delta_g_eV(double atoms, double sites, double dh_eV, double temperature_K, double sigma) {
  const double kT = boltzmann_eV_per_K * temperature_K;
  return atoms * dh_eV - kT * (std::log(sites) + sigma * atoms) + kT * log_choose(sites, atoms);
}

double delta_g_stirling_eV(double atoms, double sites, double dh_eV, double temperature_K, double sigma) {
  const double kT = boltzmann_eV_per_K * temperature_K;
  return atoms * dh_eV - kT * (std::log(sites) + sigma * atoms) + kT * sites * mixing_entropy(atoms / sites);
}

long most_stable_dispersed_atoms(long sites, double dh_eV, double temperature_K, double sigma) {
  const double mode =
      (static_cast<double>(sites) + 1.0) * critical_concentration(dh_eV, temperature_K, sigma);
  return std::min(sites, static_cast<long>(std::floor(mode)));
}

std::optional<std::pair<double, double>> delta_g_zero_crossings(double sites, double dh_eV,
                                                                double temperature_K, double sigma) {
  const auto free_energy = [&](double atoms) {
    return delta_g_eV(atoms, sites, dh_eV, temperature_K, sigma);
  };
  // DeltaG is concave in N: between the integers next to the binomial's mode lies the maximum.
  const double mode = std::floor((sites + 1.0) * critical_concentration(dh_eV, temperature_K, sigma));
  double low = std::clamp(mode - 1.0, 1.0, sites);
  double high = std::clamp(mode + 1.0, 1.0, sites);
  for (int step = 0; step < 100; ++step) {
    const double left = low + (high - low) / 3.0;
    const double right = high - (high - low) / 3.0;
    (free_energy(left) < free_energy(right) ? low : high) =
        free_energy(left) < free_energy(right) ? left : right;
  }
  const double top = 0.5 * (low + high);
  if (!(free_energy(top) > 0.0)) return std::nullopt;
  const double first = free_energy(1.0) < 0.0 ? bisect(free_energy, 1.0, top) : 1.0;
  const double last = free_energy(sites) < 0.0 ? bisect(free_energy, top, sites) : sites;
  return std::pair{first, last};
}

double zero_crossing_concentration(double dh_eV, double temperature_K, double sigma) {
  const double needed = sigma - dh_eV / (boltzmann_eV_per_K * temperature_K);
  if (!(needed > 0.0)) return 1.0;  // unbound atoms: dispersed at every concentration
  // Mixing entropy per atom falls from +infinity to 0 as c goes from 0 to 1; written in ln c against
  // underflow.
  const auto surplus = [&](double log_c) {
    const double c = std::exp(log_c);
    const double holes = c < 1.0 ? (c > 1e-8 ? -(1.0 - c) * std::log1p(-c) / c : 1.0 - 0.5 * c) : 0.0;
    return -log_c + holes - needed;
  };
  return std::exp(bisect(surplus, -needed - 2.0, 0.0));
}

LargestLoss largest_loss(double cold_K, double hot_K, double sigma) {
  if (!(cold_K > 0.0 && hot_K > cold_K))
    throw Error(
        fmt::format("largest loss between {} K and {} K: the second must be the hotter one", cold_K, hot_K));
  const auto slope = [&](double dh_eV) {
    const double hot = critical_concentration(dh_eV, hot_K, sigma);
    const double cold = critical_concentration(dh_eV, cold_K, sigma);
    return hot * (1.0 - hot) / hot_K - cold * (1.0 - cold) / cold_K;
  };
  // The loss rises from 0 at dh = -infinity to its one maximum and falls to 0 at dh = 0; at -20 kT it still
  // rises.
  const double dh_eV =
      bisect(slope, -20.0 * boltzmann_eV_per_K * hot_K * std::max(1.0, cold_K / (hot_K - cold_K)), 0.0);
  return {dh_eV, critical_concentration(dh_eV, hot_K, sigma) - critical_concentration(dh_eV, cold_K, sigma)};
}

}  // namespace sinterscope
