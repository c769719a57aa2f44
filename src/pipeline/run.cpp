// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/run.h"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <opencv2/core/utility.hpp>

#include "sinterscope/io/file_hash.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/pipeline/check_images.h"
#include "sinterscope/pipeline/open_experiment.h"
#include "sinterscope/pipeline/output_directory.h"
#include "sinterscope/pipeline/outputs.h"
#include "sinterscope/pipeline/registry.h"
#include "sinterscope/pipeline/report_data.h"
#include "sinterscope/pipeline/version.h"

namespace sinterscope {
namespace {

using Clock = std::chrono::steady_clock;

/// Every input file with the hash of its bytes; folders and patterns are named only.
nlohmann::json input_hashes(const PipelineConfig& config) {
  nlohmann::json inputs = nlohmann::json::object();
  std::vector<std::filesystem::path> files;
  for (const FrameEntry& entry : config.frames) {
    files.push_back(entry.file);
    if (!entry.temperature_log.empty()) files.push_back(entry.temperature_log);
  }
  for (const std::filesystem::path& file : files)
    if (std::filesystem::is_regular_file(file))
      inputs[file.lexically_proximate(config.path.parent_path()).generic_string()] = sha256_of_file(file);
  return inputs;
}

nlohmann::json options_in_full(const PipelineConfig& config,
                               const std::vector<std::unique_ptr<Stage>>& stages) {
  nlohmann::json json = {{"name", config.name},
                         {"acquisition", to_json(config.acquisition)},
                         {"outputs", to_json(config.outputs)},
                         {"seed", config.seed}};
  for (const auto& stage : stages) json["stages"][stage->name()] = stage->options();
  return json;
}

/// What this run is a function of: two runs with the same recipe give the same outputs.
nlohmann::json make_recipe(const PipelineConfig& config, const std::vector<std::unique_ptr<Stage>>& stages,
                           int overlays) {
  return {{"version", version},
          {"program", sha256_of_file("/proc/self/exe")},
          {"pipeline", read_json_file(config.path)},
          {"options", options_in_full(config, stages)},
          {"inputs", input_hashes(config)},
          {"overlays", overlays}};
}

bool holds_finished_run(const std::filesystem::path& out, const nlohmann::json& recipe) {
  std::ifstream file(out / "run.json");
  if (!file) return false;
  const nlohmann::json run = nlohmann::json::parse(file, nullptr, false);
  if (!run.is_object() || run.value("recipe", nlohmann::json()) != recipe) return false;
  for (const char* name :
       {"particles.csv", "tracks.csv", "events.csv", "holds.csv", "fit.json", "report.html"})
    if (!std::filesystem::exists(out / name)) return false;
  return true;
}

}  // namespace

bool run_pipeline(const std::filesystem::path& pipeline, const RunOptions& options, Progress& progress) {
  const PipelineConfig config = read_pipeline(pipeline);
  const std::vector<std::unique_ptr<Stage>> stages = configured_stages(config);
  const DirectoryLock lock(options.out);

  cv::setNumThreads(
      1);  // parallel over frames, one thread inside: results do not depend on the number of cores
  Products products = open_experiment(config, progress);
  const nlohmann::json recipe = make_recipe(config, stages, options.overlays);
  if (!options.fresh && holds_finished_run(options.out, recipe)) return false;
  std::filesystem::remove(options.out / "run.json");

  const RunContext context{options.threads, Rng(config.seed), progress};
  nlohmann::json timings = nlohmann::json::object();
  const auto timed = [&](const std::string& name, const auto& work) {
    const Clock::time_point start = Clock::now();
    in_context(name, work);
    timings[name] = std::chrono::duration<double>(Clock::now() - start).count();
  };
  for (const auto& stage : stages) timed(stage->name(), [&] { stage->run(products, context); });
  timed("write", [&] {
    write_tables(products, options.out);
    write_locality(products, options.out);
    write_image_stacks(products, options.out, context);
    write_overlays(products, options.out, options.overlays, context);
    if (config.check_images) write_check_images(products, options.out, context);
    write_report(products, recipe, options.out, context);
  });
  const nlohmann::json run = {{"schema", "sinterscope/run/1"}, {"version", version},
                              {"finished", utc_now()},         {"recipe", recipe},
                              {"timings_s", timings},          {"regions", imaging_json(products)},
                              {"warnings", products.warnings}};
  write_file(options.out / "run.json", run.dump(1) + "\n");
  return true;
}

}  // namespace sinterscope
