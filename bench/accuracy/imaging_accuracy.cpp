// SPDX-License-Identifier: GPL-3.0-or-later
// How well the noise model, the drift, the support and the denoised image come out on synthetic SE scenes of
// 1024 x 1024 px with edges and texture; markdown tables on stdout.
// imaging_accuracy [seeds a row, default 10] [noise] [drift] [support] [denoise] [distortion]   (no name: all
// tables)
#include <algorithm>
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
#include "sinterscope/imaging/scan_distortion.h"
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
      "| noise: counts/px, gain, offset, read noise | frames | gain: bias %% | rms %% | read noise: bias %% "
      "| "
      "rms %% | must |\n|---|---|---|---|---|---|---|\n");
  struct Case {
    double dose, gain, offset, read_quanta;
    int bits;
  };
  // Read noise of a third of the darkest pixels' counting noise or more: below that nobody can see it.
  for (const Case& c : {Case{60, 20, 300, 1.94, 16}, Case{8, 20, 300, 0.71, 16}, Case{60, 2, 20, 2.0, 12},
                        Case{15, 100, 1000, 3.0, 16}, Case{200, 1.5, 0, 4.0, 16}})
    for (const int frames : {8, 1}) {
      Series gains, reads;
      for (int seed = 1; seed <= seeds; ++seed) {
        Scene scene = scene_of(c.dose, frames, seed);
        scene.detector.gain = c.gain;
        scene.detector.offset = c.offset;
        scene.detector.bits = c.bits;
        scene.detector.read_noise = c.gain * c.read_quanta;
        NoiseOptions options;
        options.offset = c.offset;
        const NoiseModel noise = estimate_noise(recorded(Microscope(scene, sample())), options);
        gains.add(100.0 * (noise.gain / c.gain - 1.0));
        reads.add(100.0 * (std::sqrt(noise.read_variance) / scene.detector.read_noise - 1.0));
      }
      std::printf("| SE %g, %g, %g, %g | %d | %+.2f | %.2f | %+.2f | %.2f | <= 3 |\n", c.dose, c.gain,
                  c.offset, c.gain * c.read_quanta, frames, gains.mean(), gains.rms(), reads.mean(),
                  reads.rms());
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
  for (const Case& c :
       {Case{"SE", "SE", 60, 0, "<= 0.05"}, Case{"SE", "SE", 8, 0, "<= 0.15"},
        Case{"HAADF", "HAADF", 60, 0, ""}, Case{"SE, 2 holds, jump of 20 px", "SE", 60, 20, ""},
        Case{"SE, 2 holds, jump of 20 px", "SE", 8, 20, ""}}) {
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

struct SupportCase {
  const char* name;
  const char* kind;
  const char* detector;
  double dose, vacuum;
  int frames;
  double pixel_nm = 0.15, tilt_deg = 10.0, smallest_nm = 22.0, largest_nm = 60.0;
  double density_nm2 = 0.006, diameter_nm = 2.05;
};

/// Area of the searched support against that on which the simulator counts sites, with the same guard band.
void support_table(int seeds) {
  std::printf(
      "\n| support | guard px | area: bias %% | rms %% | stated se %% | error / stated se, rms "
      "|\n|---|---|---|---|---|---|\n");
  for (const SupportCase& c :
       {SupportCase{"cubes, SE 60 counts/px", "cubes", "SE", 60, 0.15, 4},
        SupportCase{"cubes, SE 8 counts/px", "cubes", "SE", 8, 0.15, 4},
        SupportCase{"cubes, SE 8 counts/px", "cubes", "SE", 8, 0.15, 1},
        SupportCase{"cubes tilted up to 25 deg, SE 60", "cubes", "SE", 60, 0.15, 4, 0.15, 25.0},
        SupportCase{"cubes of 60 to 120 nm, particles of 6 nm, SE 60", "cubes", "SE", 60, 0.3, 4, 0.15, 10.0,
                    60.0, 120.0, 0.002, 6.0},
        SupportCase{"two or three cubes cut by the frame, particles of 12 nm", "cubes", "SE", 60, 0.3, 4,
                    0.15, 15.0, 100.0, 200.0, 0.0003, 12.0},
        SupportCase{"cubes at 0.25 nm/px, SE 60", "cubes", "SE", 60, 0.15, 4, 0.25},
        SupportCase{"cubes, HAADF 60", "cubes", "HAADF", 60, 0.3, 4},
        SupportCase{"uneven oxide, HAADF 60", "oxide", "HAADF", 60, 0.3, 4},
        SupportCase{"flat, no vacuum, SE 60", "flat", "SE", 60, 0.0, 4}}) {
    Series bias, pull, se, guard;
    for (int seed = 1; seed <= seeds; ++seed) {
      Scene scene = scene_of(c.dose, c.frames, seed, c.detector);
      scene.optics.pixel_size_nm = c.pixel_nm;
      scene.support.kind = c.kind;
      scene.support.vacuum_share = c.vacuum;
      scene.support.tilt_max_deg = c.tilt_deg;
      scene.support.edge_min_nm = c.smallest_nm;
      scene.support.edge_max_nm = c.largest_nm;
      scene.drift.walk_px = 0.0;
      scene.population.edge_gap_nm = 0.0;  // particles right up to the edges
      scene.programme[0].number_density_nm2 = c.density_nm2;
      scene.programme[0].mean_diameter_nm = c.diameter_nm;
      const Microscope microscope(scene, sample());
      const FramesInMemory frames = recorded(microscope);
      const Drift still(frames.size());
      const SupportArea found =
          find_support(average_frames(frames, still, 0, frames.size()).frame.pixels,
                       averaged_noise(estimate_noise(frames), static_cast<double>(frames.size())));
      Scene with_band = scene;
      with_band.population.edge_gap_nm = found.guard_px * c.pixel_nm;
      with_band.programme[0].number_density_nm2 = 0.0;
      // HAADF shows no facet edges: its truth is all that is not vacuum.
      const cv::Mat1b truth =
          found.guard_px > 0.0 ? Microscope(with_band, sample()).usable_mask(0) : microscope.oxide_mask(0);
      const double area = cv::countNonZero(truth), error = found.area_px - area;
      bias.add(100.0 * error / area);
      se.add(100.0 * found.area_se_px / area);
      guard.add(found.guard_px);
      if (found.area_se_px > 0.0) pull.add(error / found.area_se_px);
    }
    std::printf("| %s, %d frames | %.1f | %+.2f | %.2f | %.2f | %.2f |\n", c.name, c.frames, guard.mean(),
                bias.mean(), bias.rms(), se.mean(), pull.rms());
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

/// A frame whose content a slow scan has bent: one and a half sine waves down the frame, another phase in
/// each.
cv::Mat1f bent(const cv::Mat1f& expected, double amplitude_px, double phase) {
  cv::Mat2f read_at(expected.size());
  for (int y = 0; y < expected.rows; ++y) {
    const double turn = 2.0 * CV_PI * (1.5 * y / expected.rows + phase);
    for (int x = 0; x < expected.cols; ++x)
      read_at(y, x) = cv::Vec2f(static_cast<float>(x - amplitude_px * std::sin(turn)),
                                static_cast<float>(y - 0.5 * amplitude_px * std::cos(turn)));
  }
  cv::Mat1f result;
  cv::remap(expected, result, read_at, {}, cv::INTER_LANCZOS4, cv::BORDER_REPLICATE);
  return result;
}

/// rms error of the registered mean of a hold of 8 frames, clear of the border, in counts.
double error_of_mean(const FrameSource& frames, const Drift& drift, const cv::Mat1f& truth) {
  const cv::Rect inside(40, 40, truth.cols - 80, truth.rows - 80);
  const cv::Mat1f mean = average_frames(frames, drift, 0, frames.size()).frame.pixels;
  return cv::norm(mean(inside), truth(inside)) / std::sqrt(inside.area());
}

void distortion_table(int seeds) {
  std::printf(
      "\n| 8 frames, SE | bend rms px | error of the mean: as scanned | straightened | never bent | "
      "displacements rms px |\n|---|---|---|---|---|---|\n");
  constexpr int frames = 8;
  for (const double dose : {60.0, 8.0})
    for (const double amplitude : {0.0, 1.0, 2.0}) {
      Series scanned, straight, rigid, found;
      for (int seed = 1; seed <= seeds; ++seed) {
        const Microscope microscope(scene_of(dose, frames, seed), sample());
        std::vector<cv::Mat1f> images, unbent;
        Rng rng(static_cast<std::uint64_t>(seed));
        for (int k = 0; k < frames; ++k) {
          const cv::Mat1f expected = microscope.expected_quanta(k);
          const auto detected = [&](const cv::Mat1f& quanta) {
            cv::Mat1f counts(quanta.size());
            for (int y = 0; y < quanta.rows; ++y)
              for (int x = 0; x < quanta.cols; ++x) {
                const double mean = std::max(static_cast<double>(quanta(y, x)), 0.0);
                counts(y, x) = static_cast<float>(gain * (mean + std::sqrt(mean) * rng.normal()) + offset);
              }
            return counts;
          };
          images.push_back(detected(bent(expected, amplitude, k / static_cast<double>(frames))));
          unbent.push_back(detected(expected));
        }
        cv::Mat1f truth;
        microscope.expected_quanta(0).convertTo(truth, CV_32F, gain, offset);
        const FramesInMemory plain(unbent);
        auto source = std::make_unique<FramesInMemory>(images);
        const NoiseModel noise = estimate_noise(plain);
        NoProgress silent;
        const Drift drift = estimate_drift(*source, noise, {}, silent);
        scanned.add(error_of_mean(*source, drift, truth));
        rigid.add(error_of_mean(plain, estimate_drift(plain, noise, {}, silent), truth));
        ScanDistortionOptions options;
        options.method = "b_spline";
        const StraightenedFrames frames_straight(std::move(source), drift, {0}, options, silent, 1);
        straight.add(error_of_mean(frames_straight, drift, truth));
        found.add(frames_straight.rms_px());
      }
      std::printf("| %g counts/px | %.2f | %.1f | %.1f | %.1f | %.2f |\n", dose,
                  amplitude * std::sqrt(0.5 + 0.125), scanned.mean(), straight.mean(), rigid.mean(),
                  found.mean());
      std::fflush(stdout);
    }
}

}  // namespace

int main(int argc, char** argv) {
  const int seeds = argc > 1 ? std::atoi(argv[1]) : 10;
  const std::vector<std::string> names(argv + std::min(argc, 2), argv + argc);
  const auto wanted = [&](const char* name) {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  };
  cv::setNumThreads(1);
  if (wanted("noise")) noise_table(seeds);
  if (wanted("drift")) drift_table(seeds);
  if (wanted("support")) support_table(seeds);
  if (wanted("denoise")) denoise_table(std::min(seeds, 3));
  if (wanted("distortion")) distortion_table(std::min(seeds, 3));
}
