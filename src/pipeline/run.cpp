// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/run.h"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <opencv2/core/utility.hpp>

#include "sinterscope/io/file_hash.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/pipeline/check_images.h"
#include "sinterscope/pipeline/input_files.h"
#include "sinterscope/pipeline/open_experiment.h"
#include "sinterscope/pipeline/output_directory.h"
#include "sinterscope/pipeline/outputs.h"
#include "sinterscope/pipeline/registry.h"
#include "sinterscope/pipeline/report_data.h"
#include "sinterscope/pipeline/stage_store.h"
#include "sinterscope/pipeline/version.h"

namespace sinterscope {
namespace {

constexpr const char* run_schema = "sinterscope/run/1";

using Clock = std::chrono::steady_clock;

nlohmann::json options_in_full(const PipelineConfig& config,
                               const std::vector<std::unique_ptr<Stage>>& stages) {
  nlohmann::json json = {{"name", config.name},
                         {"acquisition", to_json(config.acquisition)},
                         {"outputs", to_json(config.outputs)},
                         {"report", to_json(config.report)},
                         {"seed", config.seed}};
  for (const auto& stage : stages) json["stages"][stage->name()] = stage->options();
  return json;
}

/// What this run is a function of: two runs with the same recipe give the same outputs.
nlohmann::json make_recipe(const PipelineConfig& config, const std::vector<std::unique_ptr<Stage>>& stages,
                           const nlohmann::json& inputs, int overlays) {
  return {{"version", version},
          {"program", sha256_of_file("/proc/self/exe")},
          {"pipeline", read_json_file(config.path)},
          {"options", options_in_full(config, stages)},
          {"inputs", inputs},
          {"overlays", overlays}};
}

/// The key of each stage's products: the recipe as far as they depend on it. What the record or the outputs
/// alone are made of is left out, a stage's options come in with the stage, the sample with the first that
/// reads it.
std::vector<std::string> stage_keys(const nlohmann::json& recipe,
                                    const std::vector<std::unique_ptr<Stage>>& stages) {
  nlohmann::json measured = recipe.at("pipeline");
  for (const char* key : {"name", "sample", "outputs", "report", "check_images", "stages"})
    measured.erase(key);
  if (measured.contains("acquisition"))
    for (const char* key : {"atmosphere", "pressure_pa"}) measured["acquisition"].erase(key);
  std::vector<nlohmann::json> links = {
      {{"program", recipe.at("program")}, {"measured", measured}, {"inputs", recipe.at("inputs")}}};
  for (const auto& stage : stages) {
    links.push_back({{"stage", stage->name()}, {"options", stage->options()}});
    if (stage->reads_sample())
      links.back()["sample"] = recipe.at("pipeline").value("sample", nlohmann::json());
  }
  std::vector<std::string> keys = chained_keys(links);
  keys.erase(keys.begin());
  return keys;
}

/// Takes the products of a stage from the store; false where they are not there.
bool restore_stage(const Stage& stage, const std::string& key, StageStore& store, Products& products,
                   Progress& progress) {
  std::vector<std::string> warnings;
  const StageStore::Found found = store.load(stage.name(), key, [&](Archive& archive) {
    archive(warnings);
    stage.keep(products, archive);
  });
  if (found == StageStore::Found::damaged)
    progress.warn(fmt::format("what the stage '{}' had left is damaged; it is done again", stage.name()));
  if (found != StageStore::Found::restored) return false;
  progress.start(stage.name() + " (kept)", 1);
  for (const std::string& warning : warnings) {
    products.warnings.push_back(warning);
    progress.warn(warning);
  }
  progress.advance();
  return true;
}

void run_stage(const Stage& stage, const std::string& key, StageStore& store, const InputFiles& inputs,
               Products& products, const RunContext& context) {
  if (restore_stage(stage, key, store, products, context.progress)) return;
  const std::size_t known = products.warnings.size();
  stage.run(products, context);
  inputs.check_unchanged();
  std::vector<std::string> warnings(products.warnings.begin() + static_cast<std::ptrdiff_t>(known),
                                    products.warnings.end());
  store.save(stage.name(), key, [&](Archive& archive) {
    archive(warnings);
    return stage.keep(products, archive);
  });
}

const std::vector<const char*> result_files = {"particles.csv", "tracks.csv", "events.csv",
                                               "holds.csv",     "fit.json",   "report.html"};

bool holds_finished_run(const std::filesystem::path& out, const nlohmann::json& recipe) {
  std::ifstream file(out / "run.json");
  if (!file) return false;
  const nlohmann::json run = nlohmann::json::parse(file, nullptr, false);
  if (!run.is_object() || run.value("recipe", nlohmann::json()) != recipe) return false;
  for (const char* name : result_files)
    if (!std::filesystem::exists(out / name)) return false;
  return true;
}

/// The record of a finished run. Throws Error where the folder holds none that this program can read.
nlohmann::json finished_run(const std::filesystem::path& folder) {
  const std::string where = folder.string();
  if (!std::filesystem::is_directory(folder)) throw Error(fmt::format("{}: no such directory", where));
  const std::filesystem::path record = folder / "run.json";
  if (!std::filesystem::exists(record)) {
    if (std::filesystem::exists(folder / ".stages"))
      throw Error(fmt::format(
          "{}: the run there is not finished: start `sinterscope run` again with --out {}", where, where));
    throw Error(fmt::format("{}: no output directory of `sinterscope run` (it holds no run.json)", where));
  }
  const nlohmann::json run = read_json_file(record);
  if (!run.is_object() || run.value("schema", "") != run_schema || !run.contains("recipe") ||
      !run.contains("pipeline_file"))
    throw Error(fmt::format("{}: not a record of a run of sinterscope {}: run the pipeline again",
                            record.string(), version));
  const nlohmann::json& recipe = run.at("recipe");
  if (recipe.value("version", "") != version ||
      recipe.value("program", "") != sha256_of_file("/proc/self/exe"))
    throw Error(
        fmt::format("{}: stems from another version or build of sinterscope ({}; this is {}): run the "
                    "pipeline again with --out {}",
                    where, recipe.value("version", "unknown"), version, where));
  // report.html itself is what may be missing here.
  for (const char* name : result_files)
    if (name != std::string("report.html") && !std::filesystem::exists(folder / name))
      throw Error(fmt::format("{}: incomplete: {} is missing; run the pipeline again", where, name));
  if (!std::filesystem::is_directory(folder / ".stages"))
    throw Error(
        fmt::format("{}: holds no .stages (--forget-stages removes them): run the pipeline again", where));
  return run;
}

}  // namespace

ReportFiles rebuild_report(const ReportRequest& request, Progress& progress) {
  const nlohmann::json run = finished_run(request.folder);
  const nlohmann::json& recipe = run.at("recipe");
  const DirectoryLock lock(request.folder);
  const std::filesystem::path pipeline =
      request.pipeline.empty() ? std::filesystem::path(run.at("pipeline_file").get<std::string>())
                               : request.pipeline;
  if (!std::filesystem::exists(pipeline))
    throw Error(fmt::format("{}: the pipeline file is no longer there: say where with --pipeline",
                            pipeline.string()));
  if (read_json_file(pipeline) != recipe.at("pipeline"))
    throw Error(fmt::format("{}: is not the pipeline that {} was made with: run it again", pipeline.string(),
                            request.folder.string()));
  PipelineConfig config = read_pipeline(pipeline);
  if (request.page_budget_MB) config.report.page_budget_MB = *request.page_budget_MB;
  const std::vector<std::unique_ptr<Stage>> stages = configured_stages(config);
  cv::setNumThreads(1);
  Products products = open_experiment(config, progress, request.threads);
  const InputFiles inputs(config, request.folder / ".inputs.json", request.threads, progress);
  if (inputs.digests() != recipe.at("inputs"))
    throw Error(fmt::format("{}: the images or logs were changed since {} was made: run it again",
                            pipeline.string(), request.folder.string()));
  StageStore store(request.folder / ".stages");
  const RunContext context{request.threads, Rng(config.seed), progress};
  const std::vector<std::string> keys = stage_keys(recipe, stages);
  for (std::size_t k = 0; k < stages.size(); ++k)
    in_context(stages[k]->name(), [&] { run_stage(*stages[k], keys[k], store, inputs, products, context); });
  const std::filesystem::path out = request.out.empty() ? request.folder : request.out;
  make_directory(out);
  return write_report(products, recipe, out, context, request.figures);
}

bool run_pipeline(const std::filesystem::path& pipeline, const RunOptions& options, Progress& progress) {
  const PipelineConfig config = read_pipeline(pipeline);
  const std::vector<std::unique_ptr<Stage>> stages = configured_stages(config);
  const DirectoryLock lock(options.out);
  remove_partial_files(options.out);

  cv::setNumThreads(
      1);  // parallel over frames, one thread inside: results do not depend on the number of cores
  Products products = open_experiment(config, progress, options.threads);
  const InputFiles inputs(config, options.out / ".inputs.json", options.threads, progress);
  const nlohmann::json recipe = make_recipe(config, stages, inputs.digests(), options.overlays);
  if (!options.fresh && holds_finished_run(options.out, recipe)) return false;
  std::filesystem::remove(options.out / "run.json");
  const std::filesystem::path kept = options.out / ".stages";
  if (options.fresh) std::filesystem::remove_all(kept);
  StageStore store(kept);

  const RunContext context{options.threads, Rng(config.seed), progress};
  nlohmann::json timings = nlohmann::json::object();
  const auto timed = [&](const std::string& name, const auto& work) {
    const Clock::time_point start = Clock::now();
    in_context(name, work);
    timings[name] = std::chrono::duration<double>(Clock::now() - start).count();
  };
  const std::vector<std::string> keys = stage_keys(recipe, stages);
  for (std::size_t k = 0; k < stages.size(); ++k)
    timed(stages[k]->name(), [&] { run_stage(*stages[k], keys[k], store, inputs, products, context); });
  timed("write", [&] {
    write_tables(products, options.out);
    write_locality(products, options.out);
    write_image_stacks(products, options.out, context);
    write_overlays(products, options.out, options.overlays, context);
    if (config.check_images) write_check_images(products, options.out, context);
    write_report(products, recipe, options.out, context);
    inputs.check_unchanged();
  });
  const nlohmann::json run = {
      {"schema", run_schema},
      {"version", version},
      {"finished", utc_now()},
      {"pipeline_file", std::filesystem::absolute(pipeline).lexically_normal().string()},
      {"recipe", recipe},
      {"timings_s", timings},
      {"regions", imaging_json(products)},
      {"warnings", products.warnings}};
  write_file(options.out / "run.json", run.dump(1) + "\n");
  if (options.keep_stages)
    store.remove_unused();
  else
    std::filesystem::remove_all(kept);
  return true;
}

}  // namespace sinterscope
