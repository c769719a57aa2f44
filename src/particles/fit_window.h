// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which particles are fitted together, and to which pixels.

#include <cstddef>
#include <vector>

#include "group_fit.h"
#include "sinterscope/particles/size.h"

namespace sinterscope {

constexpr double blur_sigmas = 2.5;  ///< from the edge of a particle to where hardly any of its light is left

/// Where a particle is held to be while windows are laid.
struct Outline {
  double x = 0.0, y = 0.0, radius = 1.0;
};

/// Gap between the edges of two outlines in px; negative where they overlap.
double edge_gap(const Outline& a, const Outline& b);

/// A particle that was fitted before, as seen by its neighbours.
struct KnownParticle {
  double x = 0.0, y = 0.0, diameter_px = 0.0, amplitude = 0.0;
};

struct Neighbourhood {
  std::vector<std::size_t> members;  ///< fitted together
  std::vector<std::size_t> others;   ///< near, but not fitted
  bool crowded = false;              ///< one of a crowd too large to be fitted together
};

/// Connected particles whose blurred edges overlap (gap < 5 sigma), up to `largest` of them; in larger crowds
/// each particle is fitted alone.
std::vector<Neighbourhood> group_neighbours(const std::vector<Outline>& outlines, double blurred_sigma_px,
                                            double window_px, int largest);

/// Whether the frame's support is known wherever a particle of this outline sheds its light.
bool support_known(const ShiftedFrame& frame, const Outline& at, double blurred_sigma_px);

/// What all fits of one call share.
struct FitSetting {
  const std::vector<ShiftedFrame>* frames = nullptr;
  const NoiseModel* noise = nullptr;
  ProfileShape profile;
  double blurred_sigma_px = 1.0;
  double window_px = 1.0;  ///< beyond the edge of a particle
  double smallest_px = 0.2, largest_px = 1e4;
  /// Share of its radius by which the window of a large particle reaches beyond its blur: seeds err in
  /// proportion to their size, and the corners of a facetted outline must not fill the whole ring.
  double window_radii = 0.0;
};

/// How far beyond the edge of a member its window reaches. Wide ones only where no other of like size stands
/// near: among many, wider windows show the others' surroundings.
double window_of(const FitSetting& setting, const std::vector<Outline>& outlines, const Neighbourhood& hood,
                 std::size_t member);

/// The least-squares problem of one neighbourhood: its pixels out of all frames. Pixels nearer to one of
/// the others are left out; where `known` is given, the light of those others is added to the model instead.
/// `saturated` tells of clipped pixels that were left out.
GroupProblem pose_group(const FitSetting& setting, const std::vector<Outline>& outlines,
                        const Neighbourhood& hood, bool& saturated,
                        const std::vector<std::optional<KnownParticle>>* known = nullptr);

}  // namespace sinterscope
