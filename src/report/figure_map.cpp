// SPDX-License-Identifier: GPL-3.0-or-later
// The map of c* over temperature and dh.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chart.h"
#include "contour.h"
#include "map_image.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/report/figure.h"
#include "text.h"

namespace sinterscope {
namespace {

constexpr double map_low = 1e-6, map_high = 0.3;  ///< c* shown from white to dark

std::string map_image(const SolvusMap& map) {
  cv::Mat1d share(map.c_star.size());
  for (int row = 0; row < share.rows; ++row)
    for (int column = 0; column < share.cols; ++column)
      share(row, column) =
          std::log(std::max(map.c_star(row, column), 1e-300) / map_low) / std::log(map_high / map_low);
  return map_png(share);
}

/// The rows around the fit: far below its interval every c* is next to nothing.
SolvusMap rows_around(const SolvusMap& map, const EntropyFit* fit) {
  if (fit == nullptr || !fit->dh_eV.interval95.low) return map;
  const double lowest_eV = std::min(-0.3, 1.8 * *fit->dh_eV.interval95.low);
  const auto first = std::lower_bound(map.dh_eV.begin(), map.dh_eV.end() - 2, lowest_eV) - map.dh_eV.begin();
  SolvusMap part = map;
  part.dh_eV.erase(part.dh_eV.begin(), part.dh_eV.begin() + first);
  part.c_star = map.c_star.rowRange(static_cast<int>(first), map.c_star.rows);
  return part;
}

struct MapGrid {
  std::vector<double> celsius;
  std::vector<double> dh_eV;
  cv::Mat1d log_c;
};

void draw_contours(Plot& plot, const MapGrid& grid) {
  for (int decade = -6; decade <= -1; ++decade) {
    const std::vector<Curve> lines = contour_lines(grid.celsius, grid.dh_eV, grid.log_c, decade);
    for (const Curve& line : lines)
      plot.curve(line.x, line.y,
                 R"(class="contour" stroke="#222222" stroke-width="0.7" stroke-opacity="0.6" fill="none")");
    const auto at =
        label_place(lines, plot.x_axis().low, plot.x_axis().high, plot.y_axis().low, plot.y_axis().high);
    if (at) plot.halo_text(at->first, at->second, fmt::format("10^{{\xE2\x88\x92{}}}", -decade));
  }
}

void draw_fit(Plot& plot, const MapGrid& grid, const EntropyFit& fit) {
  const auto redispersion = [&](const std::optional<double>& c, std::string_view style) {
    if (!c || !(*c > 0)) return;
    for (const Curve& line : contour_lines(grid.celsius, grid.dh_eV, grid.log_c, std::log10(*c)))
      plot.curve(line.x, line.y, fmt::format(R"(class="model" stroke="#c1440e" {} fill="none")", style));
  };
  redispersion(fit.c_ad.interval95.low, R"(stroke-width="1.2" stroke-dasharray="3 2")");
  redispersion(fit.c_ad.interval95.high, R"(stroke-width="1.2" stroke-dasharray="3 2")");
  redispersion(fit.c_ad.estimate, R"(stroke-width="2")");
  if (!fit.dh_eV.estimate) return;
  for (const HoldVerdict& hold : fit.holds)
    plot.point(celsius_from_kelvin(hold.temperature_K), *fit.dh_eV.estimate, hold.observed == "particles", 5);
}

}  // namespace

std::string phase_map_svg(const SolvusMap& whole, const EntropyFit* fit, FigureSize size) {
  Svg svg(size,
          "Critical concentration c* over temperature and dh, with the fitted interval of dh and the holds");
  const bool usable = whole.temperature_K.size() > 1 && whole.dh_eV.size() > 1 &&
                      whole.c_star.rows == static_cast<int>(whole.dh_eV.size()) &&
                      whole.c_star.cols == static_cast<int>(whole.temperature_K.size());
  if (!usable)
    throw Error(
        "phase map: c_star must have one row per dh and one column per temperature, two of each at least");
  const SolvusMap map = rows_around(whole, fit);
  MapGrid grid{{}, map.dh_eV, logarithm10(map.c_star)};
  for (const double kelvin : map.temperature_K) grid.celsius.push_back(celsius_from_kelvin(kelvin));
  {
    Plot plot(svg, {60, 12, size.width - 74, size.height - 54},
              {grid.celsius.front(), grid.celsius.back(), "temperature (°C)"},
              {map.dh_eV.front(), map.dh_eV.back(), "dh (eV)"});
    const Box& box = plot.box();
    svg.raw("<g class=\"on-map\">" + image_element(box.x, box.y, box.width, box.height, map_image(map)));
    if (fit != nullptr && (fit->dh_eV.interval95.low || fit->dh_eV.interval95.high))
      plot.band_y(fit->dh_eV.interval95.low.value_or(map.dh_eV.front()),
                  fit->dh_eV.interval95.high.value_or(map.dh_eV.back()),
                  R"(class="fit-band" stroke="none" fill="#ffffff" fill-opacity="0.45")");
    draw_contours(plot, grid);
    if (fit != nullptr) draw_fit(plot, grid, *fit);
    svg.raw("</g>\n");
  }
  return svg.finish();
}

}  // namespace sinterscope
