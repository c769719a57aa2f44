// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/figure.h"

#include <algorithm>
#include <cmath>

#include "chart.h"
#include "text.h"

namespace sinterscope {
namespace {

Box plot_box(FigureSize size) { return {56, 12, size.width - 68, size.height - 54}; }

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
  double largest = std::max(edges.back(), largest_shown);
  for (const double d : histogram.deconvolved.x) largest = std::max(largest, d);
  Axis x{edges.front(), largest, "diameter (" + histogram.unit + ")"};
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
