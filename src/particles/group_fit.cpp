// SPDX-License-Identifier: GPL-3.0-or-later
#include "group_fit.h"

#include <ceres/tiny_solver.h>

#include <algorithm>
#include <cmath>

namespace sinterscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// An area-preserving stretch, exp(-[[e1, e2], [e2, -e1]]): turns an ellipse into the circle of the same
/// area.
struct Stretch {
  double xx = 1, xy = 0, yy = 1;
  Stretch(double e1, double e2) {
    const double e = std::hypot(e1, e2);
    const double s = e > 1e-9 ? std::sinh(e) / e : 1.0, c = std::cosh(e);
    xx = c - s * e1;
    xy = -s * e2;
    yy = c + s * e1;
  }
};

/// Adds one particle to the values, and its columns to the jacobian. `columns` points at the particle's first
/// column.
void add_particle(const GroupProblem& problem, double blurred_sigma_px, const double* p,
                  RadialProfile& profile, double* values, double* columns, Index rows) {
  const FitPixels& pixels = problem.pixels;
  const double radius = 0.5 * std::exp(p[2]);
  profile.reset(radius, blurred_sigma_px);
  const double amplitude = p[3];
  const auto count = static_cast<Index>(pixels.size());
  const double reach = profile.reach();
  if (!problem.elliptic) {
    for (Index i = 0; i < count; ++i) {
      const double dx = pixels.x[static_cast<std::size_t>(i)] - p[0],
                   dy = pixels.y[static_cast<std::size_t>(i)] - p[1];
      const double r2 = dx * dx + dy * dy;
      if (r2 >= reach * reach) continue;
      const double r = std::sqrt(r2);
      if (columns == nullptr) {
        values[i] += amplitude * profile.value_at(r);
        continue;
      }
      const auto at = profile.at(r);
      values[i] += amplitude * at.value;
      const double slope = r > 1e-9 ? amplitude * at.by_r / r : 0.0;
      columns[i] = -slope * dx;
      columns[i + rows] = -slope * dy;
      columns[i + 2 * rows] = amplitude * at.by_radius * radius;
      columns[i + 3 * rows] = at.value;
    }
    return;
  }
  const double h = 1e-5;
  const Stretch m(p[4], p[5]);
  const Stretch up1(p[4] + h, p[5]), down1(p[4] - h, p[5]), up2(p[4], p[5] + h), down2(p[4], p[5] - h);
  for (Index i = 0; i < count; ++i) {
    const double dx = pixels.x[static_cast<std::size_t>(i)] - p[0],
                 dy = pixels.y[static_cast<std::size_t>(i)] - p[1];
    const double u = m.xx * dx + m.xy * dy, v = m.xy * dx + m.yy * dy;
    const double r = std::hypot(u, v);
    if (r >= reach) continue;
    const auto at = profile.at(r);
    values[i] += amplitude * at.value;
    if (columns == nullptr) continue;
    const double slope = r > 1e-9 ? amplitude * at.by_r / r : 0.0;
    columns[i] = -slope * (u * m.xx + v * m.xy);
    columns[i + rows] = -slope * (u * m.xy + v * m.yy);
    columns[i + 2 * rows] = amplitude * at.by_radius * radius;
    columns[i + 3 * rows] = at.value;
    const auto by = [&](const Stretch& up, const Stretch& down) {
      const double du = (up.xx - down.xx) * dx + (up.xy - down.xy) * dy;
      const double dv = (up.xy - down.xy) * dx + (up.yy - down.yy) * dy;
      return slope * (u * du + v * dv) / (2 * h);
    };
    columns[i + 4 * rows] = by(up1, down1);
    columns[i + 5 * rows] = by(up2, down2);
  }
}

/// Model values of all pixels; where jacobian is given, its derivatives (rows = pixels, columns =
/// parameters).
void evaluate_group(const GroupProblem& problem, double blurred_sigma_px, const double* parameters,
                    double* values, double* jacobian, Index rows) {
  const FitPixels& pixels = problem.pixels;
  const auto count = static_cast<Index>(pixels.size());
  const int shapes = problem.shape_parameters();
  const double* plane = parameters + static_cast<std::ptrdiff_t>(problem.particles) * shapes;
  for (Index i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double* own = plane + 3 * static_cast<std::ptrdiff_t>(pixels.frame[at]);
    values[i] = own[0] + own[1] * (pixels.x[at] - problem.centre_x) +
                own[2] * (pixels.y[at] - problem.centre_y) + (pixels.base.empty() ? 0.0 : pixels.base[at]);
  }
  if (jacobian != nullptr) {
    std::fill(jacobian, jacobian + rows * problem.parameters(), 0.0);
    double* first = jacobian + rows * problem.particles * shapes;
    for (Index i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      double* own = first + 3 * rows * pixels.frame[at] + i;
      own[0] = 1.0;
      own[rows] = pixels.x[at] - problem.centre_x;
      own[2 * rows] = pixels.y[at] - problem.centre_y;
    }
  }
  RadialProfile profile(problem.profile);
  for (int k = 0; k < problem.particles; ++k)
    add_particle(problem, blurred_sigma_px, parameters + static_cast<std::ptrdiff_t>(k) * shapes, profile,
                 values, jacobian != nullptr ? jacobian + rows * k * shapes : nullptr, rows);
}

/// Sets the linear parameters (A, background) for given places and diameters by least squares; returns chi2
/// with the variance of the local background.
double solve_linear(const GroupProblem& problem, GroupParameters& start) {
  const auto count = static_cast<Index>(problem.pixels.size());
  const int shapes = problem.shape_parameters();
  VectorXd values(count);
  MatrixXd jacobian(count, problem.parameters());
  evaluate_group(problem, problem.blurred_sigma_px, start.data(), values.data(), jacobian.data(), count);
  std::vector<Index> linear;
  for (int k = 0; k < problem.particles; ++k) linear.push_back(static_cast<Index>(k) * shapes + 3);
  for (Index k = static_cast<Index>(problem.particles) * shapes; k < problem.parameters(); ++k)
    linear.push_back(k);
  MatrixXd columns(count, static_cast<Index>(linear.size()));
  for (std::size_t k = 0; k < linear.size(); ++k)
    columns.col(static_cast<Index>(k)) = jacobian.col(linear[k]);
  VectorXd data = Eigen::Map<const VectorXd>(problem.pixels.value.data(), count);
  if (!problem.pixels.base.empty()) data -= Eigen::Map<const VectorXd>(problem.pixels.base.data(), count);
  MatrixXd normal = columns.transpose() * columns;
  normal.diagonal() *= 1 + 1e-12;
  const VectorXd solution = normal.ldlt().solve(columns.transpose() * data);
  for (std::size_t k = 0; k < linear.size(); ++k) start[linear[k]] = solution[static_cast<Index>(k)];
  return (data - columns * solution).squaredNorm() / problem.noise.variance(solution[problem.particles]);
}

/// What TinySolver minimises.
template <int Parameters>
class GroupCost {
 public:
  using Scalar = double;
  enum { NUM_RESIDUALS = Eigen::Dynamic, NUM_PARAMETERS = Parameters };

  GroupCost(const GroupProblem& problem, const VectorXd& inverse_sd)
      : problem_(problem), inverse_sd_(inverse_sd) {}
  int NumResiduals() const { return problem_.residuals(); }
  int NumParameters() const { return problem_.parameters(); }

  bool operator()(const double* p, double* residuals, double* jacobian) const {
    const auto count = static_cast<Index>(problem_.pixels.size());
    const Index rows = problem_.residuals();
    Eigen::Map<VectorXd> r(residuals, rows);
    if (!within_walls(p)) {
      r.setConstant(1e6);  // a step beyond a wall is refused
      if (jacobian != nullptr) std::fill(jacobian, jacobian + rows * problem_.parameters(), 0.0);
      return true;
    }
    evaluate_group(problem_, problem_.blurred_sigma_px, p, residuals, jacobian, rows);
    for (Index i = 0; i < count; ++i)
      r[i] = (problem_.pixels.value[static_cast<std::size_t>(i)] - r[i]) * inverse_sd_[i];
    if (jacobian != nullptr) {
      Eigen::Map<MatrixXd> j(jacobian, rows, problem_.parameters());
      for (Index column = 0; column < j.cols(); ++column)
        j.col(column).head(count).array() *= -inverse_sd_.array();
      j.bottomRows(problem_.particles).setZero();
    }
    for (int k = 0; k < problem_.particles; ++k) add_prior(k, p, rows, residuals, jacobian);
    return true;
  }

 private:
  void add_prior(int k, const double* p, Index rows, double* residuals, double* jacobian) const {
    const auto& prior = problem_.amplitude_priors[static_cast<std::size_t>(k)];
    const Index row = rows - problem_.particles + k;
    residuals[row] = 0.0;
    if (!prior) return;
    const Index column = static_cast<Index>(k) * problem_.shape_parameters() + 3;
    const double amplitude = p[column];
    const double size = std::max(std::abs(amplitude), 1e-9);
    residuals[row] = (std::log(size) - prior->intercept - prior->slope * p[column - 1]) / prior->log_sd;
    if (jacobian == nullptr) return;
    jacobian[row + column * rows] = (amplitude < 0 ? -1.0 : 1.0) / (size * prior->log_sd);
    jacobian[row + (column - 1) * rows] = -prior->slope / prior->log_sd;
  }

  bool within_walls(const double* p) const {
    for (int k = 0; k < problem_.particles; ++k, p += problem_.shape_parameters()) {
      const auto i = static_cast<std::size_t>(k);
      if (!(p[2] >= std::log(problem_.smallest_px) && p[2] <= std::log(problem_.largest_px))) return false;
      if (!(std::hypot(p[0] - problem_.seed_x[i], p[1] - problem_.seed_y[i]) <= problem_.wander_px[i]))
        return false;
      if (problem_.elliptic && !(std::hypot(p[4], p[5]) < 1.0)) return false;
    }
    return true;
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

VectorXd inverse_sd_at(const GroupProblem& problem, const VectorXd& values) {
  const double row_variance = problem.noise.row_noise_sd * problem.noise.row_noise_sd;
  VectorXd inverse_sd(values.size());
  for (Index i = 0; i < values.size(); ++i)
    inverse_sd[i] = 1.0 / std::sqrt(problem.noise.variance(values[i]) + row_variance);
  return inverse_sd;
}

VectorXd model_values(const GroupProblem& problem, const GroupParameters& parameters,
                      double blurred_sigma_px) {
  VectorXd values(static_cast<Index>(problem.pixels.size()));
  evaluate_group(problem, blurred_sigma_px, parameters.data(), values.data(), nullptr, values.size());
  return values;
}

/// By how much chi2 would fall, to first order, if particle k were an ellipse. The derivatives by the two
/// parameters of its stretch follow from those by its place: d/de1 = dx d/dx0 - dy d/dy0, d/de2 = dy d/dx0 +
/// dx d/dy0.
double ellipse_gain(const GroupProblem& problem, const GroupSolution& round, int k, const VectorXd& residuals,
                    const MatrixXd& jacobian) {
  const Index at = 4 * static_cast<Index>(k), count = static_cast<Index>(problem.pixels.size());
  Eigen::MatrixX2d stretch = Eigen::MatrixX2d::Zero(jacobian.rows(), 2);
  for (Index i = 0; i < count; ++i) {
    const double by_x = jacobian(i, at), by_y = jacobian(i, at + 1);
    if (by_x == 0.0 && by_y == 0.0) continue;
    const double dx = problem.pixels.x[static_cast<std::size_t>(i)] - round.parameters[at];
    const double dy = problem.pixels.y[static_cast<std::size_t>(i)] - round.parameters[at + 1];
    stretch(i, 0) = dx * by_x - dy * by_y;
    stretch(i, 1) = dy * by_x + dx * by_y;
  }
  const Eigen::MatrixX2d overlap = jacobian.transpose() * stretch;
  const Eigen::Matrix2d information =
      stretch.transpose() * stretch - overlap.transpose() * round.covariance * overlap;
  const Eigen::Vector2d gradient = stretch.transpose() * residuals;
  return gradient.dot(information.ldlt().solve(gradient));
}

/// Second-order bias of a weighted least-squares estimate: -1/2 C J^T h, h_i = tr(C H_i) (M. J. Box, J. R.
/// Stat. Soc. B 33, 171, 1971, DOI 10.1111/j.2517-6161.1971.tb00871.x). The second derivatives are taken as
/// differences over one standard error along the principal axes of C, which also takes in the curvature at
/// the scale of the errors.
VectorXd second_order_bias(const GroupProblem& problem, const GroupParameters& at, const VectorXd& values,
                           const VectorXd& inverse_sd, const MatrixXd& covariance,
                           const MatrixXd& weighted_jacobian) {
  const Index shapes = static_cast<Index>(problem.particles) * problem.shape_parameters();
  // Where an error of ln d exceeds 1 the expansion says nothing, and a shifted profile could be of any size.
  for (Index k = 2; k < shapes; k += problem.shape_parameters())
    if (!(covariance(k, k) < 1.0)) return VectorXd::Zero(covariance.rows());
  const Eigen::SelfAdjointEigenSolver<MatrixXd> axes(covariance.topLeftCorner(shapes, shapes));
  VectorXd bend = VectorXd::Zero(values.size());
  for (Index k = 0; k < shapes; ++k) {
    GroupParameters shifted = at;
    const VectorXd step = axes.eigenvectors().col(k) * std::sqrt(std::max(axes.eigenvalues()[k], 0.0));
    shifted.head(shapes) = at.head(shapes) + step;
    bend += model_values(problem, shifted);
    shifted.head(shapes) = at.head(shapes) - step;
    bend += model_values(problem, shifted) - 2 * values;
  }
  bend.array() *= inverse_sd.array();
  return -0.5 * (covariance * (weighted_jacobian.topRows(values.size()).transpose() * bend));
}

}  // namespace

VectorXd model_values(const GroupProblem& problem, const GroupParameters& parameters) {
  return model_values(problem, parameters, problem.blurred_sigma_px);
}

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

GroupParameters round_to_elliptic(const GroupProblem& round, const GroupParameters& parameters) {
  GroupParameters start = GroupParameters::Zero(parameters.size() + 2 * static_cast<Index>(round.particles));
  for (int k = 0; k < round.particles; ++k)
    start.segment<4>(6 * static_cast<Index>(k)) = parameters.segment<4>(4 * static_cast<Index>(k));
  start.tail(3 * round.pixels.frames) = parameters.tail(3 * round.pixels.frames);
  return start;
}

GroupSolution solve_group(const GroupProblem& problem, GroupParameters start, bool want_bias) {
  GroupSolution result;
  result.parameters = std::move(start);
  const auto count = static_cast<Index>(problem.pixels.size());
  const int parameters = problem.parameters();
  VectorXd inverse_sd;
  for (const double tolerance :
       {0.5, 0.02}) {  // near the minimum; then, with its own weights, near enough for one Newton step
    inverse_sd = inverse_sd_at(problem, model_values(problem, result.parameters));
    result.converged = parameters == 7
                           ? run_solver<7>(problem, inverse_sd, tolerance, result.parameters)
                           : run_solver<Eigen::Dynamic>(problem, inverse_sd, tolerance, result.parameters);
    if (!result.parameters.allFinite()) {
      result.converged = false;
      return result;
    }
  }
  const Index rows = problem.residuals();
  VectorXd residuals(rows);
  MatrixXd jacobian(rows, parameters);
  GroupCost<Eigen::Dynamic> cost(problem, inverse_sd);
  cost(result.parameters.data(), residuals.data(), jacobian.data());
  result.chi2 = residuals.squaredNorm();
  result.deviance = result.chi2 - 2 * inverse_sd.array().log().sum();
  result.degrees_of_freedom = std::max(1, static_cast<int>(count) - parameters);
  const MatrixXd normal = jacobian.transpose() * jacobian;
  const VectorXd scale = normal.diagonal().cwiseMax(1e-30).cwiseSqrt().cwiseInverse();
  const MatrixXd scaled = scale.asDiagonal() * normal * scale.asDiagonal();
  const Eigen::LDLT<MatrixXd> factor(scaled);
  if (factor.info() != Eigen::Success || !(factor.vectorD().minCoeff() > 1e-12)) {
    result.converged = false;
    return result;
  }
  result.covariance =
      scale.asDiagonal() * factor.solve(MatrixXd::Identity(parameters, parameters)) * scale.asDiagonal();
  // What the solver left undone, by one more Newton step.
  const VectorXd rest = -result.covariance * (jacobian.transpose() * residuals);
  if (std::abs(rest.dot(normal * rest)) < 0.25) result.parameters += rest;
  const VectorXd values = model_values(problem, result.parameters);
  const double step = 0.01;  // the derivative by ln sigma is a difference over 1 % of sigma
  const VectorXd wider = model_values(problem, result.parameters, problem.blurred_sigma_px * (1 + step));
  VectorXd by_sigma = VectorXd::Zero(rows);
  by_sigma.head(count) = (wider - values).cwiseProduct(inverse_sd) / std::log1p(step);
  const VectorXd overlap = jacobian.transpose() * by_sigma;  // J holds minus the derivatives
  result.by_log_sigma = result.covariance * overlap;
  result.sigma_score = residuals.dot(by_sigma);
  result.sigma_information = std::max(by_sigma.squaredNorm() - overlap.dot(result.by_log_sigma), 0.0);
  result.bias = want_bias ? second_order_bias(problem, result.parameters, values, inverse_sd,
                                              result.covariance, -jacobian)
                          : VectorXd::Zero(parameters);
  if (!problem.elliptic)
    for (int k = 0; k < problem.particles; ++k)
      result.ellipse_gain.push_back(ellipse_gain(problem, result, k, residuals, jacobian));
  // Matched filter with a constant background projected out.
  RadialProfile profile(problem.profile);
  for (int k = 0; k < problem.particles; ++k) {
    VectorXd alone = VectorXd::Zero(count);
    add_particle(problem, problem.blurred_sigma_px,
                 result.parameters.data() + static_cast<Index>(k) * problem.shape_parameters(), profile,
                 alone.data(), nullptr, rows);
    const VectorXd weight = inverse_sd.cwiseAbs2();
    const double along = weight.dot(alone);
    const double power = weight.dot(alone.cwiseAbs2()) - along * along / weight.sum();
    result.snr.push_back(std::sqrt(std::max(power, 0.0)));
  }
  return result;
}

}  // namespace sinterscope
