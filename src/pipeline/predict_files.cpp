// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/predict_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/table.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/report/raster.h"
#include "sinterscope/report/theory_figure.h"
#include "sinterscope/theory/entropy_model.h"
#include "sinterscope/theory/phase_map.h"

namespace sinterscope {
namespace {

/// Every enthalpy at every temperature.
template <typename Visit>
void for_cases(const PredictRequest& request, const Visit& visit) {
  for (const double dh_eV : request.dh_eV)
    for (const double celsius : request.temperatures_c) visit(dh_eV, kelvin_from_celsius(celsius));
}

void write_drawing(const std::filesystem::path& path, const std::string& svg) {
  if (path.extension() == ".svg") {
    write_file(path, svg);
    return;
  }
  const auto png = png_of_svg(svg);
  if (!png)
    throw Error(
        fmt::format("{}: rsvg-convert is not installed (Debian package librsvg2-bin); install it or "
                    "ask for an .svg",
                    path.string()));
  write_file(path, *png);
}

/// What decides lies around the maximum and the zero: as far as the dilutest case needs, or 0.1.
double largest_concentration(const PredictRequest& request) {
  double largest = 0.0;
  for_cases(request, [&](double dh_eV, double kelvin) {
    largest = std::max(largest, 1.15 * zero_crossing_concentration(dh_eV, kelvin));
  });
  return std::clamp(largest, 10.0 / request.sites, 1.0);
}

PhaseMap map_around(const PredictRequest& request) {
  PhaseMapOptions options;
  for_cases(request, [&](double dh_eV, double kelvin) {
    options.temperature_min_K = std::min(options.temperature_min_K, kelvin);
    options.temperature_max_K = std::max(options.temperature_max_K, kelvin);
    options.dh_min_eV = std::min(options.dh_min_eV, dh_eV);
  });
  options.temperature_min_K = std::max(1.0, options.temperature_min_K);
  options.temperature_max_K = std::min(5000.0, options.temperature_max_K);
  options.dh_min_eV = std::max(-10.0, options.dh_min_eV);
  return critical_concentration_map(options);
}

std::string map_drawing(const PredictRequest& request, const PhaseMap& map) {
  SolvusMap solvus{map.temperature_K, map.dh_eV,
                   cv::Mat1d(static_cast<int>(map.dh_eV.size()), static_cast<int>(map.temperature_K.size()))};
  for (int row = 0; row < solvus.c_star.rows; ++row)
    for (int column = 0; column < solvus.c_star.cols; ++column)
      solvus.c_star(row, column) =
          std::pow(10.0, map.value(static_cast<std::size_t>(row), static_cast<std::size_t>(column)));
  std::vector<LevelLine> lines;
  for (const Contour& line : contours(map, {1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7}))
    lines.push_back({line.level, line.temperature_K, line.dh_eV});
  std::vector<MarkedCase> cases;
  for_cases(request, [&](double dh_eV, double kelvin) { cases.push_back({"", kelvin, dh_eV}); });
  return solvus_svg(solvus, lines, cases);
}

}  // namespace

void check_kind(const std::filesystem::path& path) {
  const std::string kind = path.extension().string();
  if (kind != ".csv" && kind != ".svg" && kind != ".png")
    throw usage_error(
        fmt::format("{}: the name must end in .csv (table), .svg or .png (figure)", path.string()));
}

void write_map(const PredictRequest& request, const std::filesystem::path& path) {
  const PhaseMap map = map_around(request);
  if (path.extension() != ".csv") {
    write_drawing(path, map_drawing(request, map));
    return;
  }
  Table table({"temperature_k", "dh_ev", "log10_c_star"});
  for (std::size_t i = 0; i < map.dh_eV.size(); ++i)
    for (std::size_t j = 0; j < map.temperature_K.size(); ++j)
      table.add_row({map.temperature_K[j], map.dh_eV[i], map.value(i, j)});
  write_csv(path, table, {"c*_ad = 1/(1 + exp(1 - dh/kT)), Zhu et al., arXiv:2204.00812, Eq. (4)"});
}

void write_delta_g(const PredictRequest& request, const std::filesystem::path& path) {
  const double largest = largest_concentration(request);
  Table table({"dh_ev", "temperature_k", "atoms", "c_ad", "delta_g_ev", "delta_g_stirling_ev"});
  std::vector<DeltaGCurve> curves;
  for_cases(request, [&](double dh_eV, double kelvin) {
    const FreeEnergyCurve curve = free_energy_curve(request.sites, dh_eV, kelvin, largest);
    for (std::size_t i = 0; i < curve.atoms.size(); ++i)
      table.add_row({dh_eV, kelvin, curve.atoms[i], curve.concentration[i], curve.delta_g_eV[i],
                     curve.delta_g_stirling_eV[i]});
    curves.push_back(
        {fmt::format("{:.4g} K, {}{:.3g} eV", kelvin, dh_eV < 0.0 ? "\xE2\x88\x92" : "", std::abs(dh_eV)),
         curve.concentration, curve.delta_g_eV, curve.delta_g_stirling_eV,
         critical_concentration(dh_eV, kelvin)});
  });
  if (path.extension() == ".csv")
    write_csv(
        path, table,
        {fmt::format("DeltaG of {} sites, Zhu et al., arXiv:2204.00812, Eq. (2): exact (lgamma) and with "
                     "Stirling's leading term",
                     request.sites)});
  else
    write_drawing(path, delta_g_svg(curves));
}

}  // namespace sinterscope
