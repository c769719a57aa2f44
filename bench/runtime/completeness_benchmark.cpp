// SPDX-License-Identifier: GPL-3.0-or-later
// Time of the completeness stage beside that of the stages before it, of two simulated experiments: few long
// holds of large frames, and many short ones of small frames.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sinterscope/pipeline/open_experiment.h"
#include "sinterscope/pipeline/registry.h"
#include "sinterscope/pipeline/simulate.h"

using namespace sinterscope;

namespace {

enum Experiment { long_holds, short_holds };

/// SE, cubes, 8 counts/px, 1024 x 1024 px, two holds of eight frames; HAADF, flat, 560 x 560 px, eight of
/// two.
std::string scene_of(Experiment which) {
  const bool long_ones = which == long_holds;
  const int holds = long_ones ? 2 : 8;
  nlohmann::json scene = nlohmann::json::parse(R"j({
    "schema": "sinterscope/scene/1", "name": "completeness", "seed": 1, "regions": ["1"],
    "sample": {"particle": "PdO", "support": "CeO2(100)", "shape_factor": 0.5},
    "population": {"c_tot": 0.021},
    "optics": {"probe_sigma_nm": 0.25}})j");
  scene["optics"].update(
      nlohmann::json::parse(long_ones ? R"j({"detector": "SE", "pixel_size_nm": 0.15, "dose_counts": 8})j"
                                      : R"j({"detector": "HAADF", "pixel_size_nm": 0.25, "dose_counts": 200,
                       "width_px": 560, "height_px": 560})j"));
  scene["support"]["kind"] = long_ones ? "cubes" : "flat";
  for (int h = 0; h < holds; ++h)
    scene["programme"].push_back({{"temperature_c", 200 + 100 * (h % 2)},
                                  {"start_s", 1000 * h},
                                  {"frames", 16 / holds},
                                  {"number_density_nm2", long_ones ? 0.004 : 0.0015},
                                  {"mean_diameter_nm", 2.05},
                                  {"sd_ln_d", 0.1}});
  return scene.dump();
}

/// An experiment and its stages.
class Analysis {
 public:
  explicit Analysis(Experiment which) : config_(read_pipeline(simulated(which))) {
    stages_ = configured_stages(config_);
    products_ = open_experiment(config_, progress_);
  }
  ~Analysis() { std::filesystem::remove_all(folder_); }

  void run(const std::string& name) {
    const auto stage =
        std::find_if(stages_.begin(), stages_.end(), [&](const auto& one) { return one->name() == name; });
    (*stage)->run(products_, {1, Rng(config_.seed), progress_});
  }
  void run_before_completeness() {
    for (const auto& stage : stages_) {
      if (stage->name() == "completeness") return;
      stage->run(products_, {1, Rng(config_.seed), progress_});
    }
  }
  double holds() const { return static_cast<double>(products_.history.holds.size()); }
  /// In frames of 1024 x 1024 px.
  double frames() const {
    double pixels = 0.0;
    for (const RegionProducts& region : products_.regions)
      pixels += static_cast<double>(region.raw->size()) * region.raw->frame_size().area();
    return pixels / (1024.0 * 1024.0);
  }

 private:
  std::filesystem::path simulated(Experiment which) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "scene.json") << scene_of(which);
    simulate_experiment(folder_ / "scene.json", folder_, 1, progress_);
    return folder_ / "pipeline.json";
  }

  NoProgress progress_;
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / "sinterscope_completeness_benchmark";
  PipelineConfig config_;
  std::vector<std::unique_ptr<Stage>> stages_;
  Products products_;
};

void report(benchmark::State& state, const Analysis& analysis) {
  const auto per = [](double count) {
    return benchmark::Counter(count,
                              benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  };
  state.counters["per_hold"] = per(analysis.holds());
  state.counters["per_1024_frame"] = per(analysis.frames());
}

}  // namespace

/// Noise, drift, support, denoising, search and measurement of all frames.
static void StagesBefore(benchmark::State& state) {
  cv::setNumThreads(1);
  std::unique_ptr<Analysis> analysis;
  for (auto _ : state) {
    state.PauseTiming();
    analysis = nullptr;
    analysis = std::make_unique<Analysis>(static_cast<Experiment>(state.range(0)));
    state.ResumeTiming();
    analysis->run_before_completeness();
  }
  report(state, *analysis);
}
BENCHMARK(StagesBefore)->Arg(long_holds)->Arg(short_holds)->Unit(benchmark::kMillisecond)->Iterations(1);

static void Completeness(benchmark::State& state) {
  cv::setNumThreads(1);
  Analysis analysis(static_cast<Experiment>(state.range(0)));
  analysis.run_before_completeness();
  for (auto _ : state) analysis.run("completeness");
  report(state, analysis);
}
BENCHMARK(Completeness)->Arg(long_holds)->Arg(short_holds)->Unit(benchmark::kMillisecond)->Iterations(2);
