// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/kmc_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>

#include "shard.h"
#include "sinterscope/io/file_hash.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/kmc_outputs.h"
#include "sinterscope/pipeline/output_directory.h"
#include "sinterscope/pipeline/version.h"

namespace sinterscope {
namespace {

namespace fs = std::filesystem;

/// What the outputs are a function of: the same recipe gives the same files.
nlohmann::json make_recipe(const KmcConfig& config) {
  nlohmann::json recipe = {{"version", version},
                           {"program", sha256_of_file("/proc/self/exe")},
                           {"file", read_json_file(config.path)},
                           {"name", config.name},
                           {"seed", config.seed},
                           {"output", to_json(config.output)},
                           {"runs", nlohmann::json::array()}};
  if (config.phases)
    recipe["phase_diagram"] = {{"lattice", to_json(config.lattice)}, {"grid", to_json(*config.phases)}};
  for (const NamedRun& named : config.runs) {
    nlohmann::json run = {{"name", named.name}, {"lattice", to_json(named.run.options)}};
    for (const TemperatureStep& step : named.run.program) run["steps"].push_back(to_json(step));
    if (!named.start_file.empty())
      run["start_state"] = {{"file", named.start_file.filename().string()},
                            {"sha256", sha256_of_file(named.start_file)}};
    recipe["runs"].push_back(run);
  }
  return recipe;
}

nlohmann::json read_or_null(const fs::path& path) {
  std::ifstream file(path);
  return file ? nlohmann::json::parse(file, nullptr, false) : nlohmann::json();
}

FileNames files_of(const nlohmann::json& run) {
  FileNames files;
  if (!run.is_object() || !run.contains("files") || !run["files"].is_array()) return files;
  for (const nlohmann::json& file : run["files"])
    if (file.is_string()) files.push_back(file.get<std::string>());
  return files;
}

bool is_finished(const fs::path& out, const nlohmann::json& recipe) {
  const nlohmann::json run = read_or_null(out / "run.json");
  if (!run.is_object() || run.value("recipe", nlohmann::json()) != recipe) return false;
  const FileNames files = files_of(run);
  return std::all_of(files.begin(), files.end(),
                     [&](const std::string& file) { return fs::exists(out / file); });
}

/// Removes what an earlier run of this command left in the directory, by its own list.
void remove_earlier_run(const fs::path& out) {
  for (const std::string& file : files_of(read_or_null(out / "run.json"))) {
    const fs::path path = fs::path(file).lexically_normal();
    if (path.is_relative() && !path.empty() && *path.begin() != "..") fs::remove(out / path);
  }
  fs::remove(out / "run.json");
}

std::string file_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

constexpr const char* checkpoints_folder = "checkpoints";
constexpr const char* recipe_file = "recipe.json";

/// Checkpoints in a folder that says to which recipe they belong, locked for as long as this stands.
class Checkpoints {
 public:
  Checkpoints(fs::path folder, const nlohmann::json& recipe, bool fresh)
      : folder_(std::move(folder)), lock_(folder_) {
    if (fresh || read_or_null(folder_ / recipe_file) != recipe)
      for (const fs::directory_entry& entry : fs::directory_iterator(folder_))
        if (entry.path().extension() == ".state") fs::remove(entry.path());
    remove_partial_files(folder_);
    write_file(folder_ / recipe_file, recipe.dump(1) + "\n");
  }

  fs::path path_of(std::size_t run) const { return folder_ / fmt::format("{:05}.state", run); }

 private:
  fs::path folder_;
  DirectoryLock lock_;
};

/// This process's own checkpoints and, where it does everything, those that shards of the same recipe left.
struct CheckpointFolders {
  std::vector<std::unique_ptr<Checkpoints>> all;  ///< own first

  CheckpointFolders(const fs::path& folder, const nlohmann::json& recipe, const Shard& shard, bool fresh) {
    const fs::path own =
        shard.parts == 1 ? folder : folder / fmt::format("shard_{}_of_{}", shard.part, shard.parts);
    all.push_back(std::make_unique<Checkpoints>(own, recipe, fresh));
    if (shard.parts > 1 || fresh) return;
    std::vector<fs::path> others;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      if (entry.is_directory() && read_or_null(entry.path() / recipe_file) == recipe)
        others.push_back(entry.path());
    std::sort(others.begin(), others.end());
    for (const fs::path& other : others) all.push_back(std::make_unique<Checkpoints>(other, recipe, false));
  }

  CheckpointStore store(const Shard& shard, double interval_s) const {
    CheckpointStore store;
    store.load = [this](std::size_t run) -> std::string {
      for (const auto& one : all)
        if (fs::exists(one->path_of(run))) return file_bytes(one->path_of(run));
      return "";
    };
    store.save = [this](std::size_t run, const std::string& bytes) {
      write_file(all.front()->path_of(run), bytes);
    };
    store.interval_s = interval_s;
    store.has = [shard](std::size_t run) { return shard.has(run); };
    return store;
  }
};

/// Passes all on and keeps the warnings.
class KeptWarnings : public Progress {
 public:
  explicit KeptWarnings(Progress& progress) : progress_(progress) {}
  void start(std::string_view task, std::size_t total) override { progress_.start(task, total); }
  void advance(std::size_t steps) override { progress_.advance(steps); }
  void warn(const std::string& message) override {
    const std::scoped_lock lock(mutex_);
    warnings_.push_back(message);
    progress_.warn(message);
  }
  /// In an order that does not depend on the threads.
  std::vector<std::string> sorted() const {
    std::vector<std::string> sorted = warnings_;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

 private:
  Progress& progress_;
  std::mutex mutex_;
  std::vector<std::string> warnings_;
};

std::vector<KmcRun> runs_of(const KmcConfig& config) {
  std::vector<KmcRun> runs;
  for (const NamedRun& named : config.runs) runs.push_back(named.run);
  return runs;
}

FileNames run_ensemble_into(const KmcConfig& config, const fs::path& out, int threads,
                            const CheckpointStore& store, Progress& progress) {
  const std::vector<KmcRun> runs = runs_of(config);
  std::vector<KmcResult> results(runs.size());
  std::vector<FilmedRun> films(runs.size());
  std::vector<FileNames> written(runs.size());
  run_ensemble(
      runs, Rng(config.seed), threads, progress,
      [&](std::size_t i, KmcResult result) {
        const NamedRun& named = config.runs[i];
        for (const std::string& warning : warnings_of(result))
          progress.warn(fmt::format("run '{}': {}", named.name, warning));
        const std::string folder = runs.size() > 1 ? named.name : "";
        written[i] = write_lattice_run(config, named, result, out, folder);
        films[i] = film_of(config, named, result, folder);
        result.samples.clear();
        result.snapshots.clear();
        results[i] = std::move(result);
      },
      &store);
  FileNames files = write_lattice_ensemble(config, results, films, out);
  for (const FileNames& of_run : written) files.insert(files.end(), of_run.begin(), of_run.end());
  return files;
}

std::string holds_text(const Table& holds) {
  std::string text =
      fmt::format("{:<20} {:>7} {:>8} {:>9} {:>10} {:>17} {:>17} {:>10} {:>10} {:>9}\n", "run", "T/K",
                  "dh/eV", "pair/eV", "hops", "free ad-atoms", "largest cluster", "c_ad", "c*_ad", "dh_L/eV");
  for (std::size_t row = 0; row < holds.size(); ++row) {
    const auto value = [&](const char* column) { return holds.number(row, column).value_or(0.0); };
    const auto dh = holds.number(row, "dh_largest_ev");
    text += fmt::format(
        "{:<20} {:>7.4g} {:>8.4g} {:>9.5g} {:>10.3g} {:>17} {:>17} {:>10.3g} {:>10.3g} {:>9}{}\n",
        holds.text(row, "run"), value("temperature_k"), value("dh_ev"), value("pair_energy_ev"),
        value("events"), fmt::format("{:.4g} +- {:.2g}", value("monomers"), value("monomers_se")),
        fmt::format("{:.4g} +- {:.2g}", value("largest_atoms"), value("largest_atoms_se")), value("c_ad"),
        value("c_star"), dh ? fmt::format("{:.4f}", *dh) : "-", value("frozen") > 0.0 ? "  frozen" : "");
  }
  return text;
}

std::string transitions_text(const Table& transitions) {
  std::string text = fmt::format("{:>9} {:>20} {:>22} {:>22}\n", "dh/eV", "lattice, half / K",
                                 "c*_ad = N/M / K", "DeltaG(N) = 0 / K");
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.1f}", *value) : std::string("-");
  };
  for (std::size_t row = 0; row < transitions.size(); ++row) {
    const auto error = transitions.number(row, "transition_se_k");
    text += fmt::format(
        "{:>9.4g} {:>20} {:>22} {:>22}\n", transitions.number(row, "dh_ev").value_or(0.0),
        number(transitions.number(row, "transition_k")) + (error ? fmt::format(" +- {:.1f}", *error) : ""),
        number(transitions.number(row, "c_star_k")), number(transitions.number(row, "delta_g_zero_k")));
  }
  return text;
}

std::string describe(const KmcConfig& config, const fs::path& out) {
  return config.phases ? transitions_text(read_csv(out / "transitions.csv"))
                       : holds_text(read_csv(out / "holds.csv"));
}

/// One shard: runs to their ends, and nothing written but these.
std::string run_shard(const KmcRequest& request, const KmcConfig& config, const Shard& shard,
                      Progress& progress) {
  const nlohmann::json recipe = make_recipe(config);
  if (!request.fresh && is_finished(request.out, recipe)) return describe(config, request.out);
  const CheckpointFolders folders(request.out / checkpoints_folder, recipe, shard, request.fresh);
  const CheckpointStore store = folders.store(shard, config.output.checkpoint_s);
  if (config.phases)
    map_phases(config.lattice, *config.phases, Rng(config.seed), request.threads, progress, &store);
  else
    run_ensemble(
        runs_of(config), Rng(config.seed), request.threads, progress, [](std::size_t, const KmcResult&) {},
        &store);
  return fmt::format("shard {} of {} is done; when all are, call kmc without --shard for the results\n",
                     shard.part, shard.parts);
}

}  // namespace

std::string run_lattices(const KmcRequest& request, Progress& progress) {
  const Shard shard = read_shard(request.shard);
  const KmcConfig config = read_kmc_config(request.config, request.overrides);
  if (shard.parts > 1) return run_shard(request, config, shard, progress);
  const DirectoryLock lock(request.out);
  const nlohmann::json recipe = make_recipe(config);
  if (!request.fresh && is_finished(request.out, recipe)) return describe(config, request.out);
  remove_earlier_run(request.out);

  const auto start = std::chrono::steady_clock::now();
  KeptWarnings kept(progress);
  const CheckpointFolders folders(request.out / checkpoints_folder, recipe, shard, request.fresh);
  const CheckpointStore store = folders.store(shard, config.output.checkpoint_s);
  FileNames files;
  if (config.phases) {
    const PhaseDiagram diagram = in_context(config.path.string(), [&] {
      return map_phases(config.lattice, *config.phases, Rng(config.seed), request.threads, kept, &store);
    });
    files = write_phase_diagram(config, diagram, request.out);
  } else {
    files = run_ensemble_into(config, request.out, request.threads, store, kept);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const nlohmann::json run = {{"schema", "sinterscope/run/1"},
                              {"version", version},
                              {"finished", utc_now()},
                              {"recipe", recipe},
                              {"files", files},
                              {"timings_s", {{"all", seconds}}},
                              {"warnings", kept.sorted()}};
  write_file(request.out / "run.json", run.dump(1) + "\n");
  fs::remove_all(request.out / checkpoints_folder);
  return describe(config, request.out);
}

}  // namespace sinterscope
