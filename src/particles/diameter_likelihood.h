// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the pixels of one particle say along its diameter, all else integrated out.
//
// Near the resolution limit the likelihood of ln d is skewed and long-tailed, but that of q = d^2, with which
// the second moment of the image grows, is nearly normal, and ln|A| + ln q, the whole brightness, is nearly
// linear in q. So the pixels are looked at for a few values of q, place, amplitude and ground taken to their
// best by one Newton step, and polynomials in q are laid through what is seen. Where the diameter is well
// known the covariance of the fit says the same without another look.
//
// Place, amplitude and ground are integrated out by Laplace's formula, exact for amplitude and ground. The
// determinant in it matters where many particles are judged together: each adapts to its noise a little
// better the narrower its image is, and a hundred of them would make a probe seem narrow that is not.

#include <vector>

#include "group_fit.h"

namespace sinterscope {

/// At diameters evenly spaced in q over three standard errors on either side.
struct DiameterLikelihood {
  std::vector<double> log_diameter;        ///< ascending
  std::vector<double> log_amplitude;       ///< ln|A|, the best there
  std::vector<double> amplitude_variance;  ///< of ln|A| at that diameter
  std::vector<double> log_likelihood;      ///< with the step of ln d in it: to be summed over the nodes
  bool empty() const { return log_diameter.empty(); }
};

/// Which values of q are looked at; always above zero.
struct SquareRange {
  double low = 0.0, high = 0.0;
  /// Three standard deviations on either side.
  static SquareRange around(double square, double sd);
};

/// Likelihood of the diameter of particle k from the pixels, `at` being the parameters of a fit without
/// priors to about these pixels. `excess`: chi-square per degree of freedom by which noise is wider than it
/// should be. Empty where the particle's amplitude changes sign within the range.
DiameterLikelihood look_along_diameter(const GroupProblem& problem, const GroupParameters& at,
                                       const Eigen::VectorXd& weights, double excess, int k,
                                       const SquareRange& range);

/// What a fit says of amplitude and diameter, the widening by `excess` in its variances.
struct DiameterEstimate {
  double log_diameter = 0.0, log_amplitude = 0.0;  ///< ln d, ln|A|
  double variance_diameter = 0.0, variance_amplitude = 0.0, covariance = 0.0;
};
DiameterEstimate estimate_of(const GroupProblem& problem, const GroupSolution& solution, double excess,
                             int k);

/// The likelihood by expansion about an estimate, up to a factor: right where the diameter is well known.
DiameterLikelihood expand_along_diameter(const DiameterEstimate& estimate);
/// The same by the covariance of a solution, factor and all.
DiameterLikelihood expand_along_diameter(const GroupProblem& problem, const GroupSolution& solution,
                                         double excess, int k);

}  // namespace sinterscope
