// SPDX-License-Identifier: GPL-3.0-or-later
// Time per 1024 x 1024 frame, one thread. The demand is 80 ms for noise, drift, denoising and detection
// together, of which this room may take 45.
#include <benchmark/benchmark.h>

#include "sinterscope/imaging/background.h"
#include "sinterscope/imaging/denoise.h"
#include "sinterscope/imaging/frame_average.h"
#include "sinterscope/imaging/noise.h"
#include "sinterscope/imaging/registration.h"
#include "sinterscope/imaging/scan_lines.h"
#include "sinterscope/imaging/support.h"
#include "support/cube_scene.h"

namespace sinterscope {
namespace {

constexpr int frame_count = 20;

struct Recorded {
  FramesInMemory frames;
  Drift drift;
  NoiseModel noise;
};

const Recorded& recorded() {
  static const Recorded result = [] {
    cv::setNumThreads(1);
    testing::CubeScene scene;
    scene.frame_px = 1024;
    const auto painted = testing::paint(scene);
    std::vector<cv::Mat1f> frames;
    Drift drift;
    for (int i = 0; i < frame_count; ++i) {
      drift.push_back({{0.4 * i, -0.3 * i}, 0.01, true});
      frames.push_back(testing::detected(testing::expected_frame(painted, drift.back().shift_px),
                                         Rng(1).stream("frame", static_cast<std::uint64_t>(i))));
    }
    return Recorded{FramesInMemory(std::move(frames)), drift, NoiseModel{}};
  }();
  return result;
}

void per_frame(benchmark::State& state, int frames) {
  state.counters["ms_per_frame"] =
      benchmark::Counter(1e-3 * static_cast<double>(state.iterations()) * frames,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Once a region, whatever the number of frames.
void noise_of_region(benchmark::State& state) {
  const Recorded& r = recorded();
  for (auto _ : state) benchmark::DoNotOptimize(estimate_noise(r.frames));
  per_frame(state, frame_count);
}
BENCHMARK(noise_of_region)->Unit(benchmark::kMillisecond);

void drift_of_region(benchmark::State& state) {
  const Recorded& r = recorded();
  NoProgress silent;
  for (auto _ : state) benchmark::DoNotOptimize(estimate_drift(r.frames, r.noise, {}, silent));
  per_frame(state, frame_count);
}
BENCHMARK(drift_of_region)->Unit(benchmark::kMillisecond);

/// Average of all frames and the support in it.
void support_of_region(benchmark::State& state) {
  const Recorded& r = recorded();
  for (auto _ : state)
    benchmark::DoNotOptimize(
        find_support(average_frames(r.frames, r.drift, 0, frame_count).frame.pixels, r.noise));
  per_frame(state, frame_count);
}
BENCHMARK(support_of_region)->Unit(benchmark::kMillisecond);

void denoising(benchmark::State& state, const std::string& method) {
  const Frame frame = recorded().frames.load(0);
  DenoiseOptions options;
  options.method = method;
  for (auto _ : state) benchmark::DoNotOptimize(denoise(frame, recorded().noise, options));
  per_frame(state, 1);
}
BENCHMARK_CAPTURE(denoising, gaussian, "gaussian")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(denoising, median, "median")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(denoising, wavelet, "wavelet")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(denoising, curvature_diffusion, "curvature_diffusion")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(denoising, non_local_means, "non_local_means")->Unit(benchmark::kMillisecond);

void background(benchmark::State& state) {
  const Frame frame = recorded().frames.load(0);
  for (auto _ : state) benchmark::DoNotOptimize(estimate_background(frame.pixels, {}));
  per_frame(state, 1);
}
BENCHMARK(background)->Unit(benchmark::kMillisecond);

void row_jitter(benchmark::State& state) {
  const Frame frame = recorded().frames.load(0);
  for (auto _ : state) benchmark::DoNotOptimize(measure_row_jitter(frame.pixels, recorded().noise));
  per_frame(state, 1);
}
BENCHMARK(row_jitter)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sinterscope
