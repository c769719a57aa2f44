// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One to a few particles fitted together to the raw pixels around them: the least-squares problem behind
// size.h.
//
// Residuals (pixel - model) / sd (group_model.h) and, for each particle, one prior on ln|A|. The variances
// are those of the noise model at the model's own value, never at the noisy pixel, which would pull the fit
// down. Solved by ceres::TinySolver (Levenberg-Marquardt on the normal equations).

#include <vector>

#include "group_model.h"

namespace sinterscope {

struct GroupSolution {
  GroupParameters parameters;
  Eigen::MatrixXd covariance;        ///< of the parameters, probe known, not inflated
  Eigen::VectorXd by_log_sigma;      ///< shift of each parameter per unit of ln sigma
  GroupParameters integrated;        ///< where the likelihood integrated over the places is largest
  std::vector<double> snr;           ///< matched filter, one a particle
  std::vector<double> ellipse_gain;  ///< of a round fit: the fall of chi2 if this outline were an ellipse
  double sigma_score = 0.0;          ///< half the slope of -chi2 by ln sigma, all else free
  double sigma_information = 0.0;    ///< expected variance of the score
  double chi2 = 0.0;
  double deviance =
      0.0;  ///< chi2 + sum of ln variance: comparable between profiles and probes on the same pixels
  int degrees_of_freedom = 1;
  bool converged = false;  ///< false: only parameters, chi2 and deviance mean anything
};

/// Seeds' places and diameters (all scaled alike where that fits much better) with the amplitudes and
/// background that suit them, by linear least squares.
GroupParameters first_guess(const GroupProblem& problem);
/// Inverse standard deviation of each pixel by the noise model, for these model values.
Eigen::VectorXd inverse_sd_of(const GroupProblem& problem, Eigen::VectorXd model);
/// The same for the model's values at these parameters.
Eigen::VectorXd inverse_sd_at(const GroupProblem& problem, const GroupParameters& parameters);
/// What a fit starts from: a guess, or the solution of a nearly equal problem.
enum class StartFrom { guess, solution };
/// Whether `integrated` is worked out or left at the parameters.
enum class Places { most_likely, integrated };
/// The full fit.
GroupSolution solve_group(const GroupProblem& problem, GroupParameters start, StartFrom from, Places places);
/// The solution of a round fit as the start of an elliptic one.
GroupParameters round_to_elliptic(const GroupProblem& round, const GroupParameters& parameters);

}  // namespace sinterscope
