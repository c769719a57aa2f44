// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/figure.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "chart.h"
#include "sinterscope/core/units.h"
#include "text.h"

namespace sinterscope {
namespace {

Box plot_box(FigureSize size) { return {56, 12, size.width - 68, size.height - 54}; }

/// An axis from zero, with room for the arrow under a limit close to zero.
Axis inventory_axis(const std::vector<double>& values, bool limits) {
  Axis axis = axis_around(values, "atoms per support site", true);
  if (limits) axis.low -= 0.09 * (axis.high - axis.low);
  return axis;
}

/// The total c_ad as a line with its band, and c* at the temperatures of the holds.
void draw_prediction(Plot& plot, const EntropyFit& fit) {
  const Interval& total = fit.c_ad.interval95;
  if (total.low || total.high)
    plot.band_y(total.low.value_or(0.0), total.high.value_or(plot.y_axis().high), ink::model_soft);
  if (fit.c_ad.estimate) {
    plot.guide_y(*fit.c_ad.estimate, ink::model);
    plot.text(plot.x_axis().low, *fit.c_ad.estimate, 4, -4, "c_{ad}");
  }
  std::map<double, const HoldVerdict*> by_temperature;  // c* depends on nothing else
  for (const HoldVerdict& hold : fit.holds) by_temperature[celsius_from_kelvin(hold.temperature_K)] = &hold;
  std::vector<double> xs, ys;
  for (const auto& [celsius, hold] : by_temperature) {
    xs.push_back(celsius);
    ys.push_back(hold->c_star);
    const Interval& band = hold->c_star_interval95;
    if (band.low && band.high) plot.error_y(celsius, *band.low, *band.high, 5);
    plot.point(celsius, hold->c_star, false, 5);
  }
  plot.curve(xs, ys, ink::guide);
  if (!xs.empty()) plot.text(xs.back(), ys.back(), -8, -6, "c*", Anchor::end);
}

/// c_np with its error bar, or the upper limit where nothing was seen.
void draw_inventory(Plot& plot, const HoldInventory& hold, double x, std::size_t series) {
  const bool seen = hold.c_np && *hold.c_np > 0;
  if (seen) {
    if (hold.c_np_se)
      plot.error_y(x, std::max(0.0, *hold.c_np - *hold.c_np_se), *hold.c_np + *hold.c_np_se, series);
    plot.point(x, *hold.c_np, true, series);
  } else if (hold.c_np_upper95) {
    plot.upper_limit(x, *hold.c_np_upper95, series);
  }
}

}  // namespace

std::string size_histogram_svg(const SizeHistogram& histogram, FigureSize size, double largest_shown) {
  std::string title = "Sizes of the particles of hold " + std::to_string(histogram.hold);
  if (histogram.temperature_K) title += " at " + temperature_text(histogram.temperature_K);
  Svg svg(size, title);
  std::vector<double> heights = histogram.counts;
  heights.insert(heights.end(), histogram.deconvolved.y.begin(), histogram.deconvolved.y.end());
  const std::vector<double> none{0.0, 5.0};
  const std::vector<double>& edges = histogram.edges.size() > 1 ? histogram.edges : none;
  const double most = heights.empty() ? 0 : *std::max_element(heights.begin(), heights.end());
  Axis x{edges.front(), std::max(edges.back(), largest_shown), "diameter (" + histogram.unit + ")"};
  Axis y{0, most > 0 ? 1.12 * most : 1, "particles"};
  {
    Plot plot(svg, plot_box(size), x, y, true, 5, most < 2 ? 1 : most < 4 ? 2 : 4);
    for (std::size_t i = 0; i + 1 < histogram.edges.size() && i < histogram.counts.size(); ++i)
      if (histogram.counts[i] > 0)
        plot.bar(histogram.edges[i], histogram.edges[i + 1], histogram.counts[i], ink::data_soft);
    plot.curve(histogram.deconvolved.x, histogram.deconvolved.y, ink::model);
    const auto limit = [&](const std::optional<double>& d, std::string_view label, Anchor side) {
      if (d && *d >= x.low && *d <= x.high) plot.guide_x(*d, label, side);
    };
    limit(histogram.d50, "d_{50}", Anchor::end);
    limit(histogram.d90, "d_{90}", Anchor::start);
  }
  if (!(most > 0)) svg.text(0.62 * size.width, size.height / 2 - 8, "no particle seen", Anchor::middle, 11);
  return svg.finish();
}

std::string inventory_svg(std::span<const HoldInventory> holds, const EntropyFit* fit, FigureSize size) {
  Svg svg(size, "Metal atoms in particles per support site against temperature");
  std::vector<double> temperatures, values;
  bool limits = false;
  const auto add = [&values](const std::optional<double>& value) {
    if (value && *value > 0) values.push_back(*value);
  };
  for (const HoldInventory& hold : holds) {
    if (!hold.temperature_K) continue;
    temperatures.push_back(celsius_from_kelvin(*hold.temperature_K));
    if (hold.c_np && *hold.c_np > 0)
      add(*hold.c_np + hold.c_np_se.value_or(0));
    else
      add(hold.c_np_upper95), limits = true;
  }
  if (fit != nullptr) {
    add(fit->c_ad.estimate);
    for (const HoldVerdict& verdict : fit->holds) add(1.1 * verdict.c_star);  // room for its label
  }
  {
    Plot plot(svg, plot_box(size), axis_around(temperatures, "temperature (°C)", false),
              inventory_axis(values, limits));
    if (fit != nullptr) draw_prediction(plot, *fit);
    // Holds of one temperature stand side by side, around the c* of that temperature.
    std::map<long, int> drawn;
    for (const HoldInventory& hold : holds) {
      if (!hold.temperature_K) continue;
      const int k = drawn[std::lround(*hold.temperature_K)]++;
      const double steps = (k / 2 + 1) * (k % 2 == 0 ? 1 : -1);
      const double step =
          std::min(0.018, 0.1 / static_cast<double>(holds.size())) * (plot.x_axis().high - plot.x_axis().low);
      draw_inventory(plot, hold, celsius_from_kelvin(*hold.temperature_K) + steps * step, 0);
    }
  }
  return svg.finish();
}

std::string completeness_svg(const CompletenessCurve& curve, std::optional<double> pixel_size_nm,
                             FigureSize size) {
  Svg svg(size, "Share of artificial particles that the detector finds, against their diameter");
  const double scale = pixel_size_nm.value_or(1.0);
  double largest = 3 * std::max(curve.d50_px, 1.0);
  for (const InjectionCount& count : curve.counts) largest = std::max(largest, count.diameter_px);
  {
    Plot plot(svg, plot_box(size),
              {0, 1.05 * largest * scale, pixel_size_nm ? "diameter (nm)" : "diameter (px)"},
              {0, 1.08, "share found"});
    std::vector<double> xs, ys;
    for (int i = 0; i <= 200; ++i) {
      const double d = 1.05 * largest * i / 200.0;
      xs.push_back(d * scale);
      ys.push_back(curve.probability(d));
    }
    plot.curve(xs, ys, ink::model);
    for (const InjectionCount& count : curve.counts)
      if (count.injected > 0)
        plot.point(count.diameter_px * scale, static_cast<double>(count.found) / count.injected, true, 0);
    plot.guide_x(curve.d50_px * scale, "d_{50}");
  }
  return svg.finish();
}

}  // namespace sinterscope
