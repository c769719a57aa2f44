// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "html_table.h"
#include "page.h"
#include "text.h"

namespace sinterscope {
namespace {

std::string figure_html(const std::string& id, const std::string& svg, const std::string& caption) {
  return fmt::format("<figure id=\"{}\" class=\"chart\">{}<figcaption>{}</figcaption></figure>\n", escape(id),
                     svg, escape(caption));
}

}  // namespace

std::string programme_html(const ReportData& data) {
  if (data.history.holds.empty()) return absent_html("There is no hold.");
  std::string caption =
      "Temperature and what was seen, hold by hold. Bars with an arrow are upper limits (95 %): nothing was "
      "seen there.";
  if (data.history.regions.size() > 1) {
    caption += " Colours: ";
    for (std::size_t i = 0; i < data.history.regions.size(); ++i)
      caption += (i > 0 ? ", " : "") + data.history.regions[i];
    caption += ".";
  }
  return figure_html("programme-figure", programme_svg(data.history, data.holds), caption);
}

std::string histograms_html(const ReportData& data) {
  if (data.histograms.empty()) return absent_html("No sizes: no particle was measured.");
  std::string html = "<div class=\"small-multiples\">\n";
  for (std::size_t i = 0; i < data.histograms.size(); ++i) {
    const SizeHistogram& histogram = data.histograms[i];
    double total = 0;
    for (const double count : histogram.counts) total += count;
    html += figure_html(
        fmt::format("sizes-{}", i), size_histogram_svg(histogram, {300, 210}),
        fmt::format("{}: {} {}", hold_name(data, histogram.hold, histogram.region, histogram.temperature_K),
                    number(total, 6), total == 1 ? "particle" : "particles"));
  }
  html +=
      "</div>\n<p class=\"caption\">Bars: measured. Line: expected after removing sizing error and "
      "completeness, where it was determined. "
      "Dashed: diameters found with 50 % and 90 % probability.</p>\n";
  return html;
}

std::string fit_html(const ReportData& data) {
  const EntropyFit* fit = data.fit ? &*data.fit : nullptr;
  std::string html = "<div class=\"figures\">\n";
  if (fit != nullptr)
    html += figure_html("intervals", interval_svg(*fit),
                        "Fitted quantities. An arrow marks an end that the data leave open.");
  if (!data.holds.empty())
    html +=
        figure_html("inventory", inventory_svg(data.holds, fit),
                    fit != nullptr ? "Filled: atoms in particles. Open: c* of the fitted dh. Line and band: "
                                     "total c_ad. Where c* exceeds c_ad, nothing stays in particles."
                                   : "Atoms in particles per support site; arrows are upper limits (95 %).");
  if (data.phase_map)
    html += figure_html(
        "phase-map", phase_map_svg(*data.phase_map, fit),
        fit != nullptr
            ? "Critical concentration c*. Light band: 95 % interval of dh. Orange: c* = c_ad (dashed: its "
              "interval); to its right everything is dispersed. Filled: particles seen; open: none."
            : "Critical concentration c* over temperature and dh.");
  if (data.free_energy)
    html += figure_html("free-energy", free_energy_svg(*data.free_energy, fit),
                        fmt::format("Free energy of one particle over ad-atoms, facet of {} sites, dh = {} "
                                    "eV. Above zero the dispersed state is lower.",
                                    number(data.free_energy->sites, 6), number(data.free_energy->dh_eV)));
  if (fit != nullptr && fit->grid_dh_eV.size() > 1)
    html += figure_html("profile", profile_svg(*fit), "Filled: posterior of dh. Line: profile likelihood.");
  html += "</div>\n";
  if (fit != nullptr) {
    html +=
        "<p>" + escape(fmt::format("Goodness of fit: G² = {} at {} degrees of freedom, p = {}.",
                                   number(fit->goodness_g2), fit->goodness_dof, number(fit->goodness_p, 2)));
    if (fit->next_temperature_K)
      html +=
          " " + escape("A hold at " + temperature_text(fit->next_temperature_K) + " would narrow dh most.");
    html += "</p>\n";
  }
  if (fit != nullptr && !fit->sensitivity.empty()) {
    HtmlTable table("How far dh moves under another assumption", {"assumption", "shift of dh (eV)"});
    for (const Sensitivity& row : fit->sensitivity)
      table.row({row.assumption, fmt::format("{:+.3f}", row.shift_eV)});
    html += table.finish();
  }
  return html;
}

std::string completeness_html(const ReportData& data) {
  if (data.completeness.empty()) return absent_html("Completeness was not measured.");
  std::string html = "<div class=\"small-multiples\">\n";
  for (std::size_t i = 0; i < data.completeness.size(); ++i)
    html += figure_html(
        fmt::format("completeness-{}", i),
        completeness_svg(data.completeness[i].curve, data.calibration.pixel_size_nm(), {300, 210}),
        data.completeness[i].label);
  return html +
         "</div>\n<p class=\"caption\">Share of artificial particles that the detector found, and the fitted "
         "curve.</p>\n";
}

}  // namespace sinterscope
