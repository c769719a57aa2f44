// SPDX-License-Identifier: GPL-3.0-or-later
#include "group_fit.h"

#include <ceres/tiny_solver.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace sinterscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double near_tolerance = 0.5;   ///< of chi2: from here the weights are about those of the minimum
constexpr double fine_tolerance = 0.02;  ///< of chi2: one Newton step does the rest
constexpr double long_step = 0.05;       ///< standard errors, beyond which the sums are formed anew
constexpr int most_steps = 4;            ///< from the most likely parameters to those with places integrated

/// One more row of residuals: ln|A| of particle k against its prior.
struct PriorRow {
  Index diameter = 0, amplitude = 0;  ///< columns
  double residual = 0.0, by_diameter = 0.0, by_amplitude = 0.0, by_log_sigma = 0.0;

  PriorRow(const GroupProblem& problem, int k, const AmplitudePrior& prior, const double* p)
      : diameter(static_cast<Index>(k) * problem.shape_parameters() + 2), amplitude(diameter + 1) {
    const double value = p[amplitude], size = std::max(std::abs(value), 1e-9);
    residual = (prior.at(p[diameter]) - std::log(size)) / prior.log_sd;
    by_diameter = -prior.slope / prior.log_sd;
    by_amplitude = (value < 0 ? -1.0 : 1.0) / (size * prior.log_sd);
    by_log_sigma = -prior.by_log_sigma / prior.log_sd;
  }
};

template <typename Visit>
void for_each_prior(const GroupProblem& problem, const double* p, const Visit& visit) {
  for (int k = 0; k < problem.particles; ++k)
    if (const auto& prior = problem.amplitude_priors[static_cast<std::size_t>(k)])
      visit(PriorRow(problem, k, *prior, p));
}

/// Sums over pixels and priors.
PixelSums sum_over_all(const GroupProblem& problem, const double* p, const VectorXd& inverse_sd,
                       PassKind kind = PassKind::parameters) {
  PixelSums sums = sum_over_pixels(problem, p, inverse_sd, kind);
  for_each_prior(problem, p, [&](const PriorRow& row) {
    const std::array<std::pair<Index, double>, 4> entries = {{{row.diameter, row.by_diameter},
                                                              {row.amplitude, row.by_amplitude},
                                                              {sums.residual(), row.residual},
                                                              {sums.log_sigma(), row.by_log_sigma}}};
    const auto used = entries.begin() + (kind == PassKind::full ? 4 : 3);
    for (auto a = entries.begin(); a != used; ++a)
      for (auto b = entries.begin(); b != used; ++b)
        sums.product(a->first, b->first) += a->second * b->second;
  });
  return sums;
}

/// Sets the linear parameters (A, background) for given places and diameters by least squares; returns chi2
/// with the variance of the local background.
double solve_linear(const GroupProblem& problem, GroupParameters& start) {
  const VectorXd alike = VectorXd::Ones(static_cast<Index>(problem.pixels.size()));
  const PixelSums sums = sum_over_pixels(problem, start.data(), alike);
  std::vector<Index> linear;
  for (int k = 0; k < problem.particles; ++k)
    linear.push_back(static_cast<Index>(k) * problem.shape_parameters() + 3);
  for (Index k = problem.shapes(); k < problem.parameters(); ++k) linear.push_back(k);
  MatrixXd normal = sums.normal()(linear, linear);
  normal.diagonal() *= 1 + 1e-12;
  const VectorXd gradient = sums.gradient()(linear);
  const VectorXd change = normal.ldlt().solve(gradient);
  start(linear) += change;
  return std::max(sums.chi2() - change.dot(gradient), 0.0) / problem.noise.variance(start[problem.shapes()]);
}

bool within_walls(const GroupProblem& problem, const double* p) {
  for (int k = 0; k < problem.particles; ++k, p += problem.shape_parameters()) {
    const auto i = static_cast<std::size_t>(k);
    if (!(p[2] >= std::log(problem.smallest_px) && p[2] <= std::log(problem.largest_px))) return false;
    if (!(std::hypot(p[0] - problem.seed_x[i], p[1] - problem.seed_y[i]) <= problem.wander_px[i]))
      return false;
    if (problem.elliptic && !(std::hypot(p[4], p[5]) < 1.0)) return false;
  }
  return true;
}

/// What TinySolver minimises. Of the residuals it needs their squares and products with the derivatives only,
/// so it is given a triangle with the same sums of products in place of a row per pixel.
template <int Parameters>
class GroupCost {
 public:
  using Scalar = double;
  enum {
    NUM_RESIDUALS = Parameters == Eigen::Dynamic ? Eigen::Dynamic : Parameters + 1,
    NUM_PARAMETERS = Parameters
  };

  GroupCost(const GroupProblem& problem, const VectorXd& inverse_sd)
      : problem_(problem), inverse_sd_(inverse_sd) {}
  int NumResiduals() const { return problem_.parameters() + 1; }
  int NumParameters() const { return problem_.parameters(); }

  bool operator()(const double* p, double* residuals, double* jacobian) const {
    const Index parameters = problem_.parameters(), rows = parameters + 1;
    Eigen::Map<VectorXd> r(residuals, rows);
    r.setZero();
    if (!within_walls(problem_, p)) {
      r[0] = 1e9;  // a step beyond a wall is refused
      if (jacobian != nullptr) std::fill(jacobian, jacobian + rows * parameters, 0.0);
      return true;
    }
    if (jacobian == nullptr) {
      r[0] = std::sqrt(chi2(p));
      return true;
    }
    const Eigen::LDLT<Triangle> factor(Triangle(sum_over_all(problem_, p, inverse_sd_).product));
    Triangle turned = factor.matrixL();  // the transpose of the root, rows not yet in their order
    turned = turned * factor.vectorD().cwiseMax(0.0).cwiseSqrt().asDiagonal();
    const Triangle root = (factor.transpositionsP().transpose() * turned).transpose();
    r = root.col(parameters);
    Eigen::Map<MatrixXd>(jacobian, rows, parameters) = -root.leftCols(parameters);
    return true;
  }

 private:
  static constexpr int size = NUM_RESIDUALS;
  using Triangle = Eigen::Matrix<double, size, size>;

  double chi2(const double* p) const {
    const auto count = static_cast<Index>(problem_.pixels.size());
    const Eigen::Map<const VectorXd> pixels(problem_.pixels.value.data(), count);
    double sum = (pixels - model_values(problem_, p)).cwiseProduct(inverse_sd_).squaredNorm();
    for_each_prior(problem_, p, [&sum](const PriorRow& row) { sum += row.residual * row.residual; });
    return sum;
  }

  const GroupProblem& problem_;
  const VectorXd& inverse_sd_;
};

template <int Parameters>
bool run_solver(const GroupProblem& problem, const VectorXd& inverse_sd, double tolerance,
                GroupParameters& parameters) {
  using Solver = ceres::TinySolver<GroupCost<Parameters>>;
  thread_local Solver solver;  // keeps its buffers from one fit to the next
  const GroupCost<Parameters> cost(problem, inverse_sd);
  solver.options.max_num_iterations = 50;
  solver.options.function_tolerance = tolerance;  // of chi2
  // The columns of the scaled Jacobian have about unit length, so the gradient is in standard errors of one
  // parameter.
  solver.options.gradient_tolerance = 0.1 * std::sqrt(tolerance);
  typename Solver::Parameters x = parameters;
  const auto& summary = solver.Solve(cost, &x);
  parameters = x;
  return summary.status != Solver::HIT_MAX_ITERATIONS && parameters.allFinite();
}

bool run_solver(const GroupProblem& problem, const VectorXd& inverse_sd, double tolerance,
                GroupParameters& parameters) {
  return problem.parameters() == 7 ? run_solver<7>(problem, inverse_sd, tolerance, parameters)
                                   : run_solver<Eigen::Dynamic>(problem, inverse_sd, tolerance, parameters);
}

/// Sum of logarithms, some of products: the numbers are inverse noise in counts, so few of them cannot leave
/// the range of a double.
double log_sum(const VectorXd& numbers) {
  constexpr Index together = 8;
  double sum = 0.0;
  for (Index i = 0; i < numbers.size(); i += together)
    sum += std::log(numbers.segment(i, std::min(together, numbers.size() - i)).prod());
  return sum;
}

/// Near the minimum the sums say how far it still is: covariance, and the Newton step to it.
struct Approach {
  MatrixXd covariance;
  VectorXd step;
  double fall = 0.0;  ///< of chi2, promised by the step
  bool regular = false;

  explicit Approach(const PixelSums& sums) {
    const MatrixXd normal = sums.normal();
    const VectorXd scale = normal.diagonal().cwiseMax(1e-30).cwiseSqrt().cwiseInverse();
    const MatrixXd scaled = scale.asDiagonal() * normal * scale.asDiagonal();
    const Eigen::LDLT<MatrixXd> factor(scaled);
    regular = factor.info() == Eigen::Success && factor.vectorD().minCoeff() > 1e-12;
    if (!regular) return;
    covariance = scale.asDiagonal() * factor.solve(MatrixXd::Identity(normal.rows(), normal.cols())) *
                 scale.asDiagonal();
    step = covariance * sums.gradient();
    fall = std::abs(step.dot(sums.gradient()));
  }
};

/// By how much chi2 would fall, to first order, if particle k of a round fit were an ellipse.
double ellipse_gain(const PixelSums& sums, const MatrixXd& covariance, int k) {
  const Index at = sums.stretch(k);
  const Eigen::MatrixX2d overlap = sums.product.block(0, at, sums.parameters, 2);
  const Eigen::Matrix2d information =
      sums.product.block<2, 2>(at, at) - overlap.transpose() * covariance * overlap;
  const Eigen::Vector2d gradient = sums.product.block<2, 1>(at, sums.residual());
  return gradient.dot(information.ldlt().solve(gradient));
}

/// Matched filter of particle k with a constant background projected out: sums of its derivative by A.
double matched_snr(const GroupProblem& problem, const GroupSolution& solution, const PixelSums& sums, int k) {
  const Index at = static_cast<Index>(k) * problem.shape_parameters() + 3;
  double along = 0.0, weight = 0.0;
  for (Index plane = problem.shapes(); plane < problem.parameters(); plane += 3) {
    along += sums.product(at, plane);
    weight += sums.product(plane, plane);
  }
  double power = sums.product(at, at);
  if (const auto& prior = problem.amplitude_priors[static_cast<std::size_t>(k)])
    power -= std::pow(PriorRow(problem, k, *prior, solution.parameters.data()).by_amplitude, 2);
  return std::abs(solution.parameters[at]) * std::sqrt(std::max(power - along * along / weight, 0.0));
}

/// Slope of half the sum of ln S over the particles, S = sum of the squared derivatives by the place. Behind
/// a Gaussian blur the second derivatives by the place add up to that by ln sigma over sigma^2, and by parts
/// S falls by twice what the derivative by a parameter shares with them.
VectorXd slope_of_places(const GroupProblem& problem, const PixelSums& sums, const double* p) {
  VectorXd slope = VectorXd::Zero(sums.parameters);
  VectorXd overlap = sums.product.col(sums.log_sigma()).head(sums.parameters);
  for_each_prior(problem, p, [&](const PriorRow& row) {
    overlap[row.diameter] -= row.by_diameter * row.by_log_sigma;
    overlap[row.amplitude] -= row.by_amplitude * row.by_log_sigma;
  });
  for (Index at = 0; at < problem.shapes(); at += problem.shape_parameters()) {
    const double held = sums.product(at, at) + sums.product(at + 1, at + 1);
    const double blur2 = problem.blurred_sigma_px * problem.blurred_sigma_px;
    if (held > 0) slope.segment<2>(at + 2) = -overlap.segment<2>(at + 2) / (blur2 * held);
  }
  return slope;
}

/// From the most likely parameters to where the likelihood integrated over all places is largest. `sums` and
/// `approach` are those of `at`.
GroupParameters integrate_places(const GroupProblem& problem, GroupParameters at, const VectorXd& inverse_sd,
                                 const PixelSums& sums, const Approach& approach) {
  VectorXd step = -(approach.covariance * slope_of_places(problem, sums, at.data()));
  VectorXd error = approach.covariance.diagonal().cwiseSqrt();
  const auto is_long = [&] {
    for (Index k = 2; k < problem.shapes(); k += problem.shape_parameters())
      if (std::abs(step[k]) > long_step * error[k]) return true;
    return false;
  };
  for (int pass = 0; pass < most_steps; ++pass) {
    const GroupParameters next = at + step;
    if (!within_walls(problem, next.data())) break;
    at = next;
    if (!is_long()) break;
    const PixelSums here = sum_over_all(problem, at.data(), inverse_sd, PassKind::full);
    const Approach on(here);
    if (!on.regular) break;
    step = on.covariance * (here.gradient() - slope_of_places(problem, here, at.data()));
    error = on.covariance.diagonal().cwiseSqrt();
  }
  return at;
}

}  // namespace

GroupParameters first_guess(const GroupProblem& problem) {
  GroupParameters best;
  double best_chi2 = 0.0;
  for (const double scale : {1.0, 0.75, 1.33}) {
    GroupParameters start = GroupParameters::Zero(problem.parameters());
    for (int k = 0; k < problem.particles; ++k) {
      const auto i = static_cast<std::size_t>(k);
      const double diameter = std::clamp(scale * problem.seed_diameter_px[i], problem.smallest_px * 1.01,
                                         problem.largest_px * 0.99);
      start.segment<4>(static_cast<Index>(k) * problem.shape_parameters()) << problem.seed_x[i],
          problem.seed_y[i], std::log(diameter), 1.0;
    }
    const double chi2 = solve_linear(problem, start);
    if (best.size() == 0 || chi2 < best_chi2) {
      best = start;
      best_chi2 = chi2;
    }
    if (best_chi2 < 1.5 * static_cast<double>(problem.pixels.size())) break;  // near enough already
  }
  return best;
}

VectorXd inverse_sd_of(const GroupProblem& problem, VectorXd model) {
  const double row_variance = problem.noise.row_noise_sd * problem.noise.row_noise_sd;
  for (double& one : model) one = 1.0 / std::sqrt(problem.noise.variance(one) + row_variance);
  return model;
}

VectorXd inverse_sd_at(const GroupProblem& problem, const GroupParameters& parameters) {
  return inverse_sd_of(problem, model_values(problem, parameters));
}

GroupParameters round_to_elliptic(const GroupProblem& round, const GroupParameters& parameters) {
  GroupParameters start = GroupParameters::Zero(parameters.size() + 2 * static_cast<Index>(round.particles));
  for (int k = 0; k < round.particles; ++k)
    start.segment<4>(6 * static_cast<Index>(k)) = parameters.segment<4>(4 * static_cast<Index>(k));
  start.tail(3 * round.pixels.frames()) = parameters.tail(3 * round.pixels.frames());
  return start;
}

GroupSolution solve_group(const GroupProblem& problem, GroupParameters start, StartFrom from, Places places) {
  GroupSolution result;
  result.parameters = std::move(start);
  VectorXd inverse_sd;
  PixelSums sums;
  std::optional<Approach> approach;
  const auto look = [&] {
    sums = sum_over_all(problem, result.parameters.data(), inverse_sd, PassKind::full);
    approach.emplace(sums);
    return approach->regular && approach->fall < fine_tolerance;
  };
  inverse_sd = inverse_sd_at(problem, result.parameters);
  if (from == StartFrom::solution) {
    result.converged = look();
    // Within two standard errors of the minimum Newton's own steps get there, and the sums are at hand.
    for (int step = 0; step < 2 && !result.converged && approach->regular && approach->fall < 4.0; ++step) {
      const GroupParameters before = result.parameters;
      const double chi2 = sums.chi2();
      result.parameters += approach->step;
      if (within_walls(problem, result.parameters.data())) {
        result.converged = look();  // weights change by less than the pixels know of them
        if (sums.chi2() < chi2) continue;
        result.converged = false;
      }
      result.parameters = before;
      break;
    }
  }
  // Each time the solver stops the weights are made those of where it stopped.
  for (const double tolerance : {near_tolerance, fine_tolerance}) {
    if (result.converged) break;
    const bool stopped = run_solver(problem, inverse_sd, tolerance, result.parameters);
    if (!result.parameters.allFinite()) return result;
    inverse_sd = inverse_sd_at(problem, result.parameters);
    result.converged = look() || (stopped && tolerance == fine_tolerance);
  }
  result.chi2 = sums.chi2();
  result.deviance = result.chi2 - 2 * log_sum(inverse_sd);
  result.degrees_of_freedom =
      std::max(1, static_cast<int>(problem.pixels.size()) - static_cast<int>(sums.parameters));
  result.converged = result.converged && approach->regular;
  if (!result.converged) return result;
  result.covariance = approach->covariance;
  const VectorXd overlap = sums.product.col(sums.log_sigma()).head(sums.parameters);
  result.by_log_sigma = -result.covariance * overlap;
  result.sigma_score = sums.product(sums.log_sigma(), sums.residual());
  result.sigma_information =
      std::max(sums.product(sums.log_sigma(), sums.log_sigma()) + overlap.dot(result.by_log_sigma), 0.0);
  for (int k = 0; k < problem.particles; ++k) {
    if (!problem.elliptic) result.ellipse_gain.push_back(ellipse_gain(sums, result.covariance, k));
    result.snr.push_back(matched_snr(problem, result, sums, k));
  }
  const GroupParameters rest = result.parameters + approach->step;  // what the solver left undone
  if (approach->fall < 0.25 && within_walls(problem, rest.data())) {
    result.parameters = rest;
    result.chi2 -= approach->fall;
    result.deviance -= approach->fall;
    result.sigma_score -= overlap.dot(approach->step);
  }
  result.integrated = places == Places::integrated
                          ? integrate_places(problem, result.parameters, inverse_sd, sums, *approach)
                          : result.parameters;
  return result;
}

}  // namespace sinterscope
