// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/theory/phase_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/options.h"

namespace sinterscope {
namespace {

std::vector<double> even_steps(double low, double high, int steps) {
  std::vector<double> values(static_cast<std::size_t>(steps));
  for (int i = 0; i < steps; ++i)
    values[static_cast<std::size_t>(i)] = i == steps - 1 ? high : low + (high - low) * i / (steps - 1);
  return values;
}

}  // namespace

PhaseMap critical_concentration_map(const PhaseMapOptions& options) {
  validate(options);
  if (!(options.temperature_min_K < options.temperature_max_K && options.dh_min_eV < options.dh_max_eV))
    throw usage_error(fmt::format(
        "phase map from {} to {} K and {} to {} eV: the first end of each must be the lower",
        options.temperature_min_K, options.temperature_max_K, options.dh_min_eV, options.dh_max_eV));
  PhaseMap map;
  map.temperature_K =
      even_steps(options.temperature_min_K, options.temperature_max_K, options.temperature_steps);
  map.dh_eV = even_steps(options.dh_min_eV, options.dh_max_eV, options.dh_steps);
  map.log10_c_star.reserve(map.dh_eV.size() * map.temperature_K.size());
  for (const double dh : map.dh_eV)
    for (const double temperature : map.temperature_K)
      map.log10_c_star.push_back(log_critical_concentration(dh, temperature, options.sigma) / std::log(10.0));
  return map;
}

std::vector<Contour> contours(const PhaseMap& map, const std::vector<double>& levels, double sigma) {
  std::vector<Contour> lines;
  for (const double level : levels) {
    Contour line;
    line.level = level;
    for (const double temperature : map.temperature_K) {
      const double dh = enthalpy_for_critical_concentration(level, temperature, sigma);
      if (dh < map.dh_eV.front() || dh > map.dh_eV.back()) continue;
      line.temperature_K.push_back(temperature);
      line.dh_eV.push_back(dh);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

FreeEnergyCurve free_energy_curve(long sites, double dh_eV, double temperature_K, double max_concentration,
                                  int points, double sigma) {
  if (sites < 1 || !(max_concentration > 0.0 && max_concentration <= 1.0) || points < 2)
    throw usage_error(
        fmt::format("DeltaG curve: {} sites, up to {} per site, {} points: need at least one site, a "
                    "concentration above 0 and at most 1, and two points",
                    sites, max_concentration, points));
  const long last = std::max(1L, std::lround(max_concentration * static_cast<double>(sites)));
  FreeEnergyCurve curve;
  long previous = 0;
  for (int i = 0; i < points; ++i) {
    const long atoms = std::lround(1.0 + static_cast<double>(last - 1) * i / (points - 1));
    if (atoms == previous) continue;
    previous = atoms;
    const double n = static_cast<double>(atoms);
    const double m = static_cast<double>(sites);
    curve.atoms.push_back(n);
    curve.concentration.push_back(n / m);
    curve.delta_g_eV.push_back(delta_g_eV(n, m, dh_eV, temperature_K, sigma));
    curve.delta_g_stirling_eV.push_back(delta_g_stirling_eV(n, m, dh_eV, temperature_K, sigma));
  }
  return curve;
}

}  // namespace sinterscope
