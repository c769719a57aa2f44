// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the parts of the entropy fit hand to one another.

#include <optional>
#include <span>
#include <vector>

#include "sinterscope/inference/design.h"
#include "sinterscope/inference/entropy_posterior.h"
#include "sinterscope/inference/fit.h"

namespace sinterscope {

/// A curve over dh with its maximum in place: twice its drop gives likelihood-ratio sets.
struct DhProfile {
  std::vector<double> dh_eV, log_posterior;
  double top = 0.0;
  double drop_low = 0.0;   ///< 2 (top - value) at the lower end of the box
  double drop_high = 0.0;  ///< the same at dh -> 0
};

DhProfile make_profile(const std::vector<PosteriorPoint>& points, const PosteriorPoint& best);

/// Ends of the set where 2 (top - curve) <= drop, by linear interpolation; an end at the edge of the axis is
/// open.
Interval likelihood_set(std::span<const double> axis, std::span<const double> log_curve, double drop);

inline constexpr double chi_square_95 = 3.841;  // one degree of freedom
inline constexpr double one_sided_95 = 2.706;
inline constexpr double one_sided_68 = 0.2187;

struct FitWork {
  std::span<const HoldInventory> holds;
  const Sample& sample;
  const FitOptions& options;
  std::vector<RegionObservations> observations;
  EntropyProblem problem;
  DhProfile profile;
  std::optional<DhProfile> dilute_profile;  ///< with c_ad <= 0.1, where the free one bounds nothing
};

/// G2 against the saturated model, and holds of one temperature against each other.
void fit_goodness(EntropyFit& fit, const FitWork& work);

/// Observed against predicted for every hold; dh95 may be open.
std::vector<HoldVerdict> judge_holds(const EntropyFit& fit, const FitWork& work,
                                     const std::vector<PosteriorDraw>& draws, const Interval& dh95);

/// Shifts of dh under other assumptions.
std::vector<Sensitivity> sensitivities(const EntropyFit& fit, const FitWork& work, double redispersion_K);

void propose_temperature(EntropyFit& fit, const FitWork& work, const std::vector<PosteriorDraw>& draws);

/// All messages the data make mandatory, in the order of their weight.
std::vector<FitMessage> fit_messages(const FitWork& work, const EntropyFit& fit);

}  // namespace sinterscope
