// SPDX-License-Identifier: GPL-3.0-or-later
#include "amplitude_prior.h"

#include <algorithm>
#include <cmath>

namespace sinterscope {
namespace {

/// Weight of a residual z standard deviations off: full within two, falling as 1/z beyond (Huber).
double robust_weight(double z) { return std::min(1.0, 2.0 / std::max(std::abs(z), 1e-9)); }

}  // namespace

std::optional<AmplitudePrior> learn_amplitude_prior(const std::vector<AmplitudeSample>& samples,
                                                    double slope_mean, double slope_sd) {
  if (samples.size() < 6) return std::nullopt;
  double middle = 0.0;
  for (const auto& sample : samples) middle += sample.log_diameter / static_cast<double>(samples.size());
  double mean = 0.0, slope = slope_mean, spread2 = 0.04, mean_variance = 0.0, spread2_se = 0.0;
  const auto residual = [&](const AmplitudeSample& sample) {
    return sample.log_amplitude - mean - slope * (sample.log_diameter - middle);
  };
  for (int pass = 0; pass < 30; ++pass) {
    Eigen::Matrix2d normal = Eigen::Matrix2d::Zero();
    Eigen::Vector2d right = Eigen::Vector2d::Zero();
    normal(1, 1) = 1 / (slope_sd * slope_sd);
    right[1] = slope_mean / (slope_sd * slope_sd);
    for (const auto& sample : samples) {
      const double variance = sample.log_amplitude_se * sample.log_amplitude_se + spread2;
      const double weight =
          (pass == 0 ? 1.0 : robust_weight(residual(sample) / std::sqrt(variance))) / variance;
      const Eigen::Vector2d row(1.0, sample.log_diameter - middle);
      normal += weight * row * row.transpose();
      right += weight * row * sample.log_amplitude;
    }
    const Eigen::Vector2d solution = normal.ldlt().solve(right);
    mean = solution[0];
    slope = solution[1];
    mean_variance = normal.inverse()(0, 0);
    // One step of the maximum-likelihood equation of the spread.
    double excess = 0.0, information = 0.0;
    for (const auto& sample : samples) {
      const double own = sample.log_amplitude_se * sample.log_amplitude_se;
      const double variance = own + spread2;
      const double z = residual(sample) / std::sqrt(variance);
      excess += (robust_weight(z) * z * z * variance - own) / (variance * variance);
      information += 1 / (variance * variance);
    }
    spread2 = std::max(excess / information, 0.0);
    spread2_se = std::sqrt(2 / information);
  }
  constexpr double least = 0.05;  // no material is more even than this
  const double sd2 = std::max(spread2 + spread2_se, least * least) + mean_variance;
  return AmplitudePrior{mean - slope * middle, slope, std::sqrt(sd2)};
}

}  // namespace sinterscope
