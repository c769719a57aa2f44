// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "sinterscope/core/units.h"
#include "sinterscope/inference/model_comparison.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/run.h"

namespace sinterscope {
namespace {

std::string rounded(const Table& table, std::size_t row, const char* column, const char* format) {
  const auto value = table.number(row, column);
  return value ? fmt::format(fmt::runtime(format), *value) : "-";
}

std::string holds_text(const Table& holds) {
  std::string text =
      fmt::format("{:<10} {:>4} {:>7} {:>6} {:>9} {:>15} {:>9} {:>17} {:>10}\n", "region", "hold", "T/C",
                  "frames", "per frame", "diameter/nm", "coverage", "c_np", "< (95 %)");
  for (std::size_t i = 0; i < holds.size(); ++i) {
    std::string diameter = rounded(holds, i, "diameter_mean_nm", "{:.3f}");
    if (holds.number(i, "diameter_mean_se_nm"))
      diameter += " +- " + rounded(holds, i, "diameter_mean_se_nm", "{:.3f}");
    std::string c_np = rounded(holds, i, "c_np", "{:.2e}");
    if (holds.number(i, "c_np_se")) c_np += " +- " + rounded(holds, i, "c_np_se", "{:.0e}");
    text += fmt::format(
        "{:<10} {:>4} {:>7} {:>6} {:>9} {:>15} {:>9} {:>17} {:>10}\n", holds.text(i, "region"),
        holds.text(i, "hold"), rounded(holds, i, "temperature_c", "{:.6g}"), holds.text(i, "frames"),
        rounded(holds, i, "particles_per_frame", "{:.1f}"), diameter, rounded(holds, i, "coverage", "{:.4f}"),
        c_np, rounded(holds, i, "c_np_upper95", "{:.1e}"));
  }
  return text;
}

std::string end_text(const nlohmann::json& end) {
  return end.is_number() ? fmt::format("{:.4g}", end.get<double>()) : "open";
}

std::string estimate_text(const nlohmann::json& fit, const char* key, const char* label, const char* unit) {
  const nlohmann::json& quantity = fit.at(key);
  if (!quantity.is_object()) return "";
  const std::string value = quantity["estimate"].is_number()
                                ? fmt::format("{:.4g} {}", quantity["estimate"].get<double>(), unit)
                                : "not determined";
  return fmt::format("{:<24} {:<16} 95 %: {} to {}\n", label, value, end_text(quantity["interval95"][0]),
                     end_text(quantity["interval95"][1]));
}

std::string concentration_text(const nlohmann::json& c) {
  return c.is_number() ? fmt::format("{:.2e}", c.get<double>()) : "open";
}

/// Whether the holds may be told beside what the entropy model foretells: not where it is refuted, nor where
/// no particle was ever seen and nothing could have followed it.
bool worth_foretelling(const nlohmann::json& fit) {
  bool seen = false;
  for (const nlohmann::json& hold : fit.at("holds")) seen = seen || hold["observed"] == "particles";
  ModelComparison models;
  models.not_excluded = fit.value("not_excluded", std::vector<std::string>{});
  return seen && entropy_standing(models) != EntropyStanding::refuted;
}

std::string verdicts_text(const nlohmann::json& fit) {
  std::string text;
  const bool foretell = worth_foretelling(fit);
  for (const nlohmann::json& hold : fit.at("holds")) {
    text += fmt::format("  {:<10} hold {:<3} {:>6.0f} K  ", hold["region"].get<std::string>(),
                        hold["hold"].get<int>(), hold["temperature_k"].get<double>());
    text += foretell ? fmt::format("c* {:<8}  observed {:<10} predicted {:<10} {}\n",
                                   concentration_text(hold["c_star"]), hold["observed"].get<std::string>(),
                                   hold["predicted"].get<std::string>(),
                                   hold["agrees"].get<bool>() ? "agrees" : "DISAGREES")
                     : fmt::format("observed {}\n", hold["observed"].get<std::string>());
  }
  return text;
}

}  // namespace

std::string describe_fit(const std::filesystem::path& fit_file) {
  const nlohmann::json fit = read_json_file(fit_file);
  std::string text = estimate_text(fit, "dh_ev", "dh", "eV");
  text += estimate_text(fit, "c_ad", "c_ad", "per site");
  text += estimate_text(fit, "redispersion_temperature_k", "redispersion temperature", "K");
  text += verdicts_text(fit);
  if (fit.contains("preferred") && fit["lead"].is_number())
    text += fmt::format("preferred model: {} (lead {:.1f})\n", fit["preferred"].get<std::string>(),
                        fit["lead"].get<double>());
  if (fit.contains("next_temperature_k") && fit["next_temperature_k"].is_number())
    text += fmt::format("a hold at {:.0f} C would narrow dh most: to {:.0f} % of its present s.d.\n",
                        celsius_from_kelvin(fit["next_temperature_k"].get<double>()),
                        100.0 * fit["next_dh_sd_ratio"].get<double>());
  for (const nlohmann::json& message : fit.at("messages"))
    text += fmt::format("note: {}\n", message["text"].get<std::string>());
  return text;
}

std::string describe_results(const std::filesystem::path& out) {
  return holds_text(read_csv(out / "holds.csv")) + "\n" + describe_fit(out / "fit.json") +
         fmt::format("report: {}\n", (out / "report.html").string());
}

}  // namespace sinterscope
