// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One to a few particles fitted together to the raw pixels around them: the least-squares problem behind
// size.h.
//
// Model of a pixel of frame k at specimen position (x, y):
//   background_k + slope_x,k (x - cx) + slope_y,k (y - cy) + sum over particles A_p f((x, y); particle p).
// Residuals (pixel - model) / sd and, for each particle, one prior on ln|A|. The variances are those of the
// noise model at the model's own value, never at the noisy pixel, which would pull the fit down. Solved by
// ceres::TinySolver (Levenberg-Marquardt on the normal equations; 0.05 to 0.3 ms a particle).

#include <Eigen/Dense>
#include <optional>
#include <vector>

#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/particles/profile.h"

namespace sinterscope {

/// The pixels of a fit, in specimen coordinates.
struct FitPixels {
  std::vector<double> x, y, value;
  std::vector<double> base;  ///< light of particles that are not fitted, known beforehand; empty = none
  std::vector<int> frame;    ///< counts from 0 over the frames of the fit
  int frames = 1;
  std::size_t size() const { return value.size(); }
};

/// ln|A| is normal about intercept + slope ln d.
struct AmplitudePrior {
  double intercept = 0.0;
  double slope = 0.0;
  double log_sd = 1.0;
  double at(double log_diameter) const { return intercept + slope * log_diameter; }
};

struct GroupProblem {
  FitPixels pixels;
  NoiseModel noise;
  ProfileShape profile;
  double blurred_sigma_px = 1.0;
  int particles = 1;
  /// Two more parameters a particle: half the log axis ratio times cos and sin of twice the angle.
  bool elliptic = false;
  double centre_x = 0.0, centre_y = 0.0;       ///< of the background plane
  double smallest_px = 0.2, largest_px = 1e4;  ///< walls of every diameter
  std::vector<double> seed_x, seed_y, seed_diameter_px;
  std::vector<double> wander_px;  ///< positions stay this close to their seed
  std::vector<std::optional<AmplitudePrior>> amplitude_priors;

  int shape_parameters() const { return elliptic ? 6 : 4; }
  int parameters() const { return particles * shape_parameters() + 3 * pixels.frames; }
  int residuals() const { return static_cast<int>(pixels.size()) + particles; }
};

/// Per particle x, y, ln d, A (, e1, e2); then per frame background, slope_x, slope_y.
using GroupParameters = Eigen::VectorXd;

struct GroupSolution {
  GroupParameters parameters;
  Eigen::MatrixXd covariance;        ///< of the parameters, probe known, not inflated
  Eigen::VectorXd by_log_sigma;      ///< shift of each parameter per unit of ln sigma
  Eigen::VectorXd bias;              ///< second-order bias of each parameter (Box 1971)
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
/// The full fit. Where `want_bias` is set the second-order bias is worked out too.
GroupSolution solve_group(const GroupProblem& problem, GroupParameters start, bool want_bias);
/// The solution of a round fit as the start of an elliptic one.
GroupParameters round_to_elliptic(const GroupProblem& round, const GroupParameters& parameters);
/// Model values of all pixels.
Eigen::VectorXd model_values(const GroupProblem& problem, const GroupParameters& parameters);

}  // namespace sinterscope
