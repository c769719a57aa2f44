// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Rival explanations on the same data: does the support take the metal up and give it back, and does entropy
// say when?
//
//   - null: the inventory never changes, nor do the sizes.
//   - sintering: the inventory never changes; sizes never shrink, particles coarsen by heating.
//   - irreversible: the law of entropy, ratcheted: what the hottest hold so far dispersed stays so.
//   - entropy: c_NP(T) of theory/entropy_model, reversible.
//   - partly_reversible: a share r of entropy and 1 - r of irreversible, 0 <= r <= 1.
//   - saturated: every hold its own inventory: the reference for lack of fit, never a winner.
// Sizes of a hold are free in all but the first two (src/inference/constant_laws.h), or the same in all holds
// where that is likelier and the inventory is shown to change (p < 0.05 against one c a region). Parameters
// of an inventory: one c per region (null, sintering), dh common and c_ad per region (irreversible, entropy),
// r common besides. Calibration and facet spread have their priors everywhere (inference/entropy_posterior).
//
// Ranking by AICc (H. Akaike, IEEE Trans. Autom. Control 19, 716, 1974, doi:10.1109/TAC.1974.1100705;
// correction: C. M. Hurvich and C.-L. Tsai, Biometrika 76, 297, 1989, doi:10.1093/biomet/76.2.297), the
// number of observations being all detections plus all holds (an empty hold is one). Evidences (flat priors:
// dh on the box, ln c on its box, r on [0, 1]) stand beside; that of `saturated` depends on its arbitrary
// prior and is no evidence for it. A law is preferred where it leads every other of null, sintering,
// irreversible and entropy by 4. Entropy and irreversible are ends of partly_reversible and cannot lead it by
// AICc, so the Bayes factor against it (flat r) must be 3 besides, "positive" by R. E. Kass and A. E. Raftery
// (J. Am. Stat. Assoc. 90, 773, 1995, doi:10.1080/01621459.1995.10476572); else the two cannot be told apart
// and the interval of r is the answer. What a win of `entropy`
// does not show: that the reversible law is due to configurational entropy. A gas chemical potential or
// wetting that hides particles give the same pattern.

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/inference/fit.h"
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
  /// AICc of the next best minus that of the best of null, sintering, irreversible, entropy; where
  /// partly_reversible is preferred or cannot be told apart, the difference to it.
  double lead = 0.0;
  /// The preferred model alone, or those that cannot be told apart; empty where nothing was compared.
  std::vector<std::string> not_excluded;
  Estimate returning_share;  ///< r: the share of the dispersed metal that comes back; "entropy or trapping?"
  std::vector<FitMessage> messages;  ///< e.g. "heating_only", "not_distinguished"
};

/// Compares the models on all holds that have a temperature. Never throws for poor data; throws Error for
/// impossible input (check_inventories), usage_error for options out of range. The result does not depend on
/// `threads`.
ModelComparison compare_models(std::span<const HoldInventory> holds, const Sample& sample,
                               const FitOptions& options = {}, int threads = 1);

/// What the rivals leave of the entropy model. `supported`: nothing but entropy, or a mixture with it, is not
/// excluded; `refuted`: entropy is excluded, and a mixture with it is not all that is left; `open`: entropy
/// and a rival are left, or nothing was compared.
enum class EntropyStanding { open, supported, refuted };
EntropyStanding entropy_standing(const ModelComparison& models);

/// Takes the two-sided dh of a refuted entropy model away, with the c_ad, redispersion temperature and next
/// temperature that rest on it, and says so (code "entropy_refuted"). A one-sided bound of dh stays:
/// particles that are not seen to go are bound at least that strongly whatever the law.
void withhold_refuted(EntropyFit& fit, const ModelComparison& models);

}  // namespace sinterscope
