// SPDX-License-Identifier: GPL-3.0-or-later
// The temperature programme and what was seen, panel under panel on one time axis.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <set>
#include <tuple>

#include "chart.h"
#include "sinterscope/core/units.h"
#include "sinterscope/report/figure.h"
#include "text.h"

namespace sinterscope {
namespace {

struct TimeScale {
  double seconds;
  std::string unit;
};

TimeScale time_scale(double span_s) {
  if (span_s > 3 * 3600) return {3600, "h"};
  if (span_s > 300) return {60, "min"};
  return {1, "s"};
}

/// What one panel shows of a hold: a value, its error, or only an upper limit.
struct PanelValue {
  std::optional<double> value, error, upper_limit;
};

struct Panel {
  std::string label;
  bool from_zero;
  std::function<PanelValue(const HoldInventory&)> of;
};

std::size_t region_series(const ThermalHistory& history, const std::string& region) {
  const auto at = std::find(history.regions.begin(), history.regions.end(), region);
  return at == history.regions.end() ? 0 : static_cast<std::size_t>(at - history.regions.begin());
}

/// A value of one frame.
struct Dot {
  double time, value;
  std::size_t series;
};

Axis panel_axis(const Panel& panel, std::span<const HoldInventory> holds, const std::vector<Dot>& dots) {
  std::vector<double> values;
  bool limits = false;
  for (const Dot& dot : dots) values.push_back(dot.value);
  for (const HoldInventory& hold : holds) {
    const PanelValue v = panel.of(hold);
    if (v.value)
      values.insert(values.end(), {*v.value + v.error.value_or(0), *v.value - v.error.value_or(0)});
    if (v.upper_limit) values.push_back(*v.upper_limit), limits = true;
  }
  Axis axis = axis_around(values, panel.label, panel.from_zero);
  // Zero should not hide on the frame, and a limit close to zero needs room for its arrow.
  if (panel.from_zero) axis.low -= (limits ? 0.14 : 0.05) * (axis.high - axis.low);
  return axis;
}

/// Where a hold is drawn: at least wide enough to be seen in a long programme, regions beside each other.
struct Span {
  double from, to;
};

Span drawn_span(const Plot& plot, double from, double to, std::size_t series, std::size_t regions) {
  const double per_px = (plot.x_axis().high - plot.x_axis().low) / plot.box().width;
  const double half = std::max(0.5 * (to - from), 5 * per_px);
  const double shift = 4 * per_px * (static_cast<double>(series) - 0.5 * static_cast<double>(regions - 1));
  return {0.5 * (from + to) - half + shift, 0.5 * (from + to) + half + shift};
}

void draw_hold(Plot& plot, Span span, const PanelValue& v, std::size_t series) {
  const double middle = 0.5 * (span.from + span.to);
  if (v.value) {
    const std::array<double, 2> xs{span.from, span.to}, ys{*v.value, *v.value};
    plot.curve(xs, ys, stroke_look(series));
    if (v.error) plot.error_y(middle, *v.value - *v.error, *v.value + *v.error, series);
  }
  if (v.upper_limit) plot.upper_limit(middle, *v.upper_limit, series);
}

/// Dots that would lie on each other once: those of many thousand frames would slow whoever reads the figure.
void draw_dots(Plot& plot, const std::vector<Dot>& dots) {
  std::set<std::tuple<std::size_t, long, long>> drawn;
  for (const Dot& dot : dots)
    if (drawn.emplace(dot.series, std::lround(2 * plot.x(dot.time)), std::lround(2 * plot.y(dot.value)))
            .second)
      plot.dot(dot.time, dot.value, dot.series);
}

void draw_panel(Svg& svg, Box box, const Panel& panel, const Axis& time, const TimeScale& scale,
                const ThermalHistory& history, std::span<const HoldInventory> holds,
                const std::vector<Dot>& dots, bool last) {
  bool any = !dots.empty();
  {
    Plot plot(svg, box, time, panel_axis(panel, holds, dots), last, 6, 3);
    draw_dots(plot, dots);
    for (const HoldInventory& hold : holds) {
      const PanelValue v = panel.of(hold);
      any = any || v.value || v.upper_limit;
      const std::size_t series = region_series(history, hold.region);
      draw_hold(plot,
                drawn_span(plot, hold.start_s / scale.seconds, hold.end_s / scale.seconds, series,
                           std::max<std::size_t>(1, history.regions.size())),
                v, series);
    }
  }
  if (!any) svg.text(box.x + box.width / 2, box.y + box.height / 2 + 4, "not measured", Anchor::middle);
}

/// Dashed lines from the end of a hold to the beginning of the next: how it went between them is not known.
void draw_changes(Plot& plot, const ThermalHistory& history, const TimeScale& scale) {
  for (std::size_t i = 1; i < history.holds.size(); ++i) {
    const Hold &before = history.holds[i - 1], &after = history.holds[i];
    if (before.region != after.region || !before.temperature_K || !after.temperature_K) continue;
    const std::array<double, 2> xs{before.end_s / scale.seconds, after.start_s / scale.seconds};
    const std::array<double, 2> ys{celsius_from_kelvin(*before.temperature_K),
                                   celsius_from_kelvin(*after.temperature_K)};
    plot.curve(xs, ys, ink::guide);
  }
}

void draw_temperature(Svg& svg, Box box, const Axis& time, const TimeScale& scale,
                      const ThermalHistory& history) {
  std::vector<double> celsius;
  for (const Hold& hold : history.holds)
    if (hold.temperature_K) celsius.push_back(celsius_from_kelvin(*hold.temperature_K));
  Plot plot(svg, box, time, axis_around(celsius, "T (°C)", false), false, 6, 3);
  draw_changes(plot, history, scale);
  for (const Hold& hold : history.holds) {
    if (!hold.temperature_K) continue;
    const double t = celsius_from_kelvin(*hold.temperature_K);
    const Span span = drawn_span(plot, hold.start_s / scale.seconds, hold.end_s / scale.seconds, 0, 1);
    const std::array<double, 2> xs{span.from, span.to}, ys{t, t};
    plot.curve(xs, ys, ink::heat);
  }
}

/// The names of the regions in their colours, above the panels.
void draw_legend(Svg& svg, const ThermalHistory& history) {
  double x = 66;
  for (std::size_t i = 0; i < history.regions.size(); ++i) {
    svg.line(x, 10, x + 16, 10, stroke_look(i));
    svg.text(x + 20, 13, history.regions[i], Anchor::start, 9);
    x += 36 + 6.0 * static_cast<double>(history.regions[i].size());  // about the width of the name
  }
}

const std::vector<Panel>& panels() {
  static const std::vector<Panel> all{{"particles / frame", true,
                                       [](const HoldInventory& h) {
                                         return PanelValue{h.particles_per_frame, {}, {}};
                                       }},
                                      {"mean d (nm)", false,
                                       [](const HoldInventory& h) {
                                         return PanelValue{h.diameter_mean_nm, h.diameter_mean_se_nm, {}};
                                       }},
                                      {"coverage", true,
                                       [](const HoldInventory& h) {
                                         return PanelValue{h.coverage, {}, {}};
                                       }},
                                      {"c_{np} per site", true, [](const HoldInventory& h) {
                                         if (h.c_np && *h.c_np > 0) return PanelValue{h.c_np, h.c_np_se, {}};
                                         return PanelValue{{}, {}, h.c_np_upper95};
                                       }}};
  return all;
}

}  // namespace

std::string programme_svg(const ThermalHistory& history, std::span<const HoldInventory> holds,
                          std::span<const int> particles_per_frame, FigureSize size) {
  Svg svg(size,
          "Temperature programme with particles per frame, mean diameter, coverage and atoms in particles");
  std::vector<double> ends;
  for (const Hold& hold : history.holds) ends.insert(ends.end(), {hold.start_s, hold.end_s});
  if (ends.empty()) ends = {0, 1};
  const auto [first, last] = std::minmax_element(ends.begin(), ends.end());
  const TimeScale scale = time_scale(*last - *first);
  for (double& end : ends) end /= scale.seconds;
  const Axis time = axis_around(ends, "time (" + scale.unit + ")", false);

  const bool legend = history.regions.size() > 1;
  const double top = legend ? 22 : 12, gap = 12;
  const double panel_height = (size.height - 42 - top) / static_cast<double>(panels().size() + 1);
  const auto box = [&](std::size_t i) {
    return Box{66, top + panel_height * static_cast<double>(i), size.width - 80, panel_height - gap};
  };
  if (legend) draw_legend(svg, history);
  draw_temperature(svg, box(0), time, scale, history);
  std::vector<Dot> counts;
  for (std::size_t i = 0; i < std::min(particles_per_frame.size(), history.frames.size()); ++i)
    counts.push_back({history.frames[i].time_s / scale.seconds, static_cast<double>(particles_per_frame[i]),
                      static_cast<std::size_t>(history.frames[i].region)});
  for (std::size_t i = 0; i < panels().size(); ++i)
    draw_panel(svg, box(i + 1), panels()[i], time, scale, history, holds,
               i == 0 ? counts : std::vector<Dot>{}, i + 1 == panels().size());
  return svg.finish();
}

}  // namespace sinterscope
