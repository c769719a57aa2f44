// SPDX-License-Identifier: GPL-3.0-or-later
// How well the noise model, the drift, the support and the denoised image come out on synthetic SE scenes of
// 1024 x 1024 px with edges and texture; markdown tables on stdout. imaging_accuracy [seeds a row, default
// 10]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "sinterscope/imaging/denoise.h"
#include "sinterscope/imaging/frame_average.h"
#include "sinterscope/imaging/noise.h"
#include "sinterscope/imaging/registration.h"
#include "sinterscope/imaging/support.h"
#include "sinterscope/imaging/variance_stabilisation.h"
#include "sinterscope/synth/microscope.h"

using namespace sinterscope;

namespace {

constexpr double gain = 20.0, offset = 300.0;  // counts per quantum, counts

Scene scene_of(double dose, int frames, int seed, const std::string& detector = "SE") {
  Scene scene;
  scene.seed = seed;
  scene.optics.dose_counts = dose;
  scene.optics.detector = detector;
  scene.detector.gain = gain;
  scene.detector.offset = offset;
  SceneStep hold;
  hold.frames = frames;
  hold.temperature_K = 473.15;
  hold.number_density_nm2 = 0.006;
  hold.mean_diameter_nm = 2.05;
  scene.programme = {hold};
  return scene;
}

Sample sample() {
  Sample s;
  s.particle_name = "PdO";
  s.volume_per_metal_atom_nm3 = 0.0245;
  s.support_name = "CeO2(100)";
  s.site_density_nm2 = 6.8;
  return s;
}

FramesInMemory recorded(const Microscope& microscope) {
  std::vector<cv::Mat1f> frames;
  for (int i = 0; i < microscope.frame_count(); ++i) frames.push_back(microscope.record(i).pixels);
  return FramesInMemory(std::move(frames));
}

/// Mean and root mean square of a series.
struct Series {
  double sum = 0, squares = 0;
  int n = 0;
  void add(double x) { sum += x, squares += x * x, ++n; }
  double mean() const { return n > 0 ? sum / n : 0.0; }
  double rms() const { return n > 0 ? std::sqrt(squares / n) : 0.0; }
};

void noise_table(int seeds) {
  std::printf(
      "| noise | frames | gain: bias %% | rms %% | read noise: bias %% | rms %% | must "
      "|\n|---|---|---|---|---|---|---|\n");
  for (const double dose : {60.0, 8.0})
    for (const int frames : {8, 1}) {
      Series gains, reads;
      for (int seed = 1; seed <= seeds; ++seed) {
        Scene scene = scene_of(dose, frames, seed);
        // Read noise of a third of the darkest pixels' counting noise or more: below that nobody can see it.
        scene.detector.read_noise = gain * 0.5 * std::sqrt(0.25 * dose);
        NoiseOptions options;
        options.offset = offset;
        const NoiseModel noise = estimate_noise(recorded(Microscope(scene, sample())), options);
        gains.add(100.0 * (noise.gain / gain - 1.0));
        reads.add(100.0 * (std::sqrt(noise.read_variance) / scene.detector.read_noise - 1.0));
      }
      std::printf("| SE %g counts/px | %d | %+.2f | %.2f | %+.2f | %.2f | %s |\n", dose, frames, gains.mean(),
                  gains.rms(), reads.mean(), reads.rms(), frames > 1 ? "<= 3" : "");
      std::fflush(stdout);
    }
}

void drift_table(int seeds) {
  std::printf(
      "\n| drift, 20 frames, 0.5 px/frame | rms px | 90 %% of the seeds below | rms / stated sigma | "
      "unreliable | must |\n"
      "|---|---|---|---|---|---|\n");
  struct Case {
    std::string name, detector;
    double dose, jump;
    const char* must;
  };
  for (const Case& c : {Case{"SE", "SE", 60, 0, "<= 0.05"}, Case{"SE", "SE", 8, 0, "<= 0.15"},
                        Case{"HAADF", "HAADF", 60, 0, ""}, Case{"SE, holds 20 px apart", "SE", 60, 20, ""}}) {
    Series errors, pulls;
    std::vector<double> of_seed;
    int unreliable = 0;
    for (int seed = 1; seed <= seeds; ++seed) {
      Scene scene = scene_of(c.dose, c.jump > 0 ? 10 : 20, seed, c.detector);
      if (c.jump > 0) {
        scene.drift.jump_px = c.jump;
        SceneStep hot = scene.programme[0];
        hot.temperature_K = 773.15;
        hot.start_s = 1000.0;
        hot.number_density_nm2 = 0.0;
        scene.programme.push_back(hot);
      }
      const Microscope microscope(scene, sample());
      const FramesInMemory frames = recorded(microscope);
      NoProgress silent;
      const Drift drift = estimate_drift(frames, estimate_noise(frames), {}, silent);
      const Drift& truth = microscope.truth().drift[0];
      Series own;
      for (std::size_t i = 1; i < drift.size(); ++i) {
        const cv::Point2d error = drift[i].shift_px - (truth[i].shift_px - truth[0].shift_px);
        for (const double e : {error.x, error.y}) {
          errors.add(e), own.add(e);
          pulls.add(e / drift[i].sigma_px);
        }
        unreliable += drift[i].reliable ? 0 : 1;
      }
      of_seed.push_back(own.rms());
    }
    std::sort(of_seed.begin(), of_seed.end());
    std::printf("| %s, %g counts/px | %.4f | %.4f | %.2f | %d | %s |\n", c.name.c_str(), c.dose, errors.rms(),
                of_seed[of_seed.size() * 9 / 10 - (of_seed.size() >= 10 ? 1 : 0)], pulls.rms(), unreliable,
                c.must);
    std::fflush(stdout);
  }
}

void support_table(int seeds) {
  std::printf(
      "\n| support | area: bias %% | rms %% | error / stated se, rms | pixels wrong %% "
      "|\n|---|---|---|---|---|\n");
  struct Case {
    const char* kind;
    const char* detector;
    double dose, vacuum;
  };
  for (const Case& c :
       {Case{"cubes", "SE", 60, 0.15}, Case{"cubes", "SE", 8, 0.15}, Case{"cubes", "HAADF", 60, 0.3},
        Case{"oxide", "HAADF", 60, 0.3}, Case{"flat", "SE", 60, 0.0}}) {
    Series bias, pull, wrong;
    for (int seed = 1; seed <= seeds; ++seed) {
      Scene scene = scene_of(c.dose, 1, seed, c.detector);
      scene.support.kind = c.kind;
      scene.support.vacuum_share = c.vacuum;
      const Microscope microscope(scene, sample());
      const FramesInMemory frames = recorded(microscope);
      const SupportArea found = find_support(frames.load(0).pixels, estimate_noise(frames));
      const cv::Mat1b truth = microscope.oxide_mask(0);
      const double area = cv::countNonZero(truth), error = found.area_px - area;
      bias.add(100.0 * error / area);
      if (found.area_se_px > 0.0) pull.add(error / found.area_se_px);
      wrong.add(100.0 * cv::countNonZero(found.mask ^ truth) / static_cast<double>(truth.total()));
    }
    std::printf("| %s, %s, %g counts/px | %+.2f | %.2f | %.2f | %.2f |\n", c.kind, c.detector, c.dose,
                bias.mean(), bias.rms(), pull.rms(), wrong.mean());
    std::fflush(stdout);
  }
}

/// What a search for particles of 1.4 and 2.05 nm would see: the signal of matched disks over the scatter of
/// the same measure on the particle-free truth plus noise. Also the plain root mean square error.
void denoise_table(int seeds) {
  std::printf(
      "\n| denoising | counts/px | frames | rms error / raw | contrast kept, 2.05 nm "
      "|\n|---|---|---|---|---|\n");
  for (const double dose : {60.0, 8.0})
    for (const std::string method :
         {"gaussian", "median", "wavelet", "curvature_diffusion", "non_local_means", "average of 8"}) {
      Series ratio, contrast;
      for (int seed = 1; seed <= seeds; ++seed) {
        const bool average = method == "average of 8";
        const Microscope microscope(scene_of(dose, average ? 8 : 1, seed), sample());
        const FramesInMemory frames = recorded(microscope);
        const NoiseModel noise = estimate_noise(frames);
        cv::Mat1f truth;
        microscope.expected_quanta(0).convertTo(truth, CV_32F, gain, offset);
        Frame clean;
        if (average) {
          NoProgress silent;
          clean = average_frames(frames, estimate_drift(frames, noise, {}, silent), 0, 8).frame;
        } else {
          DenoiseOptions options;
          options.method = method;
          clean = denoise(frames.load(0), noise, options);
        }
        ratio.add(cv::norm(clean.pixels, truth) / cv::norm(frames.load(0).pixels, truth));
        // Signal of the middle over a ring, in the clean image over that in the truth, summed over the
        // particles.
        double kept = 0, whole = 0;
        const double radius = 0.5 * 2.05 / scene_of(1, 1, 1).optics.pixel_size_nm;
        for (const TruthParticle& p : microscope.particles_in(0)) {
          const cv::Point at(static_cast<int>(std::lround(p.x_px)), static_cast<int>(std::lround(p.y_px)));
          const int r = static_cast<int>(2.0 * radius);
          if (!cv::Rect(r, r, truth.cols - 2 * r, truth.rows - 2 * r).contains(at)) continue;
          cv::Mat1b middle = cv::Mat1b::zeros(2 * r + 1, 2 * r + 1), ring = middle.clone();
          cv::circle(middle, {r, r}, static_cast<int>(0.6 * radius), 255, -1);
          cv::circle(ring, {r, r}, r, 255, -1);
          cv::circle(ring, {r, r}, static_cast<int>(1.5 * radius), 0, -1);
          const cv::Rect area(at.x - r, at.y - r, 2 * r + 1, 2 * r + 1);
          kept += cv::mean(clean.pixels(area), middle)[0] - cv::mean(clean.pixels(area), ring)[0];
          whole += cv::mean(truth(area), middle)[0] - cv::mean(truth(area), ring)[0];
        }
        contrast.add(kept / whole);
      }
      std::printf("| %s | %g | %s | %.3f | %.3f |\n", method.c_str(), dose,
                  method == "average of 8" ? "8" : "1", ratio.mean(), contrast.mean());
      std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char** argv) {
  const int seeds = argc > 1 ? std::atoi(argv[1]) : 10;
  noise_table(seeds);
  drift_table(seeds);
  support_table(seeds);
  denoise_table(std::min(seeds, 3));
}
