// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>

#include "sinterscope/core/table.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/config.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/run.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;

bool is_pipeline(const fs::path& file) {
  if (file.extension() != ".json") return false;
  std::ifstream stream(file);
  const nlohmann::json json = nlohmann::json::parse(stream, nullptr, false);
  return json.is_object() && json.value("schema", nlohmann::json()) == pipeline_schema;
}

std::vector<fs::path> pipelines_below(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && is_pipeline(entry.path())) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  if (found.empty())
    throw usage_error(fmt::format("{}: no pipeline file (.json) below this folder", folder.string()));
  return found;
}

std::vector<fs::path> listed_in(const fs::path& list) {
  std::ifstream stream(list);
  if (!stream) throw usage_error(fmt::format("{}: cannot be read", list.string()));
  std::vector<fs::path> found;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    found.push_back(fs::path(line).is_absolute() ? fs::path(line) : list.parent_path() / line);
  }
  return found;
}

std::vector<fs::path> collect(const std::vector<std::string>& sources) {
  std::vector<fs::path> all;
  for (const std::string& source : sources) {
    std::vector<fs::path> found;
    if (fs::is_directory(source))
      found = pipelines_below(source);
    else if (fs::path(source).extension() == ".txt")
      found = listed_in(source);
    else
      found.emplace_back(source);
    all.insert(all.end(), found.begin(), found.end());
  }
  if (all.empty()) throw usage_error("no pipeline file to run");
  return all;
}

/// "I/N" as (I, N).
std::pair<std::size_t, std::size_t> read_shard(const std::string& shard) {
  if (shard.empty()) return {1, 1};
  unsigned long part = 0, parts = 0;
  char rest = 0;
  if (std::sscanf(shard.c_str(), "%lu/%lu%c", &part, &parts, &rest) != 2 || part < 1 || part > parts)
    throw usage_error(fmt::format("--shard is '{}': must be I/N with 1 <= I <= N, e.g. 2/8", shard));
  return {part, parts};
}

/// A folder name for each pipeline: its stem, with its parent's name where stems repeat, with a number where
/// both do.
std::vector<std::string> folder_names(const std::vector<fs::path>& pipelines) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const fs::path& pipeline : pipelines) {
    std::string name = pipeline.stem().string();
    if (taken.count(name) > 0) name = fs::absolute(pipeline).parent_path().filename().string() + "_" + name;
    const std::string base = name;
    for (int i = 2; taken.count(name) > 0; ++i) name = fmt::format("{}_{}", base, i);
    taken.insert(name);
    names.push_back(name);
  }
  return names;
}

Cell number_or_empty(const nlohmann::json& value) {
  return value.is_number() ? Cell(value.get<double>()) : Cell();
}

std::vector<Cell> summary_row(const fs::path& pipeline, const fs::path& out) {
  const nlohmann::json fit = read_json_file(out / "fit.json");
  const Table holds = read_csv(out / "holds.csv");
  const auto value = [&fit](const char* key, const char* part) {
    return fit[key].is_object() ? number_or_empty(fit[key][part]) : Cell();
  };
  const auto end = [&fit](const char* key, std::size_t which) {
    return fit[key].is_object() ? number_or_empty(fit[key]["interval95"][which]) : Cell();
  };
  return {pipeline.string(),
          std::string("done"),
          static_cast<std::int64_t>(holds.size()),
          value("dh_ev", "estimate"),
          end("dh_ev", 0),
          end("dh_ev", 1),
          value("c_ad", "estimate"),
          end("c_ad", 0),
          end("c_ad", 1),
          fit["preferred"].is_string() ? Cell(fit["preferred"].get<std::string>()) : Cell(),
          std::string()};
}

std::string as_text(const Table& table) {
  std::string text;
  for (std::size_t i = 0; i < table.size(); ++i)
    text += fmt::format("{:<8} {:<48} dh {:<10.8} eV  {:<14} {}\n", table.text(i, "state"),
                        table.text(i, "pipeline"), table.text(i, "dh_ev"), table.text(i, "preferred"),
                        table.text(i, "reason"));
  return text;
}

}  // namespace

BatchResult run_batch(const BatchRequest& request, Progress& progress) {
  const std::vector<fs::path> pipelines = collect(request.sources);
  const std::vector<std::string> names = folder_names(pipelines);
  const auto [part, parts] = read_shard(request.shard);
  fs::create_directories(request.out);
  Table table({"pipeline", "state", "holds", "dh_ev", "dh_ev_low95", "dh_ev_high95", "c_ad", "c_ad_low95",
               "c_ad_high95", "preferred", "reason"});
  BatchResult result;
  NoProgress silent;
  progress.start("batch", (pipelines.size() + parts - part) / parts);
  for (std::size_t i = part - 1; i < pipelines.size(); i += parts) {
    ++result.total;
    try {
      RunOptions options;
      options.out = request.out / names[i];
      options.threads = request.threads;
      run_pipeline(pipelines[i], options, silent);
      table.add_row(summary_row(pipelines[i], options.out));
    } catch (const std::exception& error) {
      ++result.failed;
      progress.warn(fmt::format("{}: {}", pipelines[i].string(), error.what()));
      std::vector<Cell> row(table.columns().size());
      row[0] = pipelines[i].string();
      row[1] = std::string("failed");
      row.back() = std::string(error.what());
      table.add_row(row);
    }
    progress.advance();
  }
  const std::string name = parts == 1 ? "batch.csv" : fmt::format("batch_{}_of_{}.csv", part, parts);
  write_csv(request.out / name, table);
  result.summary = as_text(table);
  return result;
}

}  // namespace sinterscope
