// SPDX-License-Identifier: GPL-3.0-or-later
#include "xps_outputs.h"

#include <fmt/format.h>

#include <cmath>

#include "sinterscope/core/units.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/report/xps_figure.h"

namespace sinterscope {
namespace {

nlohmann::json json_of(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json json_of(const Interval& interval) { return {json_of(interval.low), json_of(interval.high)}; }

nlohmann::json json_of(const Estimate& estimate) {
  return {{"estimate", json_of(estimate.estimate)},
          {"interval68", json_of(estimate.interval68)},
          {"interval95", json_of(estimate.interval95)},
          {"bounded", estimate.bounded}};
}

nlohmann::json json_of(const FittedValue& value) { return {{"value", value.value}, {"se", value.se}}; }

std::optional<double> celsius(const std::optional<double>& kelvin) {
  return kelvin ? std::optional(std::round(celsius_from_kelvin(*kelvin) * 1e6) / 1e6) : std::nullopt;
}

nlohmann::json json_of(const XpsSpectrumFit& spectrum, double dispersion) {
  return {{"name", spectrum.name},
          {"temperature_k", json_of(spectrum.temperature_K)},
          {"interfacial_fraction", json_of(spectrum.fraction)},
          {"interfacial_fraction_se", spectrum.fraction_se * std::sqrt(dispersion)},
          {"line_counts", json_of(spectrum.line_counts)},
          {"shirley_rise_per_ev", json_of(spectrum.shirley_rise)},
          {"loss_slope_per_ev2", json_of(spectrum.loss_slope)},
          {"shift_ev", spectrum.shift_eV},
          {"deviance", spectrum.deviance},
          {"channels", spectrum.channels}};
}

Table fractions_table(const XpsFit& fit) {
  Table table({"spectrum", "temperature_c", "interfacial_fraction", "interfacial_low68", "interfacial_high68",
               "interfacial_low95", "interfacial_high95", "line_counts", "deviance", "channels"});
  for (const XpsSpectrumFit& spectrum : fit.spectra) {
    const Estimate& f = spectrum.fraction;
    table.add_row({spectrum.name, cell(celsius(spectrum.temperature_K)), cell(f.estimate),
                   cell(f.interval68.low), cell(f.interval68.high), cell(f.interval95.low),
                   cell(f.interval95.high), spectrum.line_counts.value, spectrum.deviance,
                   static_cast<std::int64_t>(spectrum.channels)});
  }
  return table;
}

Table curves_table(const XpsFit& fit) {
  Table table({"spectrum", "temperature_c", "binding_energy_ev", "counts", "fit", "background", "particles",
               "interfacial"});
  for (const XpsSpectrumFit& spectrum : fit.spectra) {
    const XpsCurves& curves = spectrum.curves;
    for (std::size_t i = 0; i < curves.counts.size(); ++i)
      table.add_row({spectrum.name, cell(celsius(spectrum.temperature_K)), curves.binding_energy_eV[i],
                     curves.counts[i], curves.fit[i], curves.background[i], curves.particle[i],
                     curves.interfacial[i]});
  }
  return table;
}

std::string interval_text(const Interval& interval, const char* format) {
  return fmt::format(fmt::runtime(format), interval.low.value_or(0.0)) + " to " +
         fmt::format(fmt::runtime(format), interval.high.value_or(1.0));
}

}  // namespace

nlohmann::json xps_json(const XpsFit& fit) {
  nlohmann::json json;
  json["options"] = to_json(fit.options);
  json["lines"] = {{"particle_line_ev", json_of(fit.particle_line_eV)},
                   {"separation_ev", json_of(fit.separation_eV)},
                   {"splitting_ev", json_of(fit.splitting_eV)},
                   {"area_ratio", json_of(fit.area_ratio)},
                   {"fwhm_ev", json_of(fit.fwhm_eV)},
                   {"lorentz", json_of(fit.lorentz)},
                   {"width_ratio", json_of(fit.width_ratio)}};
  json["spectra"] = nlohmann::json::array();
  for (const XpsSpectrumFit& spectrum : fit.spectra)
    json["spectra"].push_back(json_of(spectrum, fit.dispersion));
  json["changes"] = nlohmann::json::array();
  for (const XpsChange& change : fit.changes)
    json["changes"].push_back({{"from", fit.spectra[change.from].name},
                               {"to", fit.spectra[change.to].name},
                               {"change", json_of(change.change)}});
  json["goodness"] = {{"g2", fit.goodness_g2},
                      {"dof", fit.goodness_dof},
                      {"p", fit.goodness_p},
                      {"dispersion", fit.dispersion},
                      {"converged", fit.converged}};
  json["messages"] = nlohmann::json::array();
  for (const FitMessage& message : fit.messages)
    json["messages"].push_back({{"code", message.code}, {"text", message.text}});
  return json;
}

void write_xps_tables(const XpsFit& fit, const std::filesystem::path& folder) {
  write_csv(
      folder / "xps_fractions.csv", fractions_table(fit),
      {"interfacial share of the metal seen by photoelectrons; likelihood-ratio intervals of the profile"});
  write_csv(folder / "xps_curves.csv", curves_table(fit),
            {"counts per channel; fit = background + particles + interfacial"});
  write_file(folder / "xps_fractions.svg", xps_fractions_svg(fit));
  for (std::size_t i = 0; i < fit.spectra.size(); ++i)
    write_file(folder / fmt::format("xps_spectrum_{}.svg", i), xps_spectrum_svg(fit.spectra[i]));
}

std::string describe_xps(const XpsFit& fit) {
  std::string text =
      fmt::format("{:<24} {:>7} {:>12} {:>18} {:>18}\n", "spectrum", "T/C", "interfacial", "68 %", "95 %");
  for (const XpsSpectrumFit& spectrum : fit.spectra) {
    const auto temperature = celsius(spectrum.temperature_K);
    const auto& fraction = spectrum.fraction;
    text += fmt::format("{:<24} {:>7} {:>12} {:>18} {:>18}\n", spectrum.name,
                        temperature ? fmt::format("{:g}", *temperature) : "-",
                        fraction.estimate ? fmt::format("{:.3f}", *fraction.estimate) : "-",
                        interval_text(fraction.interval68, "{:.3f}"),
                        interval_text(fraction.interval95, "{:.3f}"));
  }
  for (const XpsChange& change : fit.changes)
    text +=
        fmt::format("{} -> {}: {} (95 %: {})\n", fit.spectra[change.from].name, fit.spectra[change.to].name,
                    change.change.estimate ? fmt::format("{:+.3f}", *change.change.estimate) : "-",
                    interval_text(change.change.interval95, "{:+.3f}"));
  text +=
      fmt::format("lines {:.2f} eV wide, {:.3f} +- {:.3f} eV apart; deviance {:.0f} for {} (p = {:.2g})\n",
                  fit.fwhm_eV.value, fit.separation_eV.value, fit.separation_eV.se, fit.goodness_g2,
                  fit.goodness_dof, fit.goodness_p);
  for (const FitMessage& message : fit.messages) text += fmt::format("note: {}\n", message.text);
  return text;
}

}  // namespace sinterscope
