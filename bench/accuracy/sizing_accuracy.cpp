// SPDX-License-Identifier: GPL-3.0-or-later
// How well diameters are measured: bias, error against the Cramer-Rao bound, coverage of the intervals; a
// markdown table on stdout. sizing_accuracy [particles a row, default 400]
// [own|rich|strange|pairs|sizes|phases|samples] [repeat, default 0: other random numbers]
#include <cstdio>
#include <cstdlib>

#include <opencv2/imgproc.hpp>

#include "sinterscope/particles/detect.h"
#include "sinterscope/particles/probe.h"
#include "sinterscope/particles/size_distribution.h"
#include "sinterscope/particles/split.h"
#include "sizing_scene.h"

using namespace sinterscope;
using namespace sinterscope::sizing;

namespace {

std::uint64_t repeat = 0;  // added to every seed

NoiseModel counting() {
  NoiseModel noise;
  noise.gain = 1.0;
  return noise;
}

struct Score {
  int n = 0, failed = 0;
  double bias = 0.0, rms = 0.0, coverage = 0.0, error = 0.0;  ///< relative to the diameter
  double pull = 0.0;                                          ///< root mean square of error over stated error
};

Score score(const std::vector<SizedFit>& fits, const std::vector<Placed>& truth) {
  Score s;
  for (std::size_t k = 0; k < fits.size(); ++k) {
    if (fits[k].flags.has(ParticleFlag::fit_failed) || fits[k].flags.has(ParticleFlag::at_bound)) {
      ++s.failed;
      continue;
    }
    ++s.n;
    const double error = fits[k].diameter_px - truth[k].diameter_px;
    s.bias += error / truth[k].diameter_px;
    s.rms += std::pow(error / truth[k].diameter_px, 2);
    s.pull += std::pow(error / fits[k].diameter_se_px, 2);
    s.coverage += std::abs(error) < 1.96 * fits[k].diameter_se_px ? 1 : 0;
  }
  s.bias /= s.n;
  s.rms = std::sqrt(s.rms / s.n);
  s.coverage /= s.n;
  s.pull = std::sqrt(s.pull / s.n);
  s.error = s.rms / std::sqrt(s.n);
  return s;
}

void print_row(const std::string& name, const Score& s, double bound, const char* must) {
  std::printf("| %s | %d | %d | %+.2f ± %.2f | %.2f | ", name.c_str(), s.n, s.failed, 100 * s.bias,
              100 * s.error, 100 * s.rms);
  if (bound > 0)
    std::printf("%.2f | ", s.rms / bound);
  else
    std::printf("| ");
  std::printf("%.1f | %.2f | %s |\n", 100 * s.coverage, s.pull, must);
  std::fflush(stdout);
}

/// The sizer's own profile, probe known.
void own_profile(int n) {
  for (const std::string kind : {"disk", "cap"})
    for (const double pixel : {0.10, 0.15})
      for (const double d : {1.41, 2.05}) {
        Rng rng(101 + 1000 * repeat);
        const TestField scene = lattice(n, pixel, d, rng, [&](TestField& s, Rng&, double x, double y) {
          painted::add(s.mean, x, y, d / pixel, probe_nm / pixel, own_brightness(kind, d / pixel, pixel));
          s.truth.push_back({x, y, d / pixel});
        });
        const cv::Mat1f raw = painted::count(scene.mean, rng);
        const double bound = cramer_rao_px(kind, d, pixel) * pixel / d;
        for (const bool prior : {false, true}) {
          SizeOptions options;
          options.profile = kind;
          options.amplitude_prior = prior;
          const auto fits =
              fit_particles({{raw, {}}}, counting(), seeds_of(scene, rng), {scene.probe_px(), 0}, options);
          char name[120];
          std::snprintf(name, sizeof name, "own %s, %.2f nm, %.2f nm/px, %s", kind.c_str(), d, pixel,
                        prior ? "amplitudes shared" : "amplitude free");
          print_row(name, score(fits, scene.truth), bound, "bias 1, rms 1.15, 93 to 97");
        }
      }
}

/// The simulator's particles, which the sizer does not know.
TestField rich_scene(int n, double pixel, double d, const std::string& detector, double elliptic,
                     double facetted, Rng& rng) {
  OpticsSettings optics;
  optics.detector = detector;
  optics.pixel_size_nm = pixel;
  optics.probe_sigma_nm = probe_nm;
  optics.se_contrast = se_contrast;
  optics.haadf_contrast_per_nm = haadf_per_nm;
  return lattice(n, pixel, d, rng, [&](TestField& s, Rng& r, double x, double y) {
    PaintedParticle particle;
    particle.diameter_nm = d;
    particle.axis_ratio = 1 + elliptic;
    particle.angle_rad = r.uniform(0, 3.14159);
    particle.corners = r.uniform() < facetted ? 4 + static_cast<int>(r.below(3)) : 0;
    particle.contrast_factor = 1 + optics.contrast_spread * r.normal();
    add_rich(s, particle, x, y, optics);
    s.truth.push_back({x, y, d / pixel});
  });
}

void rich_profile(int n) {
  for (const std::string detector : {"SE", "HAADF"})
    for (const double d : {1.41, 2.05, 4.0})
      for (const double facetted : {0.0, 1.0}) {
        Rng rng(202 + 1000 * repeat);
        const double pixel = 0.15;
        const TestField scene = rich_scene(n, pixel, d, detector, 0.10, facetted, rng);
        const cv::Mat1f raw = painted::count(scene.mean, rng);
        const auto seeds = seeds_of(scene, rng);
        SizeOptions options;
        options.detector = detector;
        for (const bool known : {true, false}) {
          Probe probe{scene.probe_px(), 0};
          if (!known) {
            const auto estimated = estimate_probe(raw, counting(), seeds, options);
            if (estimated) probe = *estimated;
          }
          const auto fits = fit_particles({{raw, {}}}, counting(), seeds, probe, options);
          char name[160];
          std::snprintf(name, sizeof name, "simulated %s, %s, %.2f nm, probe %s, taken for %s",
                        detector.c_str(), facetted > 0 ? "facetted" : "10 % elliptic", d,
                        known ? "known" : "estimated", to_text(fits.front().profile.kind).c_str());
          if (!known)
            std::printf("<!-- probe %.3f +- %.3f, true %.3f -->\n", probe.sigma_px, probe.sigma_se_px,
                        scene.probe_px());
          print_row(name, score(fits, scene.truth), 0, "bias 3, 90");
        }
      }
}

/// What none of the constants was looked at with: sizes spread by 15 %, probe and profile estimated.
struct Strange {
  const char* name;
  const char* detector;
  double probe_nm = 0.25, elliptic = 0.1, counts = dose, contrast = 1.0;
  double skirts = 0.0;  ///< share of the light in a second Gaussian three times as wide
  double waves = 0.0;   ///< of the ground, relative, 8 nm long both ways
};

void strange(int n) {
  const double d = 2.05, pixel = 0.15;
  for (const Strange& one :
       std::vector<Strange>{{"SE, probe 0.075 nm", "SE", 0.075},
                            {"SE, probe 0.45 nm", "SE", 0.45},
                            {"HAADF, probe 0.075 nm", "HAADF", 0.075},
                            {"HAADF, probe 0.45 nm", "HAADF", 0.45},
                            {"SE, axis ratio 1.3", "SE", 0.25, 0.3},
                            {"HAADF, axis ratio 1.3", "HAADF", 0.25, 0.3},
                            {"SE, 8 counts/px, contrast 1.35", "SE", 0.25, 0.1, 8, 3},
                            {"SE, 200 counts/px, contrast 0.15", "SE", 0.25, 0.1, 200, 0.33},
                            {"HAADF, 200 counts/px", "HAADF", 0.25, 0.1, 200},
                            {"SE, a tenth in skirts", "SE", 0.25, 0.1, 60, 1, 0.1},
                            {"HAADF, a tenth in skirts", "HAADF", 0.25, 0.1, 60, 1, 0.1},
                            {"SE, ground in waves of 5 %", "SE", 0.25, 0.1, 60, 1, 0, 0.05},
                            {"HAADF, ground in waves of 5 %", "HAADF", 0.25, 0.1, 60, 1, 0, 0.05}}) {
    Rng rng(707 + 1000 * repeat);
    OpticsSettings optics;
    optics.detector = one.detector;
    optics.pixel_size_nm = pixel;
    optics.se_contrast = se_contrast;
    optics.haadf_contrast_per_nm = haadf_per_nm;
    TestField scene = lattice(
        n, pixel, 1.5 * d + 10 * (one.probe_nm - 0.25), rng, [&](TestField& s, Rng& r, double x, double y) {
          PaintedParticle particle;
          particle.diameter_nm = d * std::exp(0.15 * r.normal());
          particle.axis_ratio = 1 + one.elliptic;
          particle.angle_rad = r.uniform(0, 3.14159);
          const double contrast = one.contrast * (1 + optics.contrast_spread * r.normal());
          for (const bool skirt : {false, true}) {
            particle.contrast_factor = contrast * (skirt ? one.skirts : 1 - one.skirts);
            optics.probe_sigma_nm = one.probe_nm * (skirt ? 3 : 1);
            if (particle.contrast_factor > 0) add_rich(s, particle, x, y, optics);
          }
          s.truth.push_back({x, y, particle.diameter_nm / pixel});
        });
    const double wave = 2 * 3.14159265 * pixel / 8.0;
    for (int y = 0; y < scene.mean.rows; ++y)
      for (int x = 0; x < scene.mean.cols; ++x)
        scene.mean(y, x) *= one.counts / dose * (1 + one.waves * std::sin(wave * x) * std::sin(wave * y));
    const cv::Mat1f raw = painted::count(scene.mean, rng);
    const auto seeds = seeds_of(scene, rng);
    SizeOptions options;
    options.detector = one.detector;
    const auto probe = estimate_probe(raw, counting(), seeds, options);
    const auto fits = fit_particles({{raw, {}}}, counting(), seeds, probe.value_or(Probe{1.0, 0.3}), options);
    std::printf("<!-- probe %.3f +- %.3f, true %.3f -->\n", probe ? probe->sigma_px : 0.0,
                probe ? probe->sigma_se_px : 0.0, one.probe_nm / pixel);
    print_row(std::string(one.name) + ", taken for " + to_text(fits.front().profile.kind),
              score(fits, scene.truth), 0, "bias 3, 90");
  }
}

/// Pairs of equal particles, `gap` diameters from edge to edge, found by the detector and told apart by the
/// splitter.
void pairs(int n) {
  for (const double d : {1.41, 2.05})
    for (const double gap : {0.3, 0.0}) {
      Rng rng(303 + 1000 * repeat);
      const double pixel = 0.15, px = d / pixel;
      const TestField field =
          lattice(n / 2, pixel, 2.6 * d, rng, [&](TestField& s, Rng& r, double x, double y) {
            const double angle = r.uniform(0, 3.14159), half = 0.5 * (1 + gap) * px;
            for (const double way : {-half, half}) {
              const double px_x = x + way * std::cos(angle), px_y = y + way * std::sin(angle);
              painted::add(s.mean, px_x, px_y, px, probe_nm / pixel, own_brightness("disk", px, pixel));
              s.truth.push_back({px_x, px_y, px});
            }
          });
      const cv::Mat1f raw = painted::count(field.mean, rng);
      cv::Mat1f clean;
      cv::GaussianBlur(raw, clean, cv::Size(), 1.2);
      SizeOptions options;
      options.profile = "disk";
      const Probe probe{field.probe_px(), 0};
      std::vector<Seed> seeds;
      for (const Detection& one : detect(clean, cv::Mat1b(raw.size(), 255), DetectOptions()))
        seeds.push_back({one.x_px, one.y_px, one.diameter_px});
      seeds = split_seeds({{raw, {}}}, counting(), seeds, probe, options).seeds;
      const auto fits = fit_particles({{raw, {}}}, counting(), seeds, probe, options);
      std::vector<SizedFit> matched;
      std::vector<Placed> truth;
      for (const Placed& one : field.truth)
        for (const SizedFit& fit : fits)
          if (std::hypot(fit.x_px - one.x_px, fit.y_px - one.y_px) < 0.4 * px) {
            matched.push_back(fit);
            truth.push_back(one);
            break;
          }
      char name[120];
      std::snprintf(name, sizeof name, "pairs of %.2f nm, %s: %.1f %% found", d,
                    gap > 0 ? "0.3 d apart" : "touching",
                    100.0 * static_cast<double>(matched.size()) / static_cast<double>(field.truth.size()));
      print_row(name, score(matched, truth), 0, "found 90, bias 4");
    }
}

/// 0.8 to 20 nm side by side in one frame: one fit of all, one row a size.
void sizes(int n) {
  const double pixel = 0.15;
  const std::vector<double> diameters = {0.8, 1.0, 1.41, 2.05, 3.0, 5.0, 8.0, 12.0, 20.0};
  for (const bool facetted : {false, true}) {
    Rng rng(404 + 1000 * repeat);
    TestField field;
    field.pixel_nm = pixel;
    field.mean = cv::Mat1d(2600, 2600, dose);
    std::vector<std::size_t> of_size;
    double y = 10;
    for (std::size_t k = 0; k < diameters.size(); ++k) {
      const double px = diameters[k] / pixel, cell = 1.25 * px + 11 * probe_nm / pixel;
      const int wanted = std::max(12, static_cast<int>(n / (1 + diameters[k])));
      for (int placed = 0; placed < wanted; y += cell)
        for (double x = 10 + 0.5 * cell; x + 0.5 * cell < 2590 && placed < wanted; x += cell, ++placed) {
          const double at_x = x + rng.uniform(-1, 1), at_y = y + 0.5 * cell + rng.uniform(-1, 1);
          const auto brightness = facetted && px > 20
                                      ? painted::polygon(px, dose * se_contrast, 6, rng.uniform(0, 1))
                                      : painted::disk(px, dose * se_contrast);
          painted::add(field.mean, at_x, at_y, px, probe_nm / pixel, brightness, px > 40 ? 3 : 6);
          field.truth.push_back({at_x, at_y, px});
          of_size.push_back(k);
        }
    }
    const cv::Mat1f raw = painted::count(field.mean, rng);
    SizeOptions options;
    options.profile = "disk";
    const auto fits =
        fit_particles({{raw, {}}}, counting(), seeds_of(field, rng), {field.probe_px(), 0}, options);
    for (std::size_t k = 0; k < diameters.size(); ++k) {
      std::vector<SizedFit> own;
      std::vector<Placed> truth;
      int contour = 0;
      for (std::size_t i = 0; i < fits.size(); ++i)
        if (of_size[i] == k) {
          own.push_back(fits[i]);
          truth.push_back(field.truth[i]);
          contour += fits[i].flags.has(ParticleFlag::irregular) ? 1 : 0;
        }
      char name[120];
      std::snprintf(name, sizeof name, "0.8 to 20 nm in one frame, %s: %.2f nm, %d by contour",
                    facetted && diameters[k] / pixel > 20 ? "hexagons" : "disks", diameters[k], contour);
      print_row(name, score(own, truth), 0, "bias 3");
    }
  }
}

/// Mean error of the position against the phase of the pixel grid.
void phases(int n) {
  Rng rng(505 + 1000 * repeat);
  const double pixel = 0.15, d = 2.05;
  const TestField field = lattice(4 * n, pixel, d, rng, [&](TestField& s, Rng&, double x, double y) {
    painted::add(s.mean, x, y, d / pixel, probe_nm / pixel, own_brightness("disk", d / pixel, pixel));
    s.truth.push_back({x, y, d / pixel});
  });
  SizeOptions options;
  options.profile = "disk";
  const auto fits = fit_particles({{painted::count(field.mean, rng), {}}}, counting(), seeds_of(field, rng),
                                  {field.probe_px(), 0}, options);
  constexpr int bins = 5;
  double sum[bins] = {}, squares[bins] = {};
  int count[bins] = {};
  for (std::size_t k = 0; k < fits.size(); ++k) {
    const double x = field.truth[k].x_px, error = fits[k].x_px - x;
    const int bin = std::min(bins - 1, static_cast<int>((x - std::floor(x)) * bins));
    sum[bin] += error;
    squares[bin] += error * error;
    ++count[bin];
  }
  std::printf("\nMean error of x against its phase in the pixel, px (must be flat within 0.02):");
  for (int bin = 0; bin < bins; ++bin)
    std::printf(" %+.4f ± %.4f", sum[bin] / count[bin], std::sqrt(squares[bin]) / count[bin]);
  std::printf("\n\n");
}

/// The paper's statement: a sample of 1.41 nm and one of 2.05 nm, through image, fit and distribution. Both
/// are holds of one region, whose profile is read from them together, as the pipeline does.
void two_samples(int n) {
  Rng rng(606 + 1000 * repeat);
  const double means[2] = {1.41, 2.05}, spread[2] = {0.20, 0.28}, pixel = 0.15;
  std::vector<SeenHold> holds;
  double painted_mean[2] = {}, painted_sd[2] = {};
  for (int k = 0; k < 2; ++k) {
    OpticsSettings optics;
    optics.pixel_size_nm = pixel;
    optics.probe_sigma_nm = probe_nm;
    double square = 0;
    const TestField field =
        lattice(n, pixel, means[k] + 3 * spread[k], rng, [&](TestField& s, Rng& r, double x, double y) {
          PaintedParticle particle;
          particle.diameter_nm = std::max(0.6, means[k] + spread[k] * r.normal());
          particle.axis_ratio = 1 + 0.1 * r.uniform();
          particle.angle_rad = r.uniform(0, 3.14159);
          particle.corners = r.uniform() < optics.facetted_share ? 4 + static_cast<int>(r.below(3)) : 0;
          particle.contrast_factor = 1 + optics.contrast_spread * r.normal();
          add_rich(s, particle, x, y, optics);
          s.truth.push_back({x, y, particle.diameter_nm / pixel});
          painted_mean[k] += particle.diameter_nm / n;
          square += particle.diameter_nm * particle.diameter_nm / n;
        });
    painted_sd[k] = std::sqrt(square - painted_mean[k] * painted_mean[k]);
    const cv::Mat1f raw = painted::count(field.mean, rng);
    holds.push_back({{{raw, {}}}, seeds_of(field, rng)});
  }
  SizeOptions options;
  options.detector = "SE";
  Probe probe{probe_nm / pixel, 0};
  probe.profile = choose_profile(holds, counting(), probe, options);
  SizeDistribution laws[2];
  for (std::size_t k = 0; k < 2; ++k) {
    std::vector<MeasuredSize> measured;
    for (const SizedFit& fit : fit_particles(holds[k].frames, counting(), holds[k].seeds, probe, options))
      if (!fit.flags.has(ParticleFlag::fit_failed) && !fit.flags.has(ParticleFlag::at_bound))
        measured.push_back({fit.diameter_px * pixel, fit.diameter_se_px * pixel});
    laws[k] = *fit_size_distribution(measured, SizeLaw::normal);
    std::printf(
        "Sample painted with mean %.3f nm, spread %.3f nm: reported %.3f ± %.3f nm, spread %.3f ± %.3f nm "
        "(must: mean within 0.02, spread within 10 %%)\n",
        painted_mean[k], painted_sd[k], laws[k].mean_nm, laws[k].mean_se_nm, laws[k].sd_nm, laws[k].sd_se_nm);
  }
  const SizeDifference change = compare_sizes(laws[0], laws[1]);
  std::printf("%.2f against %.2f nm: %+.3f ± %.3f nm, rim %.3f\n", laws[1].mean_nm, laws[0].mean_nm,
              change.difference_nm, change.se_nm, probe.profile->rim);
}

}  // namespace

int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 400;
  const std::string only = argc > 2 ? argv[2] : "";
  repeat = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
  std::printf(
      "| case | n | failed | bias / %% | rms / %% | rms / CRB | 95 %% intervals cover / %% | pull | must "
      "|\n");
  std::printf("|---|---|---|---|---|---|---|---|---|\n");
  if (only.empty() || only == "own") own_profile(n);
  if (only.empty() || only == "rich") rich_profile(n);
  if (only.empty() || only == "strange") strange(n);
  if (only.empty() || only == "pairs") pairs(n);
  if (only.empty() || only == "sizes") sizes(n);
  if (only.empty() || only == "phases") phases(n);
  if (only.empty() || only == "samples") two_samples(n);
  return 0;
}
