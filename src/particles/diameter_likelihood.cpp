// SPDX-License-Identifier: GPL-3.0-or-later
#include "diameter_likelihood.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace sinterscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int looks = 5;
constexpr int nodes = 25;
constexpr double reach = 3.2;         ///< standard errors of q
constexpr double least_share = 0.02;  ///< of the largest q of a range

Index diameter_of(const GroupProblem& problem, int k) {
  return static_cast<Index>(k) * problem.shape_parameters() + 2;
}

/// One value of q.
struct Look {
  double log_likelihood = 0.0, log_flux = 0.0, log_variance = 0.0;
  bool seen = false;
};

/// By how much the pixels hold a place less than the model alone would have it, for the noise in the second
/// derivatives: behind a Gaussian blur the sum of both second derivatives by the place is twice the
/// derivative by sigma^2, so `pull`, the residual's product with the derivative by ln sigma, tells it.
double seen_stiffness(const GroupProblem& problem, double pull, double stiffness) {
  return std::max(1 - pull / (stiffness * problem.blurred_sigma_px * problem.blurred_sigma_px), 0.3);
}

/// Logarithm of the determinant of a positive definite matrix, and a solution with it.
struct Solved {
  VectorXd step;
  MatrixXd inverse;
  double log_determinant = 0.0;
  bool regular = false;

  Solved(const MatrixXd& normal, const VectorXd& gradient) {
    const VectorXd scale = normal.diagonal().cwiseMax(1e-30).cwiseSqrt().cwiseInverse();
    const MatrixXd scaled = scale.asDiagonal() * normal * scale.asDiagonal();
    const Eigen::LDLT<MatrixXd> factor(scaled);
    regular = factor.info() == Eigen::Success && factor.vectorD().minCoeff() > 1e-12;
    if (!regular) return;
    log_determinant = factor.vectorD().array().log().sum() - 2 * scale.array().log().sum();
    inverse = scale.asDiagonal() * factor.solve(MatrixXd::Identity(normal.rows(), normal.cols())) *
              scale.asDiagonal();
    step = inverse * gradient;
  }
};

Look look_at(const GroupProblem& problem, GroupParameters at, const VectorXd& weights, double excess, int k,
             double square) {
  const Index d = diameter_of(problem, k);
  at[d + 1] *= std::exp(2 * at[d]) / square;
  at[d] = 0.5 * std::log(square);
  const PixelSums sums = sum_over_pixels(problem, at.data(), weights, PassKind::full);
  std::vector<Index> rest;
  for (Index i = 0; i < problem.parameters(); ++i)
    if (i != d) rest.push_back(i);
  const VectorXd gradient = sums.gradient()(rest);
  const Solved solved(sums.normal()(rest, rest), gradient);
  Look look;
  if (!solved.regular) return look;
  const double amplitude = at[d + 1] + solved.step[d];  // one place further down without the diameter
  look.seen = amplitude * at[d + 1] > 0;
  if (!look.seen) return look;
  const double log_amplitude = std::log(std::abs(amplitude));
  // The best place makes the most of the noise; over all places that are possible the amplitude is less.
  const double signal2 = amplitude * amplitude * sums.product(d + 1, d + 1) / excess;
  look.log_flux = log_amplitude + std::log(square) - 1 / signal2;
  look.log_variance = std::log(solved.inverse(d, d) * excess) - 2 * log_amplitude;
  const double chi2 = sums.chi2() - solved.step.dot(gradient);
  const VectorXd by_sigma = sums.product.col(sums.log_sigma()).head(sums.parameters)(rest);
  const double pull = sums.product(sums.log_sigma(), sums.residual()) - by_sigma.dot(solved.step);
  const double stiffness =
      (sums.product(d - 2, d - 2) + sums.product(d - 1, d - 1)) * std::pow(amplitude / at[d + 1], 2);
  const double raised = log_amplitude - std::log(std::abs(at[d + 1]));  // two of the rows grow with it
  look.log_likelihood = -0.5 * chi2 / excess - 0.5 * solved.log_determinant - 2 * raised - log_amplitude -
                        std::log(seen_stiffness(problem, pull, stiffness));
  return look;
}

/// Nodes evenly spaced in q, filled by functions of their place from -1 to 1.
template <typename Fill>
DiameterLikelihood on_nodes(const SquareRange& range, const Fill& fill) {
  DiameterLikelihood result;
  const double step = (range.high - range.low) / (nodes - 1);
  for (int i = 0; i < nodes; ++i) {
    const double square = range.low + i * step;
    const Look at = fill(square, 2.0 * i / (nodes - 1) - 1.0);
    result.log_diameter.push_back(0.5 * std::log(square));
    result.log_amplitude.push_back(at.log_flux - std::log(square));
    result.amplitude_variance.push_back(std::exp(at.log_variance));
    result.log_likelihood.push_back(at.log_likelihood + std::log(step / (2 * square)));
  }
  return result;
}

/// Lagrange's weights of the looks, which stand evenly from -1 to 1, for a place between them.
std::array<double, looks> weights_at(double place) {
  std::array<double, looks> weights{};
  const auto at = [](int i) { return 2.0 * i / (looks - 1) - 1.0; };
  for (int i = 0; i < looks; ++i) {
    double weight = 1.0;
    for (int j = 0; j < looks; ++j)
      if (j != i) weight *= (place - at(j)) / (at(i) - at(j));
    weights[static_cast<std::size_t>(i)] = weight;
  }
  return weights;
}

}  // namespace

SquareRange SquareRange::around(double square, double sd) {
  const double high = square + reach * sd;
  return {std::max(square - reach * sd, least_share * high), high};
}

DiameterLikelihood look_along_diameter(const GroupProblem& problem, const GroupParameters& at,
                                       const VectorXd& weights, double excess, int k,
                                       const SquareRange& range) {
  std::array<Look, looks> seen;
  for (int i = 0; i < looks; ++i) {
    const double square = range.low + (range.high - range.low) * i / (looks - 1);
    Look& look = seen[static_cast<std::size_t>(i)];
    look = look_at(problem, at, weights, excess, k, square);
    if (!look.seen) return {};
  }
  const double log_weights = weights.array().log().sum() / excess;
  return on_nodes(range, [&](double, double place) {
    Look sum;
    sum.log_likelihood = log_weights;
    const auto weight = weights_at(place);
    for (std::size_t i = 0; i < looks; ++i) {
      sum.log_likelihood += weight[i] * seen[i].log_likelihood;
      sum.log_flux += weight[i] * seen[i].log_flux;
      sum.log_variance += weight[i] * seen[i].log_variance;
    }
    return sum;
  });
}

DiameterEstimate estimate_of(const GroupProblem& problem, const GroupSolution& solution, double excess,
                             int k) {
  const Index d = diameter_of(problem, k);
  const double amplitude = solution.parameters[d + 1];
  const double size = std::copysign(std::max(std::abs(amplitude), 1e-12), amplitude);
  return {solution.parameters[d], std::log(std::abs(size)), solution.covariance(d, d) * excess,
          solution.covariance(d + 1, d + 1) * excess / (size * size),
          solution.covariance(d, d + 1) * excess / size};
}

DiameterLikelihood expand_along_diameter(const DiameterEstimate& estimate) {
  const double centre = std::exp(2 * estimate.log_diameter), variance = estimate.variance_diameter;
  const double fall = estimate.covariance / variance;  // of ln|A| with ln d
  const double across = std::max(estimate.variance_amplitude - fall * estimate.covariance, 1e-8);
  return on_nodes(SquareRange::around(centre, 2 * centre * std::sqrt(variance)), [&](double square, double) {
    const double off = (square - centre) / (2 * centre);
    return Look{-0.5 * off * off / variance, estimate.log_amplitude + std::log(centre) + (fall + 2) * off,
                std::log(across), true};
  });
}

DiameterLikelihood expand_along_diameter(const GroupProblem& problem, const GroupSolution& solution,
                                         double excess, int k) {
  const Index d = diameter_of(problem, k);
  const Solved all(solution.covariance, VectorXd::Zero(solution.covariance.rows()));
  const double height =
      -0.5 * solution.deviance / excess + 0.5 * (all.log_determinant - std::log(solution.covariance(d, d))) -
      std::log(std::abs(solution.parameters[d + 1])) -
      std::log(seen_stiffness(problem, solution.sigma_score,
                              1 / solution.covariance(d - 2, d - 2) + 1 / solution.covariance(d - 1, d - 1)));
  DiameterLikelihood result = expand_along_diameter(estimate_of(problem, solution, excess, k));
  for (double& one : result.log_likelihood) one += height;
  return result;
}

}  // namespace sinterscope
