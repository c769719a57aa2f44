// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "html_table.h"
#include "page.h"
#include "sinterscope/report/verdict.h"
#include "text.h"

namespace sinterscope {
namespace {

std::vector<NamedFigure> programme_figures(const ReportData& data) {
  // Single frames without temperature and inventory have nothing to draw over time.
  const bool over_time =
      std::any_of(data.history.holds.begin(), data.history.holds.end(),
                  [](const Hold& hold) { return hold.temperature_K || hold.frames.size() > 1; });
  if (!over_time && data.holds.empty()) return {};
  const char* caption =
      "Temperature and what was seen, hold by hold. A bar with an arrow is an upper limit (95 %): nothing "
      "was seen "
      "there.";
  return {{"programme", caption, programme_svg(data.history, data.holds, particles_per_frame(data))}};
}

NamedFigure inventory_figure(const ReportData& data, const EntropyFit* fit) {
  const char* caption = "Atoms in particles per support site; arrows are upper limits (95 %).";
  if (fit != nullptr)
    caption =
        "Points: atoms in particles; arrows are upper limits (95 %). Orange: all metal, c_ad. Grey: c* of "
        "the "
        "fitted dh, what can be dispersed. Bands: 95 %. Where c* lies above c_ad, nothing stays in "
        "particles.";
  return {"inventory", caption, inventory_svg(data.holds, fit)};
}

NamedFigure map_figure(const SolvusMap& map, const EntropyFit* fit) {
  const char* caption = "Critical concentration c* over temperature and dh.";
  if (fit != nullptr)
    caption =
        "Critical concentration c*. Light band: 95 % interval of dh. Orange: c* = c_ad (dashed: its "
        "interval); above "
        "and to the right everything is dispersed. Holds at the fitted dh: filled where particles were seen, "
        "open "
        "where none.";
  return {"phase-map", caption, phase_map_svg(map, fit)};
}

std::vector<NamedFigure> fit_figures(const ReportData& data) {
  const EntropyFit* fit = data.fit ? &*data.fit : nullptr;
  std::vector<NamedFigure> figures;
  if (fit != nullptr)
    figures.push_back({"intervals", "Fitted quantities. An arrow marks an end that the data leave open.",
                       interval_svg(*fit)});
  if (std::any_of(data.holds.begin(), data.holds.end(),
                  [](const HoldInventory& hold) { return hold.temperature_K; }))
    figures.push_back(inventory_figure(data, fit));
  if (data.phase_map) figures.push_back(map_figure(*data.phase_map, fit));
  if (data.free_energy) {
    const FreeEnergyCurves& curves = *data.free_energy;
    figures.push_back(
        {"free-energy",
         fmt::format("Free energy of one particle over ad-atoms on a facet of {} sites, dh = {} eV. "
                     "Above zero the dispersed state is lower; the maximum lies at c*.",
                     number(curves.sites, 6), number(curves.dh_eV)),
         free_energy_svg(curves, fit)});
  }
  if (fit != nullptr && fit->grid_dh_eV.size() > 1)
    figures.push_back({"profile", "Filled: posterior of dh. Line: profile likelihood.", profile_svg(*fit)});
  return figures;
}

std::vector<NamedFigure> size_figures(const ReportData& data) {
  std::vector<NamedFigure> figures;
  double largest = 0;
  for (const SizeHistogram& histogram : data.histograms)
    if (!histogram.edges.empty()) largest = std::max(largest, histogram.edges.back());
  for (const SizeHistogram& histogram : data.histograms) {
    double total = 0;
    for (const double count : histogram.counts) total += count;
    figures.push_back(
        {fmt::format("sizes-{}", figures.size()),
         fmt::format("{}: {} {}", hold_name(data, histogram.hold, histogram.region, histogram.temperature_K),
                     number(total, 6), total == 1 ? "particle" : "particles"),
         size_histogram_svg(histogram, {}, largest)});
  }
  return figures;
}

std::vector<NamedFigure> completeness_figures(const ReportData& data) {
  std::vector<NamedFigure> figures;
  for (const RegionCompleteness& region : data.completeness)
    figures.push_back({fmt::format("completeness-{}", figures.size()), region.label,
                       completeness_svg(region.curve, data.calibration.pixel_size_nm())});
  return figures;
}

std::string figures_html(const std::vector<NamedFigure>& figures, std::string_view class_name) {
  std::string html = fmt::format("<div class=\"{}\">\n", class_name);
  for (const NamedFigure& figure : figures)
    html += fmt::format("<figure id=\"figure-{}\" class=\"chart\">{}<figcaption>{}</figcaption></figure>\n",
                        figure.name, figure.svg, escape(figure.caption));
  return html + "</div>\n";
}

std::string goodness_html(const EntropyFit& fit) {
  std::string html =
      "<p>" + escape(fmt::format("Goodness of fit: G² = {}, degrees of freedom {}, p = {}.",
                                 number(fit.goodness_g2), fit.goodness_dof, number(fit.goodness_p, 2)));
  if (fit.branch_dof > 0)
    html += " " + escape(fmt::format(
                      "Holds of one temperature against each other: χ² = {}, degrees of freedom {}, p = {}.",
                      number(fit.branch_chi2), fit.branch_dof, number(fit.branch_p, 2)));
  if (fit.next_temperature_K)
    html += " " + escape("A hold at " + temperature_text(fit.next_temperature_K) + " would narrow dh most" +
                         (fit.next_dh_sd_ratio
                              ? fmt::format(": to {:.0f} % of its present s.d.", 100 * *fit.next_dh_sd_ratio)
                              : "."));
  return html + "</p>\n";
}

std::string regions_html(const EntropyFit& fit) {
  if (fit.regions.size() < 2) return "";
  HtmlTable table("Each region by itself", {"region", "c_ad (atoms / site)", "redispersion temperature"});
  for (const RegionEstimate& region : fit.regions)
    table.row({region.region, estimate_sentence("c_ad", "", region.c_ad),
               estimate_sentence("T", "K", region.redispersion_temperature_K)});
  return table.finish();
}

std::string sensitivity_html(const EntropyFit& fit) {
  if (fit.sensitivity.empty()) return "";
  HtmlTable table("How far dh moves under another assumption", {"assumption", "shift of dh (eV)"});
  for (const Sensitivity& row : fit.sensitivity)
    table.row({row.assumption, fmt::format("{:+.3f}", row.shift_eV)});
  return table.finish();
}

}  // namespace

std::vector<NamedFigure> report_figures(const ReportData& data) {
  std::vector<NamedFigure> all;
  for (auto part : {programme_figures, fit_figures, size_figures, completeness_figures})
    for (NamedFigure& figure : part(data)) all.push_back(std::move(figure));
  return all;
}

std::string programme_html(const ReportData& data) {
  const std::vector<NamedFigure> figures = programme_figures(data);
  return figures.empty() ? absent_html("Nothing to draw over time.") : figures_html(figures, "wide");
}

std::string histograms_html(const ReportData& data) {
  if (data.histograms.empty()) return absent_html("No sizes: no particle was measured.");
  return figures_html(size_figures(data), "small-multiples") +
         "<p class=\"caption\">Bars: measured. Line: expected after removing sizing error and completeness, "
         "where it was determined. Dashed: d50 and d90, the diameters found with 50 % and 90 % "
         "probability.</p>\n";
}

std::string fit_html(const ReportData& data) {
  const std::vector<NamedFigure> figures = fit_figures(data);
  std::string html = figures.empty() ? "" : figures_html(figures, "figures");
  if (data.fit) html += goodness_html(*data.fit) + regions_html(*data.fit) + sensitivity_html(*data.fit);
  return html;
}

std::string completeness_html(const ReportData& data) {
  if (data.completeness.empty()) return absent_html("Completeness was not measured.");
  return figures_html(completeness_figures(data), "small-multiples") +
         "<p class=\"caption\">Share of artificial particles that the detector found, and the fitted "
         "curve.</p>\n";
}

}  // namespace sinterscope
