// SPDX-License-Identifier: GPL-3.0-or-later
#include "fit_reading.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "contour.h"

namespace sinterscope {

using Eigen::Index;

namespace {

constexpr double own_sigmas = 2.0;    ///< beyond its outline that a particle's image reaches
constexpr double even_ground = 0.05;  ///< chi-square over 1, per pixel

void read_own_misfit(const GroupProblem& problem, const GroupSolution& solution, const Eigen::VectorXd& model,
                     int k, SizedFit& fit) {
  const FitPixels& pixels = problem.pixels;
  const Eigen::VectorXd distances = distances_from_centre(problem, solution.parameters, k);
  const double reach = 0.5 * fit.diameter_px + own_sigmas * problem.blurred_sigma_px;
  double count = 0.0;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (distances[static_cast<Index>(i)] > reach) continue;
    const double expected = model[static_cast<Index>(i)], rest = pixels.value[i] - expected;
    fit.own_chi2 += rest * rest / problem.noise.variance(expected);
    count += 1.0;
  }
  fit.own_degrees_of_freedom = count * solution.degrees_of_freedom / static_cast<double>(pixels.size());
}

/// Whether the image departs from the model along the outline alone. Where it does in the rest of the window
/// as well, it is the ground that is uneven.
bool outline_misfits(const GroupProblem& problem, const GroupParameters& p, const Eigen::VectorXd& model) {
  const Eigen::VectorXd inverse_sd = inverse_sd_of(problem, model);
  const std::vector<bool> along_outline = pixels_along_outline(problem, p);
  std::array<double, 2> chi2{}, pixels{};  // elsewhere, along the outline
  for (std::size_t i = 0; i < problem.pixels.size(); ++i) {
    const std::size_t where = along_outline[i] ? 1 : 0;
    const auto k = static_cast<Index>(i);
    chi2[where] += std::pow((problem.pixels.value[i] - model[k]) * inverse_sd[k], 2);
    pixels[where] += 1;
  }
  if (pixels[0] < 1 || pixels[1] < 1) return false;
  const double along = chi2[1] / pixels[1] - 1, elsewhere = std::max(0.0, chi2[0] / pixels[0] - 1);
  return along > elsewhere + 3 * std::sqrt(2 / pixels[0] + 2 / pixels[1]) &&
         elsewhere < std::max(even_ground, 3 * std::sqrt(2 / pixels[0]));
}

}  // namespace

SizedFit read_fit(const GroupProblem& problem, const GroupSolution& solution, const Eigen::VectorXd& model,
                  int k, const Probe& probe, const SizeOptions& options) {
  const Index at = static_cast<Index>(k) * problem.shape_parameters();
  const auto& p = solution.parameters;
  const auto& c = solution.covariance;
  const double excess = std::max(1.0, solution.chi2 / solution.degrees_of_freedom);
  SizedFit fit;
  fit.profile = problem.profile;
  fit.x_px = p[at];
  fit.y_px = p[at + 1];
  fit.position_se_px = std::sqrt(0.5 * (c(at, at) + c(at + 1, at + 1)) * excess);
  const double log_variance = c(at + 2, at + 2);
  const bool told_from_nothing = log_variance * excess < 1.0;  // else any smaller diameter would do as well
  fit.diameter_px = std::exp(told_from_nothing ? solution.integrated[at + 2] : p[at + 2]);
  const double log_sigma_se =
      probe.sigma_px * probe.sigma_se_px / (problem.blurred_sigma_px * problem.blurred_sigma_px);
  fit.diameter_probe_se_px = fit.diameter_px * std::abs(solution.by_log_sigma[at + 2]) * log_sigma_se;
  fit.diameter_profile_se_px = options.profile == "auto" ? options.profile_error * fit.diameter_px : 0.0;
  fit.diameter_se_px = std::hypot(fit.diameter_px * std::sqrt(log_variance * excess),
                                  fit.diameter_probe_se_px, fit.diameter_profile_se_px);
  fit.amplitude = p[at + 3];
  fit.amplitude_se = std::sqrt(c(at + 3, at + 3) * excess);
  const Index plane = static_cast<Index>(problem.particles) * problem.shape_parameters();
  fit.background =
      p[plane] + p[plane + 1] * (fit.x_px - problem.centre_x) + p[plane + 2] * (fit.y_px - problem.centre_y);
  if (problem.elliptic) {
    fit.axis_ratio = std::exp(2 * std::hypot(p[at + 4], p[at + 5]));
    fit.angle_rad = 0.5 * std::atan2(p[at + 5], p[at + 4]);
  }
  fit.degrees_of_freedom = solution.degrees_of_freedom;
  fit.chi2_per_dof = solution.chi2 / solution.degrees_of_freedom;
  read_own_misfit(problem, solution, model, k, fit);
  const auto i = static_cast<std::size_t>(k);
  fit.snr = solution.snr[i];
  const double wandered = std::hypot(p[at] - problem.seed_x[i], p[at + 1] - problem.seed_y[i]);
  if (p[at + 2] < std::log(problem.smallest_px * 1.02) || p[at + 2] > std::log(problem.largest_px * 0.98) ||
      wandered > 0.98 * problem.wander_px[i] || !told_from_nothing)
    fit.flags.set(ParticleFlag::at_bound);
  if (fit.chi2_per_dof > options.poor_fit_chi2) fit.flags.set(ParticleFlag::poor_fit);
  return fit;
}

SizedFit without_fit(const Outline& outline, const ProfileShape& profile) {
  SizedFit fit;
  fit.profile = profile;
  fit.x_px = outline.x;
  fit.y_px = outline.y;
  fit.position_se_px = outline.radius;
  fit.diameter_px = fit.diameter_se_px = 2 * outline.radius;
  fit.flags.set(ParticleFlag::fit_failed);
  return fit;
}

void flag_edge(const std::vector<ShiftedFrame>& frames, SizedFit& fit) {
  for (const ShiftedFrame& frame : frames) {
    const double x = fit.x_px + frame.shift_px.x, y = fit.y_px + frame.shift_px.y;
    const double nearest = std::min({x, y, frame.pixels.cols - 1 - x, frame.pixels.rows - 1 - y}) + 0.5;
    if (nearest < 0.5 * fit.diameter_px) fit.flags.set(ParticleFlag::cut_by_edge);
  }
}

void try_ellipses(GroupProblem& problem, GroupSolution& solution, const SizeOptions& options) {
  const double excess = std::max(1.0, solution.chi2 / solution.degrees_of_freedom);
  const double needed = options.elliptic_significance * options.elliptic_significance * excess;
  double promised = 0.0;
  for (int k = 0; k < problem.particles; ++k)
    if (std::exp(solution.parameters[4 * static_cast<Index>(k) + 2]) > 2 * problem.blurred_sigma_px)
      promised = std::max(promised, solution.ellipse_gain[static_cast<std::size_t>(k)]);
  if (promised < needed) return;
  const GroupParameters start = round_to_elliptic(problem, solution.parameters);
  problem.elliptic = true;
  GroupSolution tried = solve_group(problem, start, StartFrom::solution, places_of(options));
  if (tried.converged && solution.chi2 - tried.chi2 >= needed)
    solution = std::move(tried);
  else
    problem.elliptic = false;
}

bool try_contour(const GroupProblem& problem, const GroupSolution& solution, const Eigen::VectorXd& model,
                 const SizeOptions& options, SizedFit& fit) {
  if (problem.particles > 1 || fit.flags.has(ParticleFlag::at_bound) ||
      fit.diameter_px < options.contour_sigmas * problem.blurred_sigma_px)
    return false;
  const double scatter = std::sqrt(2.0 / solution.degrees_of_freedom);
  const bool by_outline = outline_misfits(problem, solution.parameters, model);
  if (!by_outline && fit.chi2_per_dof < std::max(options.contour_chi2, 1 + 5 * scatter)) return false;
  const double own_se =
      std::sqrt(std::max(0.0, std::pow(fit.diameter_se_px, 2) - std::pow(fit.diameter_probe_se_px, 2) -
                                  std::pow(fit.diameter_profile_se_px, 2)));
  const ContourArea area = measure_contour(
      problem, solution.parameters, by_outline ? ContourLevel::clear_of_outline : ContourLevel::fitted);
  if (!area.closed || std::abs(std::log(area.diameter_px / fit.diameter_px)) > 0.4) return by_outline;
  // Fit and contour rest on different assumptions: half of what they differ by is taken as a further error.
  // Half height is the edge of a disk: the share of the profile stays. No contour knows more than a fit does.
  const double noise_se = std::max(area.diameter_se_px, own_se);
  const double way_se = std::hypot(0.5 * (area.diameter_px - fit.diameter_px), fit.diameter_profile_se_px);
  fit.diameter_se_px = std::hypot(noise_se, fit.diameter_probe_se_px, way_se);
  fit.diameter_px = area.diameter_px;
  fit.flags.set(ParticleFlag::irregular);
  return by_outline;
}

}  // namespace sinterscope
