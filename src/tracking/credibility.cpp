// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/credibility.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "sinterscope/core/median.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

constexpr double odd_share = 0.05;
constexpr double any_density = 0.25;  ///< per unit of a logarithm, of what may be anything within e^4
constexpr double false_snr = 3.0, false_snr_log_sd = 0.3;
constexpr std::size_t enough_for_a_law = 8;

double normal_density(double x, double sd) {
  return std::exp(-0.5 * x * x / (sd * sd)) / (sd * std::sqrt(2.0 * pi));
}

/// How the particles look: medians and robust spreads of ln(SNR) and ln(contrast).
struct Law {
  double snr, snr_sd, contrast, contrast_sd;
};

/// Median and scaled median deviation; the spread is never taken below `least_sd`, which a handful of
/// particles cannot show.
std::pair<double, double> middle(std::vector<double> values, double least_sd) {
  const double centre = median(values);
  return {centre, std::max(robust_sd(values), least_sd)};
}

/// A fit without any contrast found nothing.
double log_contrast(const Appearance& one) {
  constexpr double least = 1e-3;
  return std::log(std::max(std::abs(one.contrast), least));
}

struct Sample {
  std::vector<double> snr, contrast;
  Law law() const {
    constexpr double least_snr_sd = 0.25, least_contrast_sd = 0.15;
    const auto [s, s_sd] = middle(snr, least_snr_sd);
    const auto [c, c_sd] = middle(contrast, least_contrast_sd);
    return {s, s_sd, c, c_sd};
  }
};

}  // namespace

std::vector<double> log_false_ratios(std::span<const Appearance> appearances) {
  const auto measured = [](const Appearance& one) { return one.snr > 0.0; };
  std::map<std::size_t, Sample> holds;
  Sample region;
  for (const Appearance& one : appearances) {
    if (!measured(one)) continue;
    for (Sample* sample : {&holds[one.hold], &region}) {
      sample->snr.push_back(std::log(one.snr));
      sample->contrast.push_back(log_contrast(one));
    }
  }
  std::map<std::size_t, Law> laws;
  for (const auto& [hold, sample] : holds)
    laws[hold] = (sample.snr.size() >= enough_for_a_law ? sample : region).law();
  std::vector<double> ratios;
  for (const Appearance& one : appearances) {
    if (!measured(one)) {
      ratios.push_back(-std::numeric_limits<double>::infinity());
      continue;
    }
    const Law& law = laws[one.hold];
    const double snr = std::log(one.snr), contrast = log_contrast(one);
    const double particle = (1.0 - odd_share) * normal_density(snr - law.snr, law.snr_sd) *
                                normal_density(contrast - law.contrast, law.contrast_sd) +
                            odd_share * any_density * any_density;
    const double chance = normal_density(snr - std::log(false_snr), false_snr_log_sd) * any_density;
    ratios.push_back(std::log(chance / particle));
  }
  return ratios;
}

}  // namespace sinterscope
