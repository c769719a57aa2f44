// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/theory_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "chart.h"
#include "legend.h"
#include "map_image.h"
#include "sinterscope/core/error.h"
#include "text.h"

namespace sinterscope {
namespace {

constexpr const char* minus = "\xE2\x88\x92";

/// DeltaG at c by linear interpolation; nothing outside the curve.
std::optional<double> value_at(const DeltaGCurve& curve, double c) {
  const auto above = std::lower_bound(curve.concentration.begin(), curve.concentration.end(), c);
  if (above == curve.concentration.begin() || above == curve.concentration.end()) return std::nullopt;
  const auto i = static_cast<std::size_t>(above - curve.concentration.begin());
  const double part =
      (c - curve.concentration[i - 1]) / (curve.concentration[i] - curve.concentration[i - 1]);
  return curve.delta_g_eV[i - 1] + part * (curve.delta_g_eV[i] - curve.delta_g_eV[i - 1]);
}

/// Around the highest curve: what decides lies at its maximum, far below it a curve only falls. Room above
/// for the legend.
Axis energy_axis(const std::vector<DeltaGCurve>& curves) {
  double top = 0.0, bottom = 0.0;
  for (const DeltaGCurve& curve : curves)
    for (const double value : curve.delta_g_eV) top = std::max(top, value), bottom = std::min(bottom, value);
  if (top > 0.0) bottom = std::max(bottom, -0.8 * top);
  const double range = std::max(top - bottom, 1e-3);
  const double legend = 0.09 * static_cast<double>(curves.size() + 1);
  return {bottom, top + range * legend / (1.0 - legend), "\xCE\x94G (eV)"};
}

std::vector<LegendEntry> legend_of(const std::vector<DeltaGCurve>& curves) {
  std::vector<LegendEntry> entries;
  for (std::size_t i = 0; i < curves.size(); ++i)
    entries.push_back({curves[i].label + ": c* = " + number(curves[i].c_star, 2), stroke_look(i)});
  entries.push_back({"Stirling's leading term", std::string(ink::guide)});
  return entries;
}

/// log10 c* from light (low) to dark (high); the end decades of the lines.
struct Shades {
  double low = -7.5, high = -0.5;
  double share(double log10_c) const { return (log10_c - low) / (high - low); }
};

void draw_scale(Svg& svg, const Shades& shades, double x, double y, double height) {
  constexpr int rows = 128;
  cv::Mat1d scale(rows, 1);
  for (int row = 0; row < rows; ++row) scale(row, 0) = static_cast<double>(row) / (rows - 1);
  svg.raw(image_element(x, y, 10, height, map_png(scale)));
  svg.rect(x, y, 10, height, ink::axis);
  for (int decade = -7; decade <= -1; ++decade) {
    const double at = y + height * (1.0 - shades.share(decade));
    svg.line(x + 10, at, x + 13, at, ink::axis);
    svg.text(x + 16, at + 3.5, fmt::format("10^{{{}{}}}", minus, -decade), Anchor::start, 9);
  }
  svg.text(x + 5, y - 5, "c*_{ad}", Anchor::middle, 10);
}

/// The lines fan out from the upper left corner: their labels stand on an arc around it.
void label_line(Plot& plot, const LevelLine& line) {
  constexpr double radius = 0.78;  // in widths and heights of the box
  for (std::size_t i = 0; i < line.temperature_K.size(); ++i) {
    const double x = (plot.x(line.temperature_K[i]) - plot.box().x) / plot.box().width;
    const double y = (plot.y(line.dh_eV[i]) - plot.box().y) / plot.box().height;
    if (std::hypot(x, y) < radius) continue;
    plot.halo_text(line.temperature_K[i], line.dh_eV[i],
                   fmt::format("10^{{{}{:.0f}}}", minus, -std::log10(line.level)));
    return;
  }
}

}  // namespace

std::string delta_g_svg(const std::vector<DeltaGCurve>& curves, FigureSize size) {
  if (curves.empty()) throw Error("DeltaG figure: there is no curve to draw");
  Svg svg(size, "Free energy of one particle against dispersion, over the ad-atom concentration");
  std::vector<double> concentrations;
  for (const DeltaGCurve& curve : curves)
    concentrations.insert(concentrations.end(), curve.concentration.begin(), curve.concentration.end());
  const Axis x = {0.0, *std::max_element(concentrations.begin(), concentrations.end()),
                  "c_{ad} (ad-atoms per site)"};
  const Box box{56, 12, size.width - 70, size.height - 54};
  {
    Plot plot(svg, box, x, energy_axis(curves));
    plot.guide_y(0.0, ink::axis);
    for (std::size_t i = 0; i < curves.size(); ++i) {
      const DeltaGCurve& curve = curves[i];
      plot.curve(curve.concentration, curve.delta_g_stirling_eV, ink::guide);
      plot.curve(curve.concentration, curve.delta_g_eV, stroke_look(i));
      if (const auto peak = value_at(curve, curve.c_star)) plot.point(curve.c_star, *peak, true, i);
    }
  }
  draw_legend(svg, legend_of(curves), box.x + 0.38 * box.width, box.y + 12);
  return svg.finish();
}

std::string solvus_svg(const SolvusMap& map, const std::vector<LevelLine>& lines,
                       const std::vector<MarkedCase>& cases, FigureSize size) {
  if (map.temperature_K.size() < 2 || map.dh_eV.size() < 2 ||
      map.c_star.rows != static_cast<int>(map.dh_eV.size()) ||
      map.c_star.cols != static_cast<int>(map.temperature_K.size()))
    throw Error("map of c*: needs one row per dh and one column per temperature, two of each at least");
  Svg svg(size, "Critical ad-atom concentration over temperature and enthalpy");
  const Shades shades;
  cv::Mat1d share(map.c_star.size());
  for (int row = 0; row < share.rows; ++row)
    for (int column = 0; column < share.cols; ++column)
      share(row, column) = shades.share(std::log10(std::max(map.c_star(row, column), 1e-300)));
  const Box box{60, 20, size.width - 124, size.height - 62};
  {
    Plot plot(svg, box, {map.temperature_K.front(), map.temperature_K.back(), "temperature (K)"},
              {map.dh_eV.front(), map.dh_eV.back(), "\xCE\x94h (eV)"});
    svg.raw(image_element(box.x, box.y, box.width, box.height, map_png(share)));
    for (const LevelLine& line : lines)
      plot.curve(line.temperature_K, line.dh_eV,
                 R"(class="contour" stroke="#222222" stroke-width="0.8" fill="none")");
    for (const LevelLine& line : lines) label_line(plot, line);
    for (const MarkedCase& marked : cases) {
      plot.point(marked.temperature_K, marked.dh_eV, true, 1);
      plot.halo_text(marked.temperature_K + 0.035 * (map.temperature_K.back() - map.temperature_K.front()),
                     marked.dh_eV, marked.label);
    }
  }
  draw_scale(svg, shades, box.x + box.width + 14, box.y, box.height);
  return svg.finish();
}

}  // namespace sinterscope
