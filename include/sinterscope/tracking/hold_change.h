// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The particles of a hold that are not seen in the next one: gone, or shrunk below the detection limit?
//
// One particle alone cannot tell. All together can: what shrinks at another temperature shrinks with its
// neighbours, so survivors show by how much, and where nothing is left even the largest would have had to
// fall below the limit. Model: a share of the particles is gone; the others change ln(diameter) by a common
// amount ~ N(0, common^2) and each by its own ~ N(0, own^2). What is integrated out, on grids:
//  - the share. With probability 1 - gone_prior hardly any is gone, else any share, with half of the weight
//    on all.
//  - the common change.
//  - an error common to the sizes of all survivors, upwards, half-normal in units of the error that each has
//  in
//    a single frame: those that are found are the ones that noise lifted, the fit of a faint particle is
//    biased by as much as it scatters, and more frames or more particles average neither away.
//  - the share of the gone that later come back at their very site: none (with probability 1 - site_memory),
//    or any. What stood there all along is found again at its place, to within the error of a place.
// A survivor reports its change and how often it was found; or it is none, but a foreign detection at the
// site of one that is gone, by the density of such detections. What breaks it: two populations with different
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
  double site_memory = 0.2;
};

/// What the next hold shows at the place of a particle.
struct Survival {
  double log_change = 0.0;     ///< of ln(diameter), measured
  double log_variance = 0.0;   ///< of its own error
  double single_error = 0.0;   ///< of ln(diameter) in a single frame: the scale of the common error
  double gone_later = 0.0;     ///< prior probability that it went after its last find
  double log_foreign = -1e30;  ///< ln of the density of foreign detections there over that of its own
};

/// A particle of the hold before the change.
struct Standing {
  Sighting before;
  std::vector<Look> looks;  ///< of one that vanished: frames that did not show it; of a survivor: its finds
  std::optional<Survival> after;     ///< of a survivor
  bool later_holds = false;          ///< that could have shown it again
  std::optional<double> log_return;  ///< of one found again later: ln of the density of its place and size if
                                     ///< it is the same over that of a newcomer
};

/// The explanations of a missing particle, which add up to 1; of a survivor: `gone` is the probability that
/// it is none, and the rest is zero.
struct Fate {
  double gone = 0.0;
  Unseen there;
};

struct HoldChange {
  std::vector<Fate> fates;  ///< one per particle
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
