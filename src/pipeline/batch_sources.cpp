// SPDX-License-Identifier: GPL-3.0-or-later
// From what a user names to experiments, each with a folder of its own.
#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "sinterscope/core/error.h"
#include "sinterscope/pipeline/batch.h"
#include "sinterscope/pipeline/config.h"
#include "sinterscope/pipeline/kmc_config.h"
#include "sinterscope/pipeline/simulate.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;

std::optional<ExperimentKind> kind_of(const fs::path& file) {
  std::ifstream stream(file);
  const nlohmann::json json = nlohmann::json::parse(stream, nullptr, false);
  if (!json.is_object() || !json.contains("schema")) return std::nullopt;
  if (json["schema"] == pipeline_schema) return ExperimentKind::pipeline;
  if (json["schema"] == kmc_schema) return ExperimentKind::kmc;
  if (json["schema"] == scene_schema) return ExperimentKind::scene;
  return std::nullopt;
}

/// Whether a path lies in a folder or below it.
bool below(const fs::path& path, const fs::path& folder) {
  const fs::path way =
      fs::absolute(path).lexically_normal().lexically_relative(fs::absolute(folder / "").lexically_normal());
  return !way.empty() && *way.begin() != "..";
}

/// Experiment files below a folder.
std::vector<fs::path> experiments_below(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().extension() == ".json" && kind_of(entry.path()))
      found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  if (found.empty())
    throw usage_error(
        fmt::format("{}: no pipeline, kmc or scene file (.json) below this folder", folder.string()));
  return found;
}

std::vector<fs::path> matches(const std::string& pattern) {
  glob_t found = {};
  std::vector<fs::path> files;
  if (::glob(pattern.c_str(), GLOB_BRACE, nullptr, &found) == 0)
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (files.empty()) throw usage_error(fmt::format("{}: no file of such a name", pattern));
  return files;
}

void collect(const std::string& source, std::vector<fs::path>& all);

void collect_list(const fs::path& list, std::vector<fs::path>& all) {
  std::ifstream stream(list);
  if (!stream) throw usage_error(fmt::format("{}: cannot be read", list.string()));
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    collect(fs::path(line).is_absolute() ? line : (list.parent_path() / line).string(), all);
  }
}

void collect(const std::string& source, std::vector<fs::path>& all) {
  const auto add = [&all](const std::vector<fs::path>& found) {
    all.insert(all.end(), found.begin(), found.end());
  };
  if (fs::is_directory(source))
    add(experiments_below(source));
  else if (fs::exists(source) || source.find_first_of("*?[{") == source.npos)
    fs::path(source).extension() == ".txt" ? collect_list(source, all) : add({source});
  else
    for (const fs::path& match : matches(source)) collect(match.string(), all);
}

/// Its stem; with its parent's name where the stem stands more than once in the list, with a number where
/// both do.
void name_folders(std::vector<Experiment>& experiments) {
  std::map<std::string, int> stems;
  for (const Experiment& one : experiments) ++stems[one.file.stem().string()];
  std::set<std::string> taken;
  for (Experiment& one : experiments) {
    std::string base = one.file.stem().string();
    if (stems[base] > 1) base = fs::absolute(one.file).parent_path().filename().string() + "_" + base;
    one.name = base;
    for (int i = 2; taken.count(one.name) > 0; ++i) one.name = fmt::format("{}_{}", base, i);
    taken.insert(one.name);
  }
}

}  // namespace

std::vector<Experiment> list_experiments(const std::vector<std::string>& sources, const fs::path& out) {
  std::vector<fs::path> files;
  for (const std::string& source : sources) collect(source, files);
  std::vector<Experiment> experiments;
  std::set<fs::path> seen;
  for (const fs::path& file : files)
    if (!below(file, out) && seen.insert(fs::absolute(file).lexically_normal()).second)
      experiments.push_back({file, kind_of(file).value_or(ExperimentKind::pipeline), ""});
  if (experiments.empty())
    throw usage_error("no experiment to run: name pipeline files, folders or a .txt list");
  name_folders(experiments);
  return experiments;
}

}  // namespace sinterscope
