// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The image of one to a few particles on a plane, and the sums over its pixels that a least-squares fit
// needs.
//
// Model of a pixel of frame k at specimen position (x, y):
//   background_k + slope_x,k (x - cx) + slope_y,k (y - cy) + sum over particles A_p f((x, y); particle p).
// A fit reads its pixels only through products of derivatives and residuals summed over them, so these sums
// are formed block by block while the pixels pass by, and the Jacobian is never laid out: its few hundred
// rows would be written and read back several times an iteration.

#include <Eigen/Dense>
#include <optional>
#include <vector>

#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/particles/profile.h"

namespace sinterscope {

/// The pixels of a fit, in specimen coordinates, frame after frame.
struct FitPixels {
  std::vector<double> x, y, value;
  std::vector<double> base;                 ///< light of support and particles known beforehand; empty = none
  std::vector<std::size_t> frame_end = {};  ///< one past the last pixel of each frame
  int frames() const { return static_cast<int>(frame_end.size()); }
  std::size_t size() const { return value.size(); }
};

/// ln|A| is normal about intercept + slope ln d.
struct AmplitudePrior {
  double intercept = 0.0;
  double slope = 0.0;
  double log_sd = 1.0;
  double by_log_sigma = 0.0;  ///< of the intercept, for it was learnt behind the same blur
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
  int shapes() const { return particles * shape_parameters(); }
  int parameters() const { return shapes() + 3 * pixels.frames(); }
};

/// Per particle x, y, ln d, A (, e1, e2); then per frame background, slope_x, slope_y.
using GroupParameters = Eigen::VectorXd;

/// Products of weighted columns summed over all pixels. The columns are the derivatives of the model by each
/// parameter; in a full pass then those by ln sigma and by two stretches of each round particle; last the
/// residual, pixel - model.
struct PixelSums {
  Eigen::MatrixXd product;
  Eigen::Index parameters = 0;
  auto normal() const { return product.topLeftCorner(parameters, parameters); }
  auto gradient() const { return product.col(product.cols() - 1).head(parameters); }
  double chi2() const { return product(product.rows() - 1, product.cols() - 1); }
  Eigen::Index log_sigma() const { return parameters; }
  /// First of the two columns of particle k.
  Eigen::Index stretch(int k) const { return parameters + 1 + 2 * static_cast<Eigen::Index>(k); }
  Eigen::Index residual() const { return product.cols() - 1; }
};

enum class PassKind { parameters, full };

/// `weights`: inverse standard deviations of the pixels.
PixelSums sum_over_pixels(const GroupProblem& problem, const double* parameters,
                          const Eigen::VectorXd& weights, PassKind kind = PassKind::parameters);

/// Adds the particles without their ground, `times` as bright, to the values of all pixels.
void add_light(const GroupProblem& problem, const double* parameters, double times, Eigen::VectorXd& values);

/// Model values of all pixels.
Eigen::VectorXd model_values(const GroupProblem& problem, const double* parameters);
inline Eigen::VectorXd model_values(const GroupProblem& problem, const GroupParameters& parameters) {
  return model_values(problem, parameters.data());
}

/// Of all pixels the distance from the centre of particle k, where its ellipse is stretched to a circle.
Eigen::VectorXd distances_from_centre(const GroupProblem& problem, const GroupParameters& parameters, int k);

}  // namespace sinterscope
