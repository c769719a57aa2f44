// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of the fit: intervals, profile of dh, free energy.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "chart.h"
#include "sinterscope/core/units.h"
#include "sinterscope/report/figure.h"
#include "text.h"

namespace sinterscope {
namespace {

Box plot_box(FigureSize size) { return {60, 12, size.width - 74, size.height - 54}; }

/// Draws an interval that may be open: an open end runs to the edge and ends in an arrow.
void draw_interval(Svg& svg, const Box& box, double low_end, double high_end, const Interval& interval,
                   double y, double thickness, std::string_view class_name, std::string_view colour) {
  const auto at = [&](double value) {
    return std::clamp(box.x + box.width * (value - low_end) / (high_end - low_end), box.x, box.x + box.width);
  };
  if (!interval.low && !interval.high) return;
  const double left = interval.low ? at(*interval.low) : box.x,
               right = interval.high ? at(*interval.high) : box.x + box.width;
  const std::string look =
      fmt::format(R"(class="{}" stroke="{}" stroke-width="{}" fill="none")", class_name, colour, thickness);
  svg.line(left, y, right, y, look);
  const std::string thin =
      fmt::format(R"(class="{}" stroke="{}" stroke-width="1.4" fill="none")", class_name, colour);
  const auto arrow = [&](double x, double direction) {
    svg.path(fmt::format("M{} {}l{} -5M{} {}l{} 5", coordinate(x), coordinate(y), coordinate(-6 * direction),
                         coordinate(x), coordinate(y), coordinate(-6 * direction)),
             thin);
  };
  if (!interval.low) arrow(left, -1);
  if (!interval.high) arrow(right, 1);
}

struct Row {
  std::string label, unit;
  Estimate estimate;
};

/// An end that is no number, or beyond all numbers, is an open one.
Interval drawable(const Interval& interval) {
  const auto finite = [](const std::optional<double>& end) {
    return end && std::isfinite(*end) ? end : std::nullopt;
  };
  return {finite(interval.low), finite(interval.high)};
}

Interval shifted(const Interval& interval, double shift) {
  Interval result = interval;
  if (result.low) *result.low += shift;
  if (result.high) *result.high += shift;
  return result;
}

/// The fit speaks in K, the figures in °C.
Estimate in_celsius(const Estimate& kelvin) {
  Estimate result = kelvin;
  if (result.estimate) *result.estimate -= zero_celsius_K;
  result.interval68 = shifted(kelvin.interval68, -zero_celsius_K);
  result.interval95 = shifted(kelvin.interval95, -zero_celsius_K);
  result.profile95 = shifted(kelvin.profile95, -zero_celsius_K);
  return result;
}

void draw_row(Svg& svg, const Box& box, Row row) {
  for (Interval* interval : {&row.estimate.interval68, &row.estimate.interval95, &row.estimate.profile95})
    *interval = drawable(*interval);
  std::vector<double> ends;
  for (const Interval* interval :
       {&row.estimate.interval68, &row.estimate.interval95, &row.estimate.profile95})
    for (const std::optional<double>* end : {&interval->low, &interval->high})
      if (*end) ends.push_back(**end);
  if (row.estimate.estimate) ends.push_back(*row.estimate.estimate);
  svg.text(4, box.y + 4, row.label, Anchor::start, 11);
  svg.text(4, box.y + 17, row.unit.empty() ? "" : "(" + row.unit + ")", Anchor::start, 9);
  if (ends.empty()) {
    svg.text(box.x + box.width / 2, box.y + 8, "not bounded by the data", Anchor::middle);
    return;
  }
  Axis axis = axis_around(ends, "", false);
  const double margin = 0.12 * (axis.high - axis.low);  // room for the arrows of open ends
  axis.low -= margin, axis.high += margin;
  // With one end only, the rest of the bar must not look like a short interval.
  const double far = std::max(std::abs(ends.front()), axis.high - axis.low);
  if (!row.estimate.interval95.low) axis.low -= far;
  if (!row.estimate.interval95.high) axis.high += far;
  draw_interval(svg, box, axis.low, axis.high, row.estimate.interval95, box.y, 2, "data", "#0b5fa5");
  draw_interval(svg, box, axis.low, axis.high, row.estimate.interval68, box.y, 6, "data", "#0b5fa5");
  draw_interval(svg, box, axis.low, axis.high, row.estimate.profile95, box.y + 14, 1.2, "model", "#c1440e");
  const auto x = [&](double value) {
    return box.x + box.width * (value - axis.low) / (axis.high - axis.low);
  };
  if (row.estimate.estimate)
    svg.circle(x(*row.estimate.estimate), box.y, 4.5,
               R"(class="s0 hollow" stroke="#0b5fa5" stroke-width="2" fill="#ffffff")");
  const double scale_y = box.y + 26;
  svg.line(box.x, scale_y, box.x + box.width, scale_y, ink::axis);
  const std::vector<double> at = ticks(axis, 4);
  for (const double value : at) {
    svg.line(x(value), scale_y, x(value), scale_y + 4, ink::axis);
    svg.text(x(value), scale_y + 15, tick_text(value, axis, at.size() > 1 ? at[1] - at[0] : 1.0),
             Anchor::middle);
  }
}

double largest(const std::vector<double>& values) {
  double result = -INFINITY;
  for (const double value : values)
    if (std::isfinite(value)) result = std::max(result, value);
  return result;
}

/// The part of the grid where one of the curves is at least a thousandth of its maximum, and a little more.
Axis interesting_part(const std::vector<double>& grid, const std::vector<double>& a,
                      const std::vector<double>& b) {
  std::vector<double> inside;
  for (std::size_t i = 0; i < grid.size(); ++i)
    if ((i < a.size() && a[i] > 1e-3) || (i < b.size() && b[i] > 1e-3)) inside.push_back(grid[i]);
  if (inside.size() < 2) return {grid.front(), grid.back(), "dh (eV)"};
  const double margin = 0.1 * (inside.back() - inside.front());
  return {std::max(grid.front(), inside.front() - margin), std::min(grid.back(), inside.back() + margin),
          "dh (eV)"};
}

/// Where a curve leaves the box at the right or below; nothing where it never is inside.
std::optional<std::size_t> way_out(const Plot& plot, const Curve& curve) {
  const Axis& y = plot.y_axis();
  for (std::size_t k = std::min(curve.x.size(), curve.y.size()); k-- > 0;)
    if (curve.y[k] >= y.low + 0.05 * (y.high - y.low) && curve.y[k] <= y.high) return k;
  return std::nullopt;
}

/// Names the first curve and the last, then those between whose name has room.
void name_curves(Plot& plot, const std::vector<Curve>& curves) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < curves.size(); ++i) order.push_back(i);
  if (order.size() > 2) std::rotate(order.begin() + 1, order.end() - 1, order.end());
  std::vector<cv::Point2d> named;
  for (const std::size_t i : order) {
    const std::optional<std::size_t> k = way_out(plot, curves[i]);
    if (!k) continue;
    const bool at_edge = *k + 1 == curves[i].x.size();
    const cv::Point2d at(plot.x(curves[i].x[*k]) + (at_edge ? -40 : 6), plot.y(curves[i].y[*k]));
    if (std::any_of(named.begin(), named.end(), [&](const cv::Point2d& other) {
          return std::abs(other.x - at.x) < 42 && std::abs(other.y - at.y) < 11;
        }))
      continue;
    named.push_back(at);
    plot.text(curves[i].x[*k], curves[i].y[*k], at_edge ? -6 : 6, -4, curves[i].label,
              at_edge ? Anchor::end : Anchor::start);
  }
}

}  // namespace

std::string interval_svg(const EntropyFit& fit, FigureSize size) {
  Svg svg(size, "Intervals of the fitted quantities: 68 % thick, 95 % thin, likelihood-ratio 95 % below");
  const std::vector<Row> rows{{"dh", "eV", fit.dh_eV},
                              {"c_{ad}", "per site", fit.c_ad},
                              {"T_{r}", "°C", in_celsius(fit.redispersion_temperature_K)}};
  const double height = (size.height - 34) / static_cast<double>(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    draw_row(svg, {62, 18 + height * static_cast<double>(i), size.width - 78, height}, rows[i]);
  const double y = size.height - 10;
  svg.line(62, y - 3, 80, y - 3, R"(class="data" stroke="#0b5fa5" stroke-width="4" fill="none")");
  svg.text(84, y, "68 %", Anchor::start, 9);
  svg.line(116, y - 3, 134, y - 3, R"(class="data" stroke="#0b5fa5" stroke-width="2" fill="none")");
  svg.text(138, y, "95 % posterior", Anchor::start, 9);
  svg.line(222, y - 3, 240, y - 3, R"(class="model" stroke="#c1440e" stroke-width="1.2" fill="none")");
  svg.text(244, y, "95 % profile", Anchor::start, 9);
  return svg.finish();
}

std::string profile_svg(const EntropyFit& fit, FigureSize size) {
  Svg svg(size, "Likelihood and posterior of dh");
  if (fit.grid_dh_eV.size() < 2) {
    svg.text(size.width / 2, size.height / 2, "no curve over dh", Anchor::middle, 11);
    return svg.finish();
  }
  std::vector<double> profile = fit.profile_log_likelihood, posterior = fit.posterior_density;
  const double best = largest(profile), top = largest(posterior);
  for (double& value : profile) value = std::exp(value - best);
  for (double& value : posterior) value = top > 0 ? value / top : 0.0;
  {
    Plot plot(svg, plot_box(size), interesting_part(fit.grid_dh_eV, profile, posterior),
              {0, 1.08, "relative to the maximum"});
    plot.area(fit.grid_dh_eV, posterior, ink::data_soft);
    plot.curve(fit.grid_dh_eV, posterior, ink::data);
    plot.curve(fit.grid_dh_eV, profile, ink::model);
    if (fit.dh_eV.estimate) plot.guide_x(*fit.dh_eV.estimate, "median");
  }
  return svg.finish();
}

std::string free_energy_svg(const FreeEnergyCurves& curves, const EntropyFit* fit, FigureSize size) {
  Svg svg(size, "Free energy against ad-atom concentration");
  std::vector<double> xs, ys;
  for (const Curve& curve : curves.curves) {
    xs.insert(xs.end(), curve.x.begin(), curve.x.end());
    ys.insert(ys.end(), curve.y.begin(), curve.y.end());
  }
  Axis x = axis_around(xs, "c (ad-atoms per support site)", true);
  Axis y = axis_around(ys, "\xCE\x94G (eV)", false);
  // What decides lies around the maximum; far beyond it a curve only falls.
  if (y.high > 0) y.low = std::max(y.low, -1.2 * y.high);
  {
    Plot plot(svg, plot_box(size), x, y);
    if (fit != nullptr) {
      const Interval& c = fit->c_ad.interval95;
      if (c.low || c.high) plot.band_x(c.low.value_or(x.low), c.high.value_or(x.high), ink::model_soft);
      if (fit->c_ad.estimate) plot.guide_x(*fit->c_ad.estimate, "c_{ad}");
    }
    plot.guide_y(0.0, ink::axis);
    for (std::size_t i = 0; i < curves.curves.size(); ++i)
      plot.curve(curves.curves[i].x, curves.curves[i].y, stroke_look(i));
    name_curves(plot, curves.curves);
  }
  return svg.finish();
}

}  // namespace sinterscope
