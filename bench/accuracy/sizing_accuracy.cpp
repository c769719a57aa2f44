// SPDX-License-Identifier: GPL-3.0-or-later
// How well diameters are measured: bias, error against the Cramer-Rao bound, coverage of the intervals; a markdown table
// on stdout. sizing_accuracy [particles a row, default 400]
#include <cstdio>
#include <cstdlib>

#include "sinterscope/particles/probe.h"
#include "sizing_scene.h"

using namespace sinterscope;
using namespace sinterscope::sizing;

namespace {

NoiseModel counting() {
  NoiseModel noise;
  noise.gain = 1.0;
  return noise;
}

struct Score {
  int n = 0, failed = 0;
  double bias = 0.0, rms = 0.0, coverage = 0.0, error = 0.0; ///< relative to the diameter
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
    s.coverage += std::abs(error) < 1.96 * fits[k].diameter_se_px ? 1 : 0;
  }
  s.bias /= s.n;
  s.rms = std::sqrt(s.rms / s.n);
  s.coverage /= s.n;
  s.error = s.rms / std::sqrt(s.n);
  return s;
}

void print_row(const std::string& name, const Score& s, double bound, const char* must) {
  std::printf("| %s | %d | %d | %+.2f ± %.2f | %.2f | ", name.c_str(), s.n, s.failed, 100 * s.bias, 100 * s.error, 100 * s.rms);
  if (bound > 0)
    std::printf("%.2f | ", s.rms / bound);
  else
    std::printf("| ");
  std::printf("%.1f | %s |\n", 100 * s.coverage, must);
  std::fflush(stdout);
}

/// The sizer's own profile, probe known.
void own_profile(int n) {
  for (const std::string kind : {"disk", "cap"})
    for (const double pixel : {0.10, 0.15})
      for (const double d : {1.41, 2.05}) {
        Rng rng(101);
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
          const auto fits = fit_particles({{raw, {}}}, counting(), seeds_of(scene, rng), {scene.probe_px(), 0}, options);
          char name[120];
          std::snprintf(name, sizeof name, "own %s, %.2f nm, %.2f nm/px, %s", kind.c_str(), d, pixel,
                        prior ? "amplitudes shared" : "amplitude free");
          print_row(name, score(fits, scene.truth), bound, "bias 1, rms 1.15, 93 to 97");
        }
      }
}

/// The simulator's particles, which the sizer does not know.
TestField rich_scene(int n, double pixel, double d, const std::string& detector, double elliptic, double facetted, Rng& rng) {
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
        Rng rng(202);
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
          std::snprintf(name, sizeof name, "simulated %s, %s, %.2f nm, probe %s, taken for %s", detector.c_str(),
                        facetted > 0 ? "facetted" : "10 %% elliptic", d, known ? "known" : "estimated",
                        to_text(fits.front().profile.kind).c_str());
          if (!known) std::printf("<!-- probe %.3f +- %.3f, true %.3f -->\n", probe.sigma_px, probe.sigma_se_px, scene.probe_px());
          print_row(name, score(fits, scene.truth), 0, "bias 3, 90");
        }
      }
}

} // namespace

int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 400;
  const std::string only = argc > 2 ? argv[2] : "";
  std::printf("| case | n | failed | bias / %% | rms / %% | rms / CRB | 95 %% intervals cover / %% | must |\n");
  std::printf("|---|---|---|---|---|---|---|---|\n");
  if (only.empty() || only == "own") own_profile(n);
  if (only.empty() || only == "rich") rich_profile(n);
  return 0;
}
