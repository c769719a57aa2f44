// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/size_distribution.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "sinterscope/core/error.h"
#include "sinterscope/core/median.h"
#include "sinterscope/core/normal.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

double log_normal_density(double x, double mean, double variance) {
  return -0.5 * ((x - mean) * (x - mean) / variance + std::log(2 * pi * variance));
}

/// In the coordinate of the law (d or ln d) the law is normal, and so, nearly, is the error of measurement.
struct Sample {
  double at = 0.0, variance = 0.0;
};

class Likelihood {
 public:
  Likelihood(const std::vector<MeasuredSize>& sizes, SizeLaw law, const FindProbability& found,
             double strangers)
      : law_(law), found_(found), strangers_(strangers) {
    double least = std::numeric_limits<double>::infinity(), most = 0.0;
    for (const MeasuredSize& size : sizes) {
      if (!(size.diameter_nm > 0 && size.diameter_se_nm > 0))
        throw usage_error(fmt::format("a measured size is {} +- {} nm: diameter and error must be positive",
                                      size.diameter_nm, size.diameter_se_nm));
      least = std::min(least, size.diameter_nm), most = std::max(most, size.diameter_nm);
      const double relative = size.diameter_se_nm / size.diameter_nm;
      // E[ln m] = ln d - s^2 / (2 d^2) for an unbiased m.
      samples_.push_back(
          law == SizeLaw::normal
              ? Sample{size.diameter_nm, size.diameter_se_nm * size.diameter_se_nm}
              : Sample{std::log(size.diameter_nm) + 0.5 * relative * relative, relative * relative});
      strange_.push_back(law == SizeLaw::normal ? -std::log(size.diameter_nm) : 0.0);
    }
    for (double& one : strange_) one -= std::log(std::log(most / least) + 1.0);
  }

  const std::vector<Sample>& samples() const { return samples_; }

  /// Share of the law that is found, by a sum over quantiles of the law.
  double found_share(double location, double scale) const {
    if (!found_) return 1.0;
    double sum = 0.0, weights = 0.0;
    for (double z = -4.0; z <= 4.0; z += 0.1) {
      const double weight = std::exp(-0.5 * z * z);
      weights += weight;
      sum += weight * probability(location + z * scale);
    }
    return std::max(sum / weights, 1e-12);
  }

  double operator()(double location, double log_scale) const {
    const double scale = std::exp(log_scale);
    const double log_found = std::log(found_share(location, scale));
    double sum = 0.0;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const double of_law = log_of_law(samples_[i], location, scale) - log_found;
      sum += strangers_ > 0.0
                 ? std::log((1.0 - strangers_) * std::exp(of_law) + strangers_ * std::exp(strange_[i]))
                 : of_law;
    }
    return sum;
  }

 private:
  /// Density of a measured diameter that was found, but for the share of the law that is.
  double log_of_law(const Sample& sample, double location, double scale) const {
    const double variance = sample.variance + scale * scale;
    const double density = log_normal_density(sample.at, location, variance);
    if (!found_) return density;
    // What the true value is given the measured one: normal; p averaged over it (5-point Gauss-Hermite).
    const double shrunk = location + (sample.at - location) * scale * scale / variance;
    const double sd = std::sqrt(sample.variance * scale * scale / variance);
    constexpr double z[] = {-2.8569700138728, -1.3556261799743, 0.0, 1.3556261799743, 2.8569700138728};
    constexpr double w[] = {0.0112574113277, 0.2220759220056, 0.5333333333333, 0.2220759220056,
                            0.0112574113277};
    double mean = 0.0;
    for (int k = 0; k < 5; ++k) mean += w[k] * probability(shrunk + z[k] * sd);
    return density + std::log(std::max(mean, 1e-12));
  }

  double probability(double at) const {
    const double d = law_ == SizeLaw::normal ? at : std::exp(at);
    return d > 0 ? std::clamp(found_(d), 0.0, 1.0) : 0.0;
  }

  SizeLaw law_;
  const FindProbability& found_;
  double strangers_;  ///< share
  std::vector<Sample> samples_;
  std::vector<double> strange_;  ///< ln of the density of each, were it a stranger
};

/// Gradient and curvature by differences.
struct Local {
  Eigen::Vector2d slope;
  Eigen::Matrix2d curvature;
};

Local look(const Likelihood& likelihood, const Eigen::Vector2d& at, const Eigen::Vector2d& h) {
  const auto value = [&](double a, double b) { return likelihood(at[0] + a * h[0], at[1] + b * h[1]); };
  const double mid = value(0, 0), right = value(1, 0), left = value(-1, 0), up = value(0, 1),
               down = value(0, -1);
  Local local;
  local.slope << (right - left) / (2 * h[0]), (up - down) / (2 * h[1]);
  const double cross = (value(1, 1) - value(1, -1) - value(-1, 1) + value(-1, -1)) / (4 * h[0] * h[1]);
  local.curvature << (right - 2 * mid + left) / (h[0] * h[0]), cross, cross,
      (up - 2 * mid + down) / (h[1] * h[1]);
  return local;
}

/// Newton with steps held back until the likelihood rises; downhill curvature is replaced by a plain ascent.
Eigen::Vector2d maximise(const Likelihood& likelihood, Eigen::Vector2d at, double lowest_log_scale) {
  double best = likelihood(at[0], at[1]);
  for (int pass = 0; pass < 60; ++pass) {
    const Eigen::Vector2d h(1e-3 * std::exp(at[1]) + 1e-7, 1e-3);
    const Local local = look(likelihood, at, h);
    const Eigen::SelfAdjointEigenSolver<Eigen::Matrix2d> axes(-local.curvature);
    Eigen::Vector2d step = Eigen::Vector2d::Zero();
    for (int k = 0; k < 2; ++k) {
      const double bend = std::max(std::abs(axes.eigenvalues()[k]), 1e-6);
      step += axes.eigenvectors().col(k) * (axes.eigenvectors().col(k).dot(local.slope) / bend);
    }
    step[1] = std::clamp(step[1], -1.0, 1.0);
    bool better = false;
    for (int half = 0; half < 12 && !better; ++half, step *= 0.5) {
      Eigen::Vector2d next = at + step;
      next[1] = std::max(next[1], lowest_log_scale);
      const double value = likelihood(next[0], next[1]);
      if (value > best + 1e-10) {
        at = next;
        best = value;
        better = true;
      }
    }
    if (!better) break;
  }
  return at;
}

/// Mean and s.d. in nm of a law of this location and scale.
std::pair<double, double> in_nm(SizeLaw law, double location, double scale) {
  if (law == SizeLaw::normal) return {location, scale};
  const double mean = std::exp(location + 0.5 * scale * scale);
  return {mean, mean * std::sqrt(std::expm1(scale * scale))};
}

}  // namespace

double SizeDistribution::quantile_nm(double share) const {
  const double at = location + scale * normal_quantile(share);
  return law == SizeLaw::normal ? at : std::exp(at);
}

std::optional<SizeDistribution> fit_size_distribution(const std::vector<MeasuredSize>& sizes, SizeLaw law,
                                                      const FindProbability& found,
                                                      double shared_relative_error, double strangers) {
  const Likelihood likelihood(sizes, law, found, strangers);
  const auto& samples = likelihood.samples();
  if (samples.size() < 3) return std::nullopt;
  const double n = static_cast<double>(samples.size());
  double mean = 0.0, spread2 = 0.0, error2 = 0.0;
  for (const Sample& sample : samples) {
    mean += sample.at / n;
    error2 += sample.variance / n;
  }
  for (const Sample& sample : samples) spread2 += (sample.at - mean) * (sample.at - mean) / (n - 1);
  const double typical = std::sqrt(error2), lowest = std::log(0.02 * typical);
  const double start = 0.5 * std::log(std::max(spread2 - error2, 0.05 * error2));
  std::vector<double> all;
  for (const Sample& sample : samples) all.push_back(sample.at);
  // Strangers make a second maximum, of a law wide enough to hold them: it is climbed from either side.
  const double middle = median(all);
  std::vector<double> away;
  for (const double one : all) away.push_back(std::abs(one - middle));
  const double narrow = std::log(std::max(median(away) / normal_quantile(0.75), 0.2 * typical));
  const Eigen::Vector2d broad = maximise(likelihood, {middle, start}, lowest),
                        tight = maximise(likelihood, {middle, narrow}, lowest);
  const Eigen::Vector2d best =
      likelihood(tight[0], tight[1]) > likelihood(broad[0], broad[1]) ? tight : broad;

  SizeDistribution result;
  result.law = law;
  result.particles = static_cast<int>(samples.size());
  result.location = best[0];
  result.scale = std::exp(best[1]);
  result.log_likelihood = likelihood(best[0], best[1]);
  const Local local = look(likelihood, best, {0.05 * std::sqrt(spread2 / n) + 1e-9, 0.02});
  const Eigen::Matrix2d information = -local.curvature;
  // The spread is told from zero where a spread of nothing is clearly less probable.
  result.sd_bounded_below =
      result.log_likelihood - likelihood(best[0], lowest) > 0.5 && information.determinant() > 0;
  Eigen::Matrix2d covariance = Eigen::Matrix2d::Zero();
  if (result.sd_bounded_below) {
    covariance = information.inverse();
  } else {
    // The spread at which the likelihood has fallen by 1/2 is given as its upper limit.
    double log_scale = std::max(best[1], lowest);
    while (log_scale < std::log(10 * typical + 10 * std::sqrt(spread2)) &&
           likelihood(best[0], log_scale) > result.log_likelihood - 0.5)
      log_scale += 0.02;
    result.scale = std::exp(log_scale);
    covariance(0, 0) = 1 / std::max(information(0, 0), 1e-30);
  }
  result.found_share = likelihood.found_share(result.location, result.scale);
  std::tie(result.mean_nm, result.sd_nm) = in_nm(law, result.location, result.scale);
  // Errors of mean and s.d. by the derivatives of their formulas.
  const auto moved = [&](double a, double b) {
    return in_nm(law, result.location + a, result.scale * std::exp(b));
  };
  const double h = 1e-5;
  const auto [mean_a, sd_a] = moved(h, 0);
  const auto [mean_b, sd_b] = moved(0, h);
  const Eigen::Vector2d by_mean((mean_a - result.mean_nm) / h, (mean_b - result.mean_nm) / h);
  const Eigen::Vector2d by_sd((sd_a - result.sd_nm) / h, (sd_b - result.sd_nm) / h);
  result.mean_se_nm =
      std::hypot(std::sqrt(by_mean.dot(covariance * by_mean)), shared_relative_error * result.mean_nm);
  result.sd_se_nm = result.sd_bounded_below ? std::hypot(std::sqrt(by_sd.dot(covariance * by_sd)),
                                                         shared_relative_error * result.sd_nm)
                                            : result.sd_nm;
  const double ratio = law == SizeLaw::normal ? 0.0 : std::exp(result.scale * result.scale);
  result.skew = law == SizeLaw::normal ? 0.0 : (ratio + 2) * std::sqrt(ratio - 1);
  return result;
}

std::optional<SizeDistribution> fit_size_distribution(const std::vector<MeasuredSize>& sizes,
                                                      const FindProbability& found,
                                                      double shared_relative_error) {
  auto normal = fit_size_distribution(sizes, SizeLaw::normal, found, shared_relative_error);
  auto lognormal = fit_size_distribution(sizes, SizeLaw::lognormal, found, shared_relative_error);
  if (!normal || !lognormal) return std::nullopt;
  // The densities are of d and of ln d: the second is brought to d by its Jacobian 1 / d.
  for (const MeasuredSize& size : sizes) lognormal->log_likelihood -= std::log(size.diameter_nm);
  return normal->log_likelihood >= lognormal->log_likelihood ? normal : lognormal;
}

SizeDifference compare_sizes(const SizeDistribution& first, const SizeDistribution& second,
                             double shared_relative_error) {
  // Each mean_se holds the shared error in full; in the difference it acts on the difference alone.
  const auto own_variance = [&](const SizeDistribution& one) {
    return std::max(one.mean_se_nm * one.mean_se_nm - std::pow(shared_relative_error * one.mean_nm, 2), 0.0);
  };
  SizeDifference result;
  result.difference_nm = second.mean_nm - first.mean_nm;
  result.se_nm = std::sqrt(own_variance(first) + own_variance(second) +
                           std::pow(shared_relative_error * result.difference_nm, 2));
  result.low95_nm = result.difference_nm - 1.96 * result.se_nm;
  result.high95_nm = result.difference_nm + 1.96 * result.se_nm;
  if (result.se_nm > 0)
    result.p_no_change = std::erfc(std::abs(result.difference_nm) / (std::sqrt(2.0) * result.se_nm));
  return result;
}

SizeBins size_histogram(const std::vector<MeasuredSize>& sizes, const FindProbability& found) {
  SizeBins histogram;
  if (sizes.empty()) return histogram;
  std::vector<double> sorted;
  for (const MeasuredSize& size : sizes) sorted.push_back(size.diameter_nm);
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  };
  const double low = sorted.front(), high = std::max(sorted.back(), low * (1 + 1e-9) + 1e-12);
  const double width = 2 * (at(0.75) - at(0.25)) / std::cbrt(static_cast<double>(sorted.size()));
  const int bins = width > 0 ? std::clamp(static_cast<int>(std::ceil((high - low) / width)), 4, 60) : 4;
  for (int k = 0; k <= bins; ++k) histogram.edges_nm.push_back(low + (high - low) * k / bins);
  histogram.counts.assign(static_cast<std::size_t>(bins), 0);
  histogram.corrected.assign(static_cast<std::size_t>(bins), 0.0);
  histogram.corrected_se.assign(static_cast<std::size_t>(bins), 0.0);
  for (const double d : sorted) {
    const auto bin =
        static_cast<std::size_t>(std::clamp(static_cast<int>((d - low) / (high - low) * bins), 0, bins - 1));
    const double weight = found ? 1 / std::clamp(found(d), 0.1, 1.0) : 1.0;
    ++histogram.counts[bin];
    histogram.corrected[bin] += weight;
    histogram.corrected_se[bin] += weight * weight;
  }
  for (double& se : histogram.corrected_se) se = std::sqrt(se);
  return histogram;
}

}  // namespace sinterscope
