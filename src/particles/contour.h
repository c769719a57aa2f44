// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The area of an irregular particle by its sub-pixel contour at half height.
//
// The image is smoothed by one blurred sigma, and the area above half the particle's height that hangs
// together with its centre is summed with straight contour pieces (marching squares). Blur moves a
// half-height contour inwards where it is convex and outwards where it is concave: over the whole outline the
// area loses pi sigma^2 whatever the shape (Gauss-Bonnet), and a thickness profile puts its half height
// inside its edge. Both are taken out by measuring the fitted model's own image in the same way: the contour
// diameter is the fitted one times the square root of the ratio of areas. Where the particle is what the
// model says, both ways agree and nothing jumps between them.

#include "group_fit.h"

namespace sinterscope {

/// Where amplitude and ground are read: of the fit, or anew from the pixels clear of the outline, where they
/// look like the model and its corners do not draw both towards each other.
enum class ContourLevel { fitted, clear_of_outline };

struct ContourArea {
  double diameter_px = 0.0;  ///< of the circle of this area
  double diameter_se_px = 0.0;
  bool closed = false;  ///< false: the contour leaves the window or there is none
};

/// Which pixels lie within two blurred sigmas and a tenth of the radius of the fitted outline, where corners
/// and hollows of another one would be. For a problem of one particle.
std::vector<bool> pixels_along_outline(const GroupProblem& problem, const GroupParameters& solution);

/// For a problem of one particle in its first frame, and its solution (round or elliptic).
ContourArea measure_contour(const GroupProblem& problem, const GroupParameters& solution, ContourLevel level);

}  // namespace sinterscope
