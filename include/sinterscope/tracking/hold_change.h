// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The particles of a hold that are not seen in the next one: gone, or shrunk below the detection limit?
//
// One particle alone cannot tell. All together can: what shrinks at another temperature shrinks with its
// neighbours, so survivors show by how much, and where nothing is left even the largest would have had to
// fall below the limit. Model: a share of the particles is gone; the others change ln(diameter) by a common
// amount ~ N(0, common^2) and each by its own ~ N(0, own^2). Survivors report their change and how often they
// were found: near the limit the few that are found look larger than they are, but a particle that is missed
// in every other frame is no longer what it was. Vanished ones report that they are gone or unseen. Share and
// common change are integrated out on a grid. Prior of the share: with probability 1 - gone_prior hardly any
// is gone, else any share, with half of the weight on all. What breaks it: two populations with different
// fates, of which the survivors of one speak for the other.

#include <opencv2/core/types.hpp>
#include <optional>
#include <span>
#include <vector>

#include "sinterscope/tracking/sighting.h"
#include "sinterscope/tracking/visibility.h"

namespace sinterscope {

struct ChangePrior {
  double gone_prior = 0.1;
  double common_change = 0.3;
  double own_change = 0.15;
};

/// A particle of the hold before the change.
struct Standing {
  Sighting before;
  std::optional<double> log_diameter_after;  ///< of a survivor
  double log_variance_after = 0.0;
  std::vector<Look> looks;  ///< of one that vanished: frames that did not show it; of a survivor: its finds
  double gone_later = 0.0;  ///< prior probability that a survivor went after its last find
};

/// The explanations of a missing particle; they add up to 1.
struct Fate {
  double gone = 0.0;
  Unseen there;
};

struct HoldChange {
  std::vector<Fate> fates;  ///< one per particle; all zero for a survivor
  double log_change = 0.0;  ///< common to those that stayed, posterior mean
  double log_change_se = 0.0;
};

HoldChange judge_hold_change(std::span<const Standing> particles, cv::Size frame_size,
                             const ChangePrior& prior);

/// The fate of one particle that vanished while others stayed, with the prior probability that it is gone.
/// `finds`: the frames beside its end with its finds and misses.
Fate judge_alone(const Sighting& before, std::span<const Look> looks, cv::Size frame_size, double gone_prior,
                 double change, std::span<const Look> finds = {});

}  // namespace sinterscope
