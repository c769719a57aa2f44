// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include "synth/scenes.h"
#include "sinterscope/imaging/noise.h"
#include "sinterscope/imaging/variance_stabilisation.h"
#include "sinterscope/particles/detect.h"
#include "sinterscope/synth/microscope.h"

using namespace sinterscope;

namespace {

/// A stabilised frame of 1024 x 1024 px: SE, cubes, particles of 2.05 nm at 0.15 nm/px; counts as argument.
cv::Mat1f searched_frame(double counts) {
  Scene scene;
  scene.optics.dose_counts = counts;
  SceneStep step;
  step.number_density_nm2 = 0.004;
  step.mean_diameter_nm = 2.05;
  scene.programme = {step};
  const cv::Mat1f raw = Microscope(scene, test::pdo_on_ceria()).record(0).pixels;
  const FramesInMemory frames(std::vector<cv::Mat1f>{raw});
  return stabilise(raw, estimate_noise(frames));
}

DetectOptions options() {
  DetectOptions detect;
  detect.surroundings = "judged";
  detect.polarity = "bright";
  return detect;
}

}  // namespace

/// Once per block of frames.
static void MeasureGround(benchmark::State& state) {
  cv::setNumThreads(1);
  const cv::Mat1f frame = searched_frame(static_cast<double>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(measure_ground(frame, {}, options()));
}
BENCHMARK(MeasureGround)->Arg(60)->Arg(8)->Unit(benchmark::kMillisecond);

/// Once per frame and once per average.
static void SearchFrame(benchmark::State& state) {
  cv::setNumThreads(1);
  const cv::Mat1f frame = searched_frame(static_cast<double>(state.range(0)));
  const Ground ground = measure_ground(frame, {}, options());
  for (auto _ : state) benchmark::DoNotOptimize(detect(frame, {}, options(), ground));
}
BENCHMARK(SearchFrame)->Arg(60)->Arg(8)->Unit(benchmark::kMillisecond);
