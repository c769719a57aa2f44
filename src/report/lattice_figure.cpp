// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/lattice_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "chart.h"
#include "legend.h"
#include "map_image.h"
#include "sinterscope/core/error.h"
#include "sinterscope/report/lattice_picture.h"
#include "text.h"

namespace sinterscope {
namespace {

constexpr int panel_pixels = 640;  ///< of a lattice in print: 600 per inch at 27 mm

std::string point_look(std::size_t series) {
  std::string look = stroke_look(series);
  return look.replace(look.find("fill=\"none\""), 11, "fill=\"#ffffff\"");
}

/// Lines of a model: black, told apart by their dashes.
std::string line_look(std::size_t i) {
  static constexpr std::array<std::string_view, 2> dashes{"none", "1.5 2"};
  return fmt::format(R"(class="axis" stroke="#222222" stroke-width="1.2" fill="none" stroke-dasharray="{}")",
                     dashes[i % dashes.size()]);
}

Axis axis_of(const LatticeComparison& comparison) {
  std::vector<double> values;
  for (const auto& series : comparison.points)
    for (const LatticePoint& point : series.points) values.push_back(point.value);
  for (const Curve& line : comparison.lines) values.insert(values.end(), line.y.begin(), line.y.end());
  if (!comparison.logarithmic) return axis_around(values, comparison.y_label, true);
  double low = INFINITY, high = 0.0;
  for (const double value : values)
    if (value > 0.0) low = std::min(low, value), high = std::max(high, value);
  if (!(high > 0.0)) low = 0.1, high = 1.0;
  // a decade of room above for the legend
  return {std::pow(10.0, std::floor(std::log10(low))), 10.0 * high, comparison.y_label, true};
}

/// Every value as a square of pixels: programs smooth a picture that is enlarged.
cv::Mat1d enlarged(const cv::Mat1d& values) {
  cv::Mat1d result;
  cv::resize(values, result, {}, 24.0, 24.0, cv::INTER_NEAREST);
  return result;
}

}  // namespace

std::string lattice_snapshots_svg(const std::vector<LatticePanel>& panels) {
  if (panels.empty()) throw Error("snapshots: there is no lattice to draw");
  constexpr std::size_t most_columns = 4;
  constexpr double edge = 150, gap = 12, words = 34;
  const std::size_t columns = std::min(panels.size(), most_columns);
  const std::size_t rows = (panels.size() + columns - 1) / columns;
  const FigureSize size{gap + static_cast<double>(columns) * (edge + gap),
                        gap + static_cast<double>(rows) * (edge + words + gap)};
  Svg svg(size, "Snapshots of lattice runs");
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const LatticePanel& panel = panels[i];
    const double x = gap + static_cast<double>(i % columns) * (edge + gap);
    const double y = gap + static_cast<double>(i / columns) * (edge + words + gap);
    svg.text(x, y + 8, panel.title, Anchor::start, 11);
    svg.text(x, y + 23, panel.subtitle, Anchor::start, 9);
    const int pixels = pixels_per_site(panel.heights.rows, panel_pixels);
    svg.raw(image_element(x, y + words - 4, edge, edge, encode_png(lattice_picture(panel.heights, pixels))));
    svg.rect(x, y + words - 4, edge, edge, ink::axis);
  }
  return svg.finish();
}

std::string lattice_course_svg(const LatticeCourse& course) {
  if (course.events.empty()) throw Error("course of a lattice run: there is no sample to draw");
  const auto [coldest, hottest] =
      std::minmax_element(course.temperature_K.begin(), course.temperature_K.end());
  const bool one_temperature = *coldest == *hottest;
  constexpr double width = 440, upper = 150, lower = 88, gap = 12, left = 56, right = 16, words = 44;
  const FigureSize size{width, 10 + upper + (one_temperature ? 0 : gap + lower) + words};
  Svg svg(size, "Course of a lattice run: largest cluster, free ad-atoms, temperature");
  const double last = std::max(course.events.back(), 1.0);
  const double unit = std::pow(10.0, 3.0 * std::floor(std::log10(last) / 3.0));
  std::vector<double> x(course.events);
  for (double& events : x) events /= unit;
  const std::string label =
      unit > 1.0 ? fmt::format("executed hops (10^{{{:.0f}}})", std::log10(unit)) : "executed hops";
  const Axis along{0.0, last / unit, label};
  const double inner = width - left - right;
  {
    Plot plot(svg, {left, 10, inner, upper}, along, {0.0, 1.05, "share of atoms"}, one_temperature);
    plot.curve(x, course.monomer_share, stroke_look(1));
    plot.curve(x, course.largest_share, stroke_look(0));
  }
  if (!one_temperature) {
    Plot plot(svg, {left, 10 + upper + gap, inner, lower}, along,
              axis_around(course.temperature_K, "T (K)", false), true, 5, 3);
    plot.curve(x, course.temperature_K, ink::heat);
  }
  draw_legend(svg, {{"largest cluster", stroke_look(0)}, {"free ad-atoms", stroke_look(1)}},
              left + 0.66 * inner, 10 + 0.45 * upper);
  return svg.finish();
}

std::string lattice_comparison_svg(const LatticeComparison& comparison, FigureSize size) {
  std::vector<double> temperatures;
  for (const auto& series : comparison.points)
    for (const LatticePoint& point : series.points) temperatures.push_back(point.temperature_K);
  if (temperatures.empty()) throw Error("comparison: there is no point to draw");
  Svg svg(size, "Lattice runs against the formula, over temperature");
  const Box box{64, 12, size.width - 78, size.height - 54};
  std::vector<LegendEntry> legend;
  {
    Plot plot(svg, box, axis_around(temperatures, "temperature (K)", false), axis_of(comparison));
    for (std::size_t i = 0; i < comparison.lines.size(); ++i) {
      plot.curve(comparison.lines[i].x, comparison.lines[i].y, line_look(i));
      legend.push_back({comparison.lines[i].label, line_look(i)});
    }
    for (std::size_t i = 0; i < comparison.points.size(); ++i) {
      for (const LatticePoint& point : comparison.points[i].points) {
        if (comparison.logarithmic && !(point.value > 0.0)) continue;
        const double floor = comparison.logarithmic ? 0.1 * point.value : -INFINITY;
        plot.error_y(point.temperature_K, std::max(point.value - point.standard_error, floor),
                     point.value + point.standard_error, i);
        plot.point(point.temperature_K, point.value, i == 0, i);
      }
      legend.push_back({comparison.points[i].label, point_look(i), true});
      plot.curve(comparison.points[i].model.x, comparison.points[i].model.y,
                 stroke_look(i) + R"( stroke-dasharray="5 2")");
    }
    if (!comparison.model_label.empty()) legend.push_back({comparison.model_label, std::string(ink::guide)});
  }
  draw_legend(svg, legend, box.x + 10, box.y + 14);
  return svg.finish();
}

std::string lattice_phases_svg(const LatticePhases& phases, FigureSize size) {
  if (phases.temperature_K.size() < 2 || phases.dh_eV.size() < 2)
    throw Error("phase diagram figure: needs two temperatures and two enthalpies");
  Svg svg(size, "Share of atoms in the largest particle over temperature and enthalpy");
  const Box box{60, 22, size.width - 118, size.height - 64};
  const double half_T = 0.5 * (phases.temperature_K[1] - phases.temperature_K[0]);
  const double half_dh = 0.5 * (phases.dh_eV[1] - phases.dh_eV[0]);
  std::vector<LegendEntry> legend;
  {
    Plot plot(
        svg, box,
        {phases.temperature_K.front() - half_T, phases.temperature_K.back() + half_T, "temperature (K)"},
        {phases.dh_eV.front() - half_dh, phases.dh_eV.back() + half_dh, "\xCE\x94h (eV)"}, true, 5, 3);
    svg.raw(image_element(box.x, box.y, box.width, box.height, map_png(enlarged(phases.particle_share))));
    for (std::size_t i = 0; i < phases.lines.size(); ++i) {
      plot.curve(phases.lines[i].x, phases.lines[i].y, line_look(i));
      legend.push_back({phases.lines[i].label, line_look(i)});
    }
    for (const LatticePoint& point : phases.transitions) {
      plot.point(point.temperature_K, point.value, false, 0);
      const double y = plot.y(point.value);
      svg.line(plot.x(point.temperature_K - point.standard_error), y,
               plot.x(point.temperature_K + point.standard_error), y, stroke_look(0));
    }
  }
  constexpr int rows = 64;
  cv::Mat1d scale(rows, 1);
  for (int row = 0; row < rows; ++row) scale(row, 0) = static_cast<double>(row) / (rows - 1);
  const double x = box.x + box.width + 14;
  svg.raw(image_element(x, box.y, 10, box.height, map_png(scale)));
  svg.rect(x, box.y, 10, box.height, ink::axis);
  for (const double share : {0.0, 0.5, 1.0})
    svg.text(x + 14, box.y + box.height * (1.0 - share) + 3.5, fmt::format("{}", share), Anchor::start, 9);
  svg.text(size.width - 4, box.y - 8, "share in the largest particle", Anchor::end, 9);
  if (!phases.transitions.empty()) legend.push_back({"lattice, half", point_look(0), true});
  if (!legend.empty()) {
    const double height = legend_line_height * static_cast<double>(legend.size()) + 6;
    const double top = box.y + box.height - height - 6;  // where all is in particles there is nothing to hide
    svg.rect(box.x + 6, top, 118, height,
             R"(class="legend" stroke="#222222" stroke-width="0.6" fill="#ffffff" fill-opacity="0.85")");
    draw_legend(svg, legend, box.x + 12, top + 10);
  }
  return svg.finish();
}

}  // namespace sinterscope
