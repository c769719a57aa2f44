// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Rival explanations on the same data: does the support take the metal up and give it back, and does entropy
// say when?
//
//   null              the inventory never changes, nor do the sizes
//   sintering         the inventory never changes; sizes never shrink: particles coarsen by heating
//   irreversible      the entropy model's law, ratcheted: what the hottest hold so far dispersed stays
//   dispersed entropy           c_NP(T) of theory/entropy_model, reversible partly_reversible r entropy + (1
//   - r) irreversible, 0 <= r <= 1 saturated         every hold its own inventory: the reference for lack of
//   fit, never a winner
// Sizes of a hold are free in all but the first two. Parameters of an inventory: one c per region (null,
// sintering), dh common and c_ad per region (irreversible, entropy), r common besides. Calibration and facet
// spread have their priors everywhere (inference/entropy_posterior). Sintering: ln(median size) of the next
// hold is the same with probability 1/2, else larger by an exponential step of mean 0.25.
//
// Ranking by AICc (H. Akaike, IEEE Trans. Autom. Control 19, 716, 1974, doi:10.1109/TAC.1974.1100705;
// correction: C. M. Hurvich and C.-L. Tsai, Biometrika 76, 297, 1989, doi:10.1093/biomet/76.2.297), the
// number of observations being all detections plus all holds (an empty hold is one). Evidences (flat priors:
// dh on the box, ln c on its box, r on [0, 1]) stand beside; that of `saturated` depends on its arbitrary
// prior and is no evidence for it. What a win of `entropy` does not show: that the reversible law is due to
// configurational entropy. A gas chemical potential or wetting that hides particles give the same pattern.

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/inference/fit_options.h"
#include "sinterscope/inference/interval.h"
#include "sinterscope/inference/message.h"

namespace sinterscope {

struct ModelScore {
  std::string name;             ///< null, sintering, irreversible, entropy, partly_reversible, saturated
  double log_likelihood = 0.0;  ///< maximum, with the priors of calibration and facet spread
  int free_parameters = 0;
  std::vector<std::pair<std::string, double>> parameters;  ///< at the maximum
  double aicc = 0.0;
  double bic = 0.0;
  double log_evidence = 0.0;
  double weight = 0.0;  ///< Akaike weight (saturated: 0, it is only the reference)
};

struct ModelComparison {
  std::vector<ModelScore> models;
  std::string preferred = "undecided";  ///< a model, if it leads by 4 or more
  double lead =
      0.0;  ///< AICc of the next best minus that of the best, among null, sintering, irreversible, entropy
  Estimate returning_share;  ///< r: the share of the dispersed metal that comes back; "entropy or trapping?"
  std::vector<FitMessage> messages;  ///< e.g. "heating_only", "not_distinguished"
};

/// Compares the models on all holds that have a temperature. Never throws for poor data; throws Error for
/// impossible input (check_inventories), usage_error for options out of range. The result does not depend on
/// `threads`.
ModelComparison compare_models(std::span<const HoldInventory> holds, const Sample& sample,
                               const FitOptions& options = {}, int threads = 1);

}  // namespace sinterscope
