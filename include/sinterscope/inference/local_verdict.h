// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Observed against predicted, neighbourhood by neighbourhood: do the large particles stay where the metal is
// dense, and do the small ones vanish where it is thin?
//
// Model: the neighbourhoods of a region are the catchments (inference/locality) of the particles of its
// coldest hold, the reference, where the least is dispersed. The total of one is
//   c_loc = e^-kappa atoms / (m_s V) + c*(dh, T_reference),
// and in a hold at T its M = m_s V sites disperse up to X atoms per site (mean c*(dh, T), variance
// c*(1-c*)/M): it keeps a particle of the atoms beyond, which is seen with the detection probability of its
// size. (dh, kappa) are joint draws of the posterior of the entropy fit; each particle draws its own error
// of size. A neighbourhood shows a particle where one of the hold stands nearer to its centre than to that of
// any other, whatever its track. Counted over the neighbourhoods of the large and of the small particles, but
// for those whose particle would be cut by the border of a frame of the hold.
// What breaks it: metal that moves from one neighbourhood to another (coarsening, small particles that come
// back elsewhere), particles that the reference does not show, and a dh that depends on size (Gibbs-Thomson:
// the dh of the fit is that of the mean size).

#include <span>
#include <string>
#include <vector>

#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/interval.h"
#include "sinterscope/inference/locality.h"
#include "sinterscope/inference/message.h"

namespace sinterscope {

/// The neighbourhoods of one size class in one hold, as HoldVerdict is for the whole region.
struct LocalVerdict {
  int hold = 0;
  std::string region;
  double temperature_K = 0.0;
  int reference_hold = 0;  ///< whose catchments are judged
  std::string size_class;  ///< "large" or "small", in the reference
  int neighbourhoods = 0;
  int with_particle = 0;  ///< of them, in this hold
  double with_particle_expected = 0.0;
  double with_particle_expected_sd = 0.0;
  Estimate c_ad;  ///< total of metal atoms per site of these neighbourhoods
  double c_star = 0.0;
  Interval c_star_interval95;
  std::string observed;   ///< "particles" where at least half of them show one, else "dispersed"
  std::string predicted;  ///< "dispersed" where c_loc < X is the likelier, their mean, else "particles"
  bool agrees = false;    ///< observed == predicted, or the count lies within its 95 % range
  double probability_dispersed = 0.0;  ///< P(c_loc < X), mean over the neighbourhoods
};

/// One entry per region, hold but the reference, and size class present in the reference; in the order of
/// the holds, large before small. Empty where the sizes form one group, or nothing was fitted.
/// `locality` as find_locality returns it for these inventories.
std::vector<LocalVerdict> judge_neighbourhoods(const Locality& locality,
                                               std::span<const HoldInventory> inventories,
                                               const Sample& sample, const EntropyFit& fit);

/// Makes verdicts on what lies around small particles (inference/around_small) those of the whole holds
/// again: count and c_np of all particles; a hold shows, or is foretold to show, particles where either part
/// does, and agrees where both do.
void judge_whole_holds(std::vector<HoldVerdict>& holds, std::span<const LocalVerdict> local,
                       std::span<const HoldInventory> inventories);

/// Per region one sentence on its hottest judged hold, code "local": c_ad against c* around the large and
/// around the small, what was seen, and whether those that come back avoid the large ones.
std::vector<FitMessage> local_messages(std::span<const LocalVerdict> verdicts, const Locality& locality);

}  // namespace sinterscope
