// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From the parameters of a fit to what is said of a particle; and the two ways on where a circle does not do.

#include "fit_window.h"

namespace sinterscope {

/// How these options ask for diameters to be read.
inline Places places_of(const SizeOptions& options) {
  return options.bias_correction ? Places::integrated : Places::most_likely;
}

/// What the parameters of particle k say: value, errors with everything in them, flags that need no frame.
/// model: values of all pixels at the solution.
SizedFit read_fit(const GroupProblem& problem, const GroupSolution& solution, const Eigen::VectorXd& model,
                  int k, const Probe& probe, const SizeOptions& options);

/// What is said where no fit succeeded: nothing is known but where it was looked for.
SizedFit without_fit(const Outline& outline, const ProfileShape& profile);

/// Sets the flag of what is cut by the edge of any frame.
void flag_edge(const std::vector<ShiftedFrame>& frames, SizedFit& fit);

/// Ellipses instead of circles, in problem and solution, where the data ask for them.
void try_ellipses(GroupProblem& problem, GroupSolution& solution, const SizeOptions& options);

/// A large particle that no ellipse fits: its diameter by the area within its contour, flagged irregular.
/// Whether image and model differ along its outline alone.
bool try_contour(const GroupProblem& problem, const GroupSolution& solution, const Eigen::VectorXd& model,
                 const SizeOptions& options, SizedFit& fit);

}  // namespace sinterscope
