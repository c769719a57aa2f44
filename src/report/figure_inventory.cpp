// SPDX-License-Identifier: GPL-3.0-or-later
// The figure of the whole answer: what stands in particles, what there is, and what can be dispersed, over
// temperature.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "chart.h"
#include "legend.h"
#include "sinterscope/core/units.h"
#include "sinterscope/report/figure.h"
#include "sinterscope/theory/entropy_model.h"
#include "text.h"

namespace sinterscope {
namespace {

constexpr std::string_view star_look = R"(class="s5" stroke="#4d4d4d" stroke-width="1.6" fill="none")";
constexpr std::string_view star_end_look =
    R"(class="s5" stroke="#4d4d4d" stroke-width="1" stroke-dasharray="3 2" fill="none")";
constexpr std::string_view star_soft =
    R"(class="star-soft" stroke="none" fill="#4d4d4d" fill-opacity="0.14")";
constexpr std::string_view seen_look =
    R"(class="s0 filled" stroke="#0b5fa5" stroke-width="1.4" fill="#0b5fa5")";

/// What can be dispersed: c*(T) at one dh.
Curve star_curve(const Axis& celsius, double dh_eV, const EntropyFit& fit) {
  constexpr int steps = 80;
  Curve curve;
  for (int i = 0; i <= steps; ++i) {
    const double t = celsius.low + (celsius.high - celsius.low) * i / steps;
    const double kelvin = kelvin_from_celsius(t);
    if (kelvin < 1.0) continue;
    curve.x.push_back(t);
    curve.y.push_back(critical_concentration(dh_eV, kelvin, fit.options.entropy_per_atom));
  }
  return curve;
}

/// The line of the estimate within the band of its interval; an open end has no line of its own.
void draw_star(Plot& plot, const EntropyFit& fit) {
  const Axis& t = plot.x_axis();
  const auto& [low, high] = fit.dh_eV.interval95;
  if (!low && !high) return;
  const Curve below = low ? star_curve(t, *low, fit) : Curve{"", {t.low, t.high}, {0.0, 0.0}};
  const double top = plot.y_axis().high;
  const Curve above = high ? star_curve(t, *high, fit) : Curve{"", {t.low, t.high}, {top, top}};
  plot.band(below, above, star_soft);
  if (low) plot.curve(below.x, below.y, star_end_look);
  if (high) plot.curve(above.x, above.y, star_end_look);
  if (!fit.dh_eV.estimate) return;
  const Curve star = star_curve(t, *fit.dh_eV.estimate, fit);
  plot.curve(star.x, star.y, star_look);
}

/// All there is: a line within its band.
void draw_total(Plot& plot, const Estimate& c_ad) {
  const auto& [low, high] = c_ad.interval95;
  if (low || high) plot.band_y(low.value_or(0.0), high.value_or(plot.y_axis().high), ink::model_soft);
  if (c_ad.estimate) plot.guide_y(*c_ad.estimate, ink::model);
}

/// c_np with its error bar, or the upper limit where nothing was seen.
void draw_inventory(Plot& plot, const HoldInventory& hold, double x) {
  const bool seen = hold.c_np && *hold.c_np > 0;
  if (seen) {
    if (hold.c_np_se)
      plot.error_y(x, std::max(0.0, *hold.c_np - *hold.c_np_se), *hold.c_np + *hold.c_np_se, 0);
    plot.point(x, *hold.c_np, true, 0);
  } else if (hold.c_np_upper95) {
    plot.upper_limit(x, *hold.c_np_upper95, 0);
  }
}

/// Holds of one temperature stand side by side.
void draw_inventories(Plot& plot, std::span<const HoldInventory> holds) {
  std::map<long, int> drawn;
  for (const HoldInventory& hold : holds) {
    if (!hold.temperature_K) continue;
    const int k = drawn[std::lround(*hold.temperature_K)]++;
    const double steps = (k + 1) / 2 * (k % 2 == 0 ? 1 : -1);
    const double step =
        std::min(0.018, 0.1 / static_cast<double>(holds.size())) * (plot.x_axis().high - plot.x_axis().low);
    draw_inventory(plot, hold, celsius_from_kelvin(*hold.temperature_K) + steps * step);
  }
}

/// From zero, with room for the arrow under a limit close to zero.
Axis amount_axis(std::span<const HoldInventory> holds, const EntropyFit* fit) {
  std::vector<double> values;
  bool limits = false;
  const auto add = [&values](const std::optional<double>& value) {
    if (value && *value > 0) values.push_back(*value);
  };
  for (const HoldInventory& hold : holds) {
    if (!hold.temperature_K) continue;
    if (hold.c_np && *hold.c_np > 0)
      add(*hold.c_np + hold.c_np_se.value_or(0));
    else
      add(hold.c_np_upper95), limits = true;
  }
  if (fit != nullptr) {
    add(fit->c_ad.estimate);
    if (fit->dh_eV.estimate)
      for (const HoldVerdict& verdict : fit->holds) add(verdict.c_star);
  }
  Axis axis = axis_around(values, "metal atoms per support site", true);
  if (limits) axis.low -= 0.09 * (axis.high - axis.low);
  return axis;
}

std::vector<LegendEntry> legend_of(const EntropyFit* fit) {
  if (fit == nullptr) return {};
  std::vector<LegendEntry> entries{{"particles", std::string(seen_look), true}};
  const auto& [low, high] = fit->dh_eV.interval95;
  const auto dh = [](double value) { return fmt::format("dh = {:.3f} eV", value); };
  if (fit->c_ad.estimate) entries.push_back({"all: c_{ad}", std::string(ink::model)});
  if (fit->dh_eV.estimate)
    entries.push_back({"c*, " + dh(*fit->dh_eV.estimate), std::string(star_look)});
  else if (high)
    entries.push_back({"c* < that of " + dh(*high), std::string(star_end_look)});
  else if (low)
    entries.push_back({"c* > that of " + dh(*low), std::string(star_end_look)});
  return entries;
}

}  // namespace

std::string inventory_svg(std::span<const HoldInventory> holds, const EntropyFit* fit, FigureSize size) {
  Svg svg(size, "Metal atoms in particles per support site against temperature, beside c* and the total");
  std::vector<double> temperatures;
  for (const HoldInventory& hold : holds)
    if (hold.temperature_K) temperatures.push_back(celsius_from_kelvin(*hold.temperature_K));
  const Box box{62, 26, size.width - 74, size.height - 68};
  {
    Plot plot(svg, box, axis_around(temperatures, "temperature (°C)", false), amount_axis(holds, fit));
    if (fit != nullptr) {
      draw_star(plot, *fit);
      draw_total(plot, fit->c_ad);
    }
    draw_inventories(plot, holds);
  }
  draw_legend_row(svg, legend_of(fit), 4, 12);
  return svg.finish();
}

}  // namespace sinterscope
