// SPDX-License-Identifier: GPL-3.0-or-later
#include "batch_summary.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "sinterscope/core/error.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/report/summary_page.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> columns = {"experiment",
                                          "file",
                                          "state",
                                          "holds",
                                          "frames",
                                          "full_hold_c",
                                          "full_particles",
                                          "diameter_mean_nm",
                                          "diameter_mean_se_nm",
                                          "diameter_sd_nm",
                                          "full_coverage",
                                          "empty_hold_c",
                                          "empty_particles",
                                          "empty_coverage",
                                          "dh_ev",
                                          "dh_ev_low95",
                                          "dh_ev_high95",
                                          "c_ad",
                                          "c_ad_low95",
                                          "c_ad_high95",
                                          "preferred",
                                          "agree",
                                          "reason"};

/// A row under way: cells by the name of their column.
class Row {
 public:
  explicit Row(const Table& table) : table_(&table), cells_(table.columns().size()) {}
  Cell& operator[](const char* column) { return cells_[table_->column(column)]; }
  const std::vector<Cell>& cells() const { return cells_; }

 private:
  const Table* table_;
  std::vector<Cell> cells_;
};

void add_holds(const Table& holds, Row& row) {
  row["holds"] = static_cast<std::int64_t>(holds.size());
  std::optional<std::size_t> full, empty;
  double frames = 0.0;
  const auto particles = [&](std::size_t i) { return holds.number(i, "particles_per_frame").value_or(0.0); };
  for (std::size_t i = 0; i < holds.size(); ++i) {
    frames += holds.number(i, "frames").value_or(0.0);
    if (!full || particles(i) > particles(*full)) full = i;
    if (!empty || particles(i) < particles(*empty)) empty = i;
  }
  row["frames"] = static_cast<std::int64_t>(frames);
  const auto take = [&](const char* column, const std::optional<std::size_t>& hold, const char* from) {
    if (hold) row[column] = cell(holds.number(*hold, from));
  };
  take("full_hold_c", full, "temperature_c");
  take("full_particles", full, "particles_per_frame");
  for (const char* same : {"diameter_mean_nm", "diameter_mean_se_nm", "diameter_sd_nm"})
    take(same, full, same);
  take("full_coverage", full, "coverage");
  take("empty_hold_c", empty, "temperature_c");
  take("empty_particles", empty, "particles_per_frame");
  take("empty_coverage", empty, "coverage");
}

void add_estimate(const nlohmann::json& fit, const std::string& name, Row& row) {
  const nlohmann::json quantity = fit.value(name, nlohmann::json());
  const auto number = [](const nlohmann::json& value) {
    return value.is_number() ? Cell(value.get<double>()) : Cell();
  };
  if (!quantity.is_object()) return;
  row[name.c_str()] = number(quantity.at("estimate"));
  row[(name + "_low95").c_str()] = number(quantity.at("interval95").at(0));
  row[(name + "_high95").c_str()] = number(quantity.at("interval95").at(1));
}

void add_fit(const nlohmann::json& fit, Row& row) {
  add_estimate(fit, "dh_ev", row);
  add_estimate(fit, "c_ad", row);
  if (fit.contains("preferred") && fit["preferred"].is_string())
    row["preferred"] = fit["preferred"].get<std::string>();
  int holds = 0, agree = 0;
  for (const nlohmann::json& hold : fit.value("holds", nlohmann::json::array())) {
    ++holds;
    agree += hold.value("agrees", false) ? 1 : 0;
  }
  if (holds > 0) row["agree"] = fmt::format("{} of {}", agree, holds);
}

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

void add_results(const Experiment& experiment, const fs::path& folder, Row& row) {
  if (experiment.kind == ExperimentKind::kmc) {
    if (fs::exists(folder / "holds.csv"))
      row["holds"] = static_cast<std::int64_t>(read_csv(folder / "holds.csv").size());
    return;
  }
  add_holds(read_csv(folder / "holds.csv"), row);
  add_fit(read_json_file(folder / "fit.json"), row);
}

std::string as_text(const Table& table) {
  std::string text;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto rounded = [&](const char* column, int digits) {
      const auto value = table.number(i, column);
      return value ? fmt::format("{:.{}g}", *value, digits) : std::string("-");
    };
    text += fmt::format("{:<7} {:<28}", table.text(i, "state"), table.text(i, "experiment"));
    text += table.text(i, "state") == "done"
                ? fmt::format(" {:>4} nm  coverage {:<8} dh {:>7} eV [{}, {}]  c_ad {:<8} {} {}\n",
                              rounded("diameter_mean_nm", 3), rounded("full_coverage", 3),
                              rounded("dh_ev", 3), rounded("dh_ev_low95", 3), rounded("dh_ev_high95", 3),
                              rounded("c_ad", 3), table.text(i, "preferred"), table.text(i, "agree"))
                : fmt::format(" {}\n", table.text(i, "reason"));
  }
  return text;
}

}  // namespace

Table batch_table(const std::vector<Experiment>& experiments, const fs::path& out) {
  Table table(columns);
  for (const Experiment& experiment : experiments) {
    const fs::path folder = out / experiment.name;
    std::string reason = first_line(folder / failed_file);
    if (reason.empty() && !fs::exists(folder / "run.json"))
      reason = fs::exists(folder) ? "broken off; start again" : "not run";
    Row row(table);
    if (reason.empty()) {
      try {
        add_results(experiment, folder, row);
      } catch (const std::exception& error) {
        row = Row(table);
        reason = error.what();
      }
    }
    row["experiment"] = experiment.name;
    row["file"] = experiment.file.string();
    row["state"] = std::string(reason.empty() ? "done" : "failed");
    if (!reason.empty()) row["reason"] = reason;
    table.add_row(row.cells());
  }
  return table;
}

BatchResult write_summary(const Table& table, const fs::path& out, const std::string& name) {
  write_csv(out / (name + ".csv"), table);
  SummaryPage page;
  page.title = name;
  page.table = table;
  for (std::size_t i = 0; i < table.size(); ++i)
    page.links.push_back(fs::exists(out / table.text(i, "experiment") / "report.html")
                             ? table.text(i, "experiment") + "/report.html"
                             : "");
  write_file(out / (name + ".html"), summary_page_html(page));
  BatchResult result;
  result.total = static_cast<int>(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) result.failed += table.text(i, "state") == "failed" ? 1 : 0;
  result.summary = as_text(table);
  return result;
}

}  // namespace sinterscope
