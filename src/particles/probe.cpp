// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/probe.h"

#include <algorithm>
#include <cmath>

namespace sinterscope {
namespace {

/// What the particles together say of ln(blurred sigma) at one sigma.
struct Verdict {
  double score = 0.0, information = 0.0, score_variance = 0.0;
  int particles = 0;
};

class ProbeSearch {
 public:
  ProbeSearch(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise, const SizeOptions& options)
      : frames_(frames), noise_(noise), options_(options) {
    options_.amplitude_prior = false;  // learned under the sigma that is asked for
    options_.bias_correction = false;
  }

  Verdict judge(const std::vector<Seed>& seeds, double blurred) const {
    const Probe probe{std::sqrt(std::max(blurred * blurred - 1.0 / 12.0, 0.0)), 0.0};
    Verdict verdict;
    for (const SizedFit& fit : fit_particles(frames_, noise_, seeds, probe, options_)) {
      if (fit.flags.has(ParticleFlag::fit_failed) || fit.flags.has(ParticleFlag::at_bound) ||
          fit.flags.has(ParticleFlag::cut_by_edge) || fit.flags.has(ParticleFlag::touching))
        continue;
      const double excess = std::max(1.0, fit.chi2_per_dof);  // a poorly fitted particle has less to say
      verdict.score += fit.probe_score / excess;
      verdict.information += fit.probe_information / excess;
      verdict.score_variance += fit.probe_score * fit.probe_score / (excess * excess);
      ++verdict.particles;
    }
    return verdict;
  }

 private:
  const std::vector<ShiftedFrame>& frames_;
  const NoiseModel& noise_;
  SizeOptions options_;
};

std::vector<Seed> spread_evenly(const std::vector<Seed>& seeds, std::size_t most) {
  if (seeds.size() <= most) return seeds;
  std::vector<Seed> fewer;
  for (std::size_t k = 0; k < most; ++k) fewer.push_back(seeds[k * seeds.size() / most]);
  return fewer;
}

}  // namespace

std::optional<Probe> estimate_probe(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise,
                                    const std::vector<Seed>& seeds, const SizeOptions& options) {
  if (seeds.size() < 3) return std::nullopt;
  const ProbeSearch search(frames, noise, options);
  const std::vector<Seed> few = spread_evenly(seeds, 40), many = spread_evenly(seeds, 150);
  // A coarse walk finds where the score changes from "wider" to "narrower"; the last such place below the
  // size of the particles is taken, because near sigma = 0 the score of a disk may vanish as well.
  std::vector<double> diameters;
  for (const Seed& seed : seeds) diameters.push_back(seed.diameter_px);
  std::nth_element(diameters.begin(), diameters.begin() + static_cast<std::ptrdiff_t>(diameters.size() / 2),
                   diameters.end());
  const double largest = std::min(8.0, std::max(1.0, diameters[diameters.size() / 2]));
  constexpr double ratio = 1.35;
  double low = 0.0, high = 0.0, before = blurred_sigma(0.1);
  bool wider = true;
  for (double sigma = before; sigma < largest * ratio; before = sigma, sigma *= ratio) {
    const bool now = search.judge(few, sigma).score > 0;
    if (wider && !now) low = before, high = sigma;
    wider = now;
  }
  if (high <= 0.0) return std::nullopt;
  Verdict verdict;
  for (int step = 0; step < 8 && high / low > 1.002; ++step) {
    const double middle = std::sqrt(low * high);
    verdict = search.judge(many, middle);
    (verdict.score > 0 ? low : high) = middle;
  }
  double blurred = std::sqrt(low * high);
  verdict = search.judge(many, blurred);
  if (verdict.particles < 3 || !(verdict.information > 0)) return std::nullopt;
  blurred *=
      std::exp(std::clamp(verdict.score / verdict.information, -0.05, 0.05));  // the last step by Newton
  const double log_se =
      std::sqrt(std::max(verdict.score_variance, verdict.information)) / verdict.information;
  const double sigma = std::sqrt(std::max(blurred * blurred - 1.0 / 12.0, 0.01));
  return Probe{sigma, log_se * blurred * blurred / sigma};
}

std::optional<Probe> estimate_probe(const cv::Mat1f& raw, const NoiseModel& noise,
                                    const std::vector<Seed>& seeds, const SizeOptions& options) {
  return estimate_probe(std::vector<ShiftedFrame>{{raw, {}}}, noise, seeds, options);
}

}  // namespace sinterscope
