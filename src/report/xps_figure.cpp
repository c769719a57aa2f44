// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/xps_figure.h"

#include <algorithm>
#include <cmath>

#include "chart.h"
#include "legend.h"
#include "sinterscope/core/error.h"
#include "text.h"

namespace sinterscope {
namespace {

std::vector<double> sum(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result(a.size());
  std::transform(a.begin(), a.end(), b.begin(), result.begin(), [](double x, double y) { return x + y; });
  return result;
}

void draw_residuals(Svg& svg, const XpsCurves& curves, const Box& box, const Axis& energy) {
  std::vector<double> residuals;
  double largest = 3.0;
  for (std::size_t i = 0; i < curves.counts.size(); ++i) {
    residuals.push_back((curves.counts[i] - curves.fit[i]) / std::sqrt(std::max(curves.fit[i], 1.0)));
    largest = std::max(largest, std::abs(residuals.back()));
  }
  Plot plot(svg, box, energy, {-1.1 * largest, 1.1 * largest, "residual (s.d.)"}, true, 5, 3);
  plot.guide_y(0.0, ink::axis);
  for (std::size_t i = 0; i < residuals.size(); ++i) plot.dot(curves.binding_energy_eV[i], residuals[i], 0);
}

}  // namespace

std::string xps_spectrum_svg(const XpsSpectrumFit& spectrum, FigureSize size) {
  const XpsCurves& curves = spectrum.curves;
  if (curves.binding_energy_eV.size() < 2) throw Error("figure of a spectrum: needs two channels at least");
  Svg svg(size, "Spectrum " + spectrum.name + " with its fit");
  const double top = *std::max_element(curves.counts.begin(), curves.counts.end());
  Axis energy{curves.binding_energy_eV.front(), curves.binding_energy_eV.back(), "binding energy (eV)"};
  const double upper_height = 0.68 * (size.height - 66);
  const Box upper{62, 24, size.width - 74, upper_height};
  {
    Axis shared = energy;
    shared.label.clear();
    Plot plot(svg, upper, shared, {0.0, std::max(1.25 * top, 1.0), "counts"}, false);
    for (std::size_t i = 0; i < curves.counts.size(); ++i)
      plot.dot(curves.binding_energy_eV[i], curves.counts[i], 0);
    plot.curve(curves.binding_energy_eV, curves.background, ink::guide);
    plot.curve(curves.binding_energy_eV, sum(curves.background, curves.particle), stroke_look(3));
    plot.curve(curves.binding_energy_eV, sum(curves.background, curves.interfacial), stroke_look(2));
    plot.curve(curves.binding_energy_eV, curves.fit, ink::model);
  }
  svg.text(upper.x, 14, spectrum.name + ", " + temperature_text(spectrum.temperature_K), Anchor::start, 10);
  draw_legend(svg,
              {{"fit", std::string(ink::model)},
               {"particles", stroke_look(3)},
               {"interfacial", stroke_look(2)},
               {"background", std::string(ink::guide)}},
              upper.x + upper.width - 92, upper.y + 12);
  draw_residuals(svg, curves,
                 {upper.x, upper.y + upper_height + 8, upper.width, 0.32 * (size.height - 66) - 8}, energy);
  return svg.finish();
}

std::string xps_fractions_svg(const XpsFit& fit, FigureSize size) {
  if (fit.spectra.empty()) throw Error("figure of fractions: there is no spectrum");
  Svg svg(size, "Interfacial fraction of every spectrum");
  const double last = static_cast<double>(fit.spectra.size());
  const Box box{56, 12, size.width - 68, size.height - 54};
  std::vector<double> places;
  {
    Plot plot(svg, box, {0.5, last + 0.5, "spectrum, in the order measured"},
              {0.0, 1.0, "interfacial fraction"}, false);
    for (std::size_t i = 0; i < fit.spectra.size(); ++i) {
      const XpsSpectrumFit& spectrum = fit.spectra[i];
      const double x = static_cast<double>(i) + 1.0;
      const Interval& set = spectrum.fraction.interval95;
      plot.error_y(x, set.low.value_or(0.0), set.high.value_or(1.0), 0);
      if (spectrum.fraction.estimate) plot.point(x, *spectrum.fraction.estimate, true, 0);
      places.push_back(plot.x(x));
    }
  }
  for (std::size_t i = 0; i < places.size(); ++i)
    svg.text(places[i], box.y + box.height + 14, temperature_text(fit.spectra[i].temperature_K),
             Anchor::middle, 9);
  return svg.finish();
}

}  // namespace sinterscope
