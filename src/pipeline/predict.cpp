// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/predict.h"

#include <fmt/format.h>

#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/table.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/theory/entropy_model.h"
#include "sinterscope/theory/phase_map.h"

namespace sinterscope {
namespace {

void check(const PredictRequest& request) {
  if (!(request.dh_eV <= 0.0 && request.dh_eV >= -20.0))
    throw usage_error(
        fmt::format("--dh-ev is {}: must lie between -20 and 0 eV (negative = bound)", request.dh_eV));
  for (const double celsius : request.temperatures_c)
    if (!(celsius > -273.15 && celsius < 5000.0))
      throw usage_error(fmt::format("--temperature-c is {}: must lie above -273.15 C", celsius));
  if (request.c_ad && !(*request.c_ad > 0.0 && *request.c_ad < 1.0))
    throw usage_error(
        fmt::format("--c-ad is {}: must lie between 0 and 1 (atoms per support site)", *request.c_ad));
}

std::string row(const PredictRequest& request, double celsius) {
  const double kelvin = kelvin_from_celsius(celsius);
  const double c_star = critical_concentration(request.dh_eV, kelvin);
  const long best = most_stable_dispersed_atoms(request.sites, request.dh_eV, kelvin);
  std::string height = "-", zeros = "-", verdict;
  if (best > 0)
    height =
        fmt::format("{:.4g}", delta_g_eV(static_cast<double>(best), request.sites, request.dh_eV, kelvin));
  if (const auto crossing = delta_g_zero_crossings(request.sites, request.dh_eV, kelvin))
    zeros = fmt::format("{:.4g} .. {:.4g}", crossing->first, crossing->second);
  if (request.c_ad) verdict = *request.c_ad < c_star ? "disperses" : "particles";
  return fmt::format("{:>8.6g} {:>11.4g} {:>8} {:>12} {:>20} {}\n", celsius, c_star, best, height, zeros,
                     verdict);
}

void write_map(const std::filesystem::path& path) {
  const PhaseMap map = critical_concentration_map();
  Table table({"temperature_k", "dh_ev", "log10_c_star"});
  for (std::size_t i = 0; i < map.dh_eV.size(); ++i)
    for (std::size_t j = 0; j < map.temperature_K.size(); ++j)
      table.add_row({map.temperature_K[j], map.dh_eV[i], map.value(i, j)});
  write_csv(path, table, {"c*_ad = 1/(1 + exp(1 - dh/kT)), Zhu et al., arXiv:2204.00812, Eq. (4)"});
}

}  // namespace

std::string predict(const PredictRequest& request) {
  check(request);
  std::vector<double> temperatures = request.temperatures_c;
  if (temperatures.empty()) temperatures = {25, 100, 200, 300, 400, 500, 600};
  std::string text =
      fmt::format("dh = {} eV, M = {} sites\n{:>8} {:>11} {:>8} {:>12} {:>20}\n", request.dh_eV,
                  request.sites, "T/C", "c*_ad", "N*", "DeltaG*/eV", "DeltaG = 0 at N");
  for (const double celsius : temperatures) text += row(request, celsius);
  if (request.c_ad) {
    const auto kelvin = redispersion_temperature(request.dh_eV, *request.c_ad);
    text += kelvin ? fmt::format("c_ad = {} disperses completely above {:.1f} C ({:.2f} K)\n", *request.c_ad,
                                 celsius_from_kelvin(*kelvin), *kelvin)
                   : fmt::format("c_ad = {} disperses completely at no temperature\n", *request.c_ad);
  }
  if (!request.map.empty()) write_map(request.map);
  return text;
}

}  // namespace sinterscope
