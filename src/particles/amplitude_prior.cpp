// SPDX-License-Identifier: GPL-3.0-or-later
#include "amplitude_prior.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/median.h"

namespace sinterscope {
namespace {

constexpr double largest_slope_error = 0.1;  ///< of ln d

/// Weight of a residual z standard deviations off: full within two, falling as 1/z beyond (Huber).
double robust_weight(double z) { return std::min(1.0, 2.0 / std::max(std::abs(z), 1e-9)); }

/// A sample as a Gaussian in d^2 and, for every d, the amplitude that goes with it.
struct Member {
  double expanded_at = 0.0;    ///< ln d
  double log_amplitude = 0.0;  ///< ln|A| that goes with it
  double expanded_square = 0.0;
  double square = 0.0;  ///< d^2 as measured; not always positive
  double square_variance = 0.0;
  double rise = 0.0;           ///< of ln(A d^2) with d^2 along the valley
  double flux_variance = 0.0;  ///< of ln|A| across the valley
  double log_diameter = 0.0;   ///< believed

  explicit Member(const AmplitudeSample& sample) {
    const double fall = sample.covariance / sample.variance_diameter;  // of ln|A| with ln d
    expanded_at = log_diameter = sample.expanded_at;
    log_amplitude = sample.log_amplitude + fall * (expanded_at - sample.log_diameter);
    expanded_square = std::exp(2 * expanded_at);
    square = expanded_square * (1 + 2 * (sample.log_diameter - expanded_at));
    square_variance = 4 * expanded_square * expanded_square * sample.variance_diameter;
    rise = (fall + 2) / (2 * expanded_square);
    flux_variance = std::max(sample.variance_amplitude - fall * sample.covariance, 1e-8);
  }

  /// ln|A| that the pixels allow at the believed diameter, and its derivative by ln d.
  double valley() const {
    const double now = std::exp(2 * log_diameter);
    return log_amplitude - 2 * (log_diameter - expanded_at) + rise * (now - expanded_square);
  }
  double valley_slope() const { return 2 * (rise * std::exp(2 * log_diameter) - 1); }

  /// The most probable true diameter under the line intercept + slope ln d: Gauss-Newton on its two
  /// residuals.
  void believe(double intercept, double slope, double spread2) {
    const double line_variance = flux_variance + spread2, sd = std::sqrt(square_variance);
    const double least = 0.5 * std::log(std::max(square - 4 * sd, 0.05 * sd));
    const double most = 0.5 * std::log(std::max(square + 4 * sd, 0.1 * sd));
    for (int step = 0; step < 20; ++step) {
      const double now = std::exp(2 * log_diameter);
      const double bend = 2 * now, lean = valley_slope() - slope;
      const double force = bend * (now - square) / square_variance +
                           lean * (valley() - slope * log_diameter - intercept) / line_variance;
      const double stiffness = bend * bend / square_variance + lean * lean / line_variance;
      const double next = std::clamp(log_diameter + std::clamp(-force / stiffness, -0.5, 0.5), least, most);
      const double move = std::abs(next - log_diameter);
      log_diameter = next;
      if (move < 1e-6) break;
    }
  }
  /// The measured ln d and its variance, linear about the believed one.
  double measured() const {
    const double now = std::exp(2 * log_diameter);
    return log_diameter + (square - now) / (2 * now);
  }
  double measured_variance() const { return square_variance / (4 * std::exp(4 * log_diameter)); }
};

}  // namespace

std::optional<AmplitudePrior> learn_amplitude_prior(const std::vector<AmplitudeSample>& samples,
                                                    double slope_mean, double slope_sd) {
  std::vector<Member> members;
  for (const AmplitudeSample& sample : samples)
    if (sample.variance_diameter > 0 && sample.variance_amplitude > 0) members.emplace_back(sample);
  if (members.size() < 6) return std::nullopt;
  std::vector<double> diameters, amplitudes;
  for (const Member& one : members) {
    diameters.push_back(one.log_diameter);
    amplitudes.push_back(one.log_amplitude);
  }
  const double middle = median(diameters);
  double mean = median(amplitudes), slope = slope_mean, spread2 = 0.04, mean_variance = 0.0, spread2_se = 0.0;
  for (int pass = 0; pass < 60; ++pass) {
    Eigen::Matrix2d normal = Eigen::Matrix2d::Zero();
    Eigen::Vector2d right = Eigen::Vector2d::Zero();
    normal(1, 1) = 1 / (slope_sd * slope_sd);
    right[1] = slope_mean / (slope_sd * slope_sd);
    double excess = 0.0, information = 0.0;
    for (Member& one : members) {
      one.believe(mean - slope * middle, slope, spread2);
      const double fall = one.valley_slope(), lean = fall - slope, x = one.measured() - middle;
      const double own = one.flux_variance + lean * lean * one.measured_variance();
      const double variance = own + spread2;
      const double log_amplitude = one.valley() + fall * (one.measured() - one.log_diameter);
      const double z = (log_amplitude - mean - slope * x) / std::sqrt(variance);
      const double weight = robust_weight(z) / variance;
      // The believed diameter stands where a plain regression has the measured one, whose error goes with
      // that of the amplitude; where that error is large nothing is learnt of the slope.
      const bool tells_slope = one.measured_variance() < largest_slope_error * largest_slope_error;
      const Eigen::Vector2d lever(1.0, tells_slope ? one.log_diameter - middle : 0.0);
      normal += weight * lever * Eigen::RowVector2d(1.0, x);
      right += weight * lever * log_amplitude;
      excess += (robust_weight(z) * z * z * variance - own) / (variance * variance);
      information += 1 / (variance * variance);
    }
    const Eigen::Vector2d solution = normal.partialPivLu().solve(right);
    if (!solution.allFinite()) return std::nullopt;
    mean = solution[0];
    slope = std::clamp(solution[1], slope_mean - 3 * slope_sd, slope_mean + 3 * slope_sd);
    mean_variance = 1 / normal(0, 0);
    // One step of the maximum-likelihood equation of the spread.
    spread2 = std::max(excess / information, 0.0);
    spread2_se = std::sqrt(2 / information);
  }
  constexpr double least = 0.04;  // no material is more even than this
  const double sd2 = std::max(spread2 + 0.5 * spread2_se, least * least) + mean_variance;
  return AmplitudePrior{mean - slope * middle, slope, std::sqrt(sd2)};
}

}  // namespace sinterscope
