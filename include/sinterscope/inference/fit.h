// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// dh and c_ad from the inventories of all holds, with intervals that hold and the sentences the data allow.
//
// Model: the entropy model of theory/entropy_model on a support of unequal, finite facets; what a hold says
// is the table of inference/hold_likelihood; the joint posterior and its profile are those of
// inference/entropy_posterior. Reported is the posterior median with equal-tailed credible intervals, and the
// likelihood-ratio set beside it. A covariance is never reported: on simulated programmes covariance
// intervals of this model cover 29 to 99 % where 95 % is said, credible intervals 95 to 100 %. Breaks where
// holds have not reached equilibrium (tested where a temperature was visited twice: "branches_disagree"),
// where the particles' dh depends on size and sizes differ much, or above about 0.1 atoms per site, where
// ad-atoms are not independent.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/inference/dispersed_share.h"
#include "sinterscope/inference/fit_options.h"
#include "sinterscope/inference/interval.h"
#include "sinterscope/inference/message.h"

namespace sinterscope {

/// Observed against predicted, for one hold of one region.
struct HoldVerdict {
  int hold = 0;
  std::string region;
  double temperature_K = 0.0;
  std::optional<double> c_np;           ///< atoms in particles per site, observed
  std::optional<double> c_ad_observed;  ///< c_ad (total) minus c_np: what is dispersed
  double c_star = 0.0;                  ///< at the posterior median of dh
  Interval c_star_interval95;
  std::string
      observed;  ///< "particles" where their presence is significant (one-sided 95 %), else "dispersed"
  std::string predicted;  ///< "dispersed" where c_ad < c*(T) is the likelier, else "particles"
  /// observed == predicted, or the whole model (unequal facets, detection limit, counting) gives the observed
  /// word a chance of 5 % or more.
  bool agrees = false;
  double probability_dispersed = 0.0;  ///< P(c_ad < c*(T)) from the posterior
  int detected = 0;                    ///< particles listed
  double detections_expected = 0.0;    ///< posterior predictive mean, false detections included
  double detections_expected_sd = 0.0;
  bool of_large = false;  ///< large particles alone are seen and foretold; c_ad and c_star are of the rest
};

/// How far dh moves under another assumption.
struct Sensitivity {
  std::string assumption;  ///< e.g. "site density x 2"
  double shift_eV = 0.0;
};

/// A draw from the posterior of what all regions share.
struct PosteriorShare {
  double dh_eV = 0.0;
  double log_calibration = 0.0;  ///< kappa: ln(observed / true c_np)
};

/// What is known of one region by itself; dh and the calibration are common to all.
struct RegionEstimate {
  std::string region;
  Estimate c_ad;
  Estimate redispersion_temperature_K;
};

struct EntropyFit {
  std::string model = "entropy";
  FitOptions options;                      ///< the priors it was made with
  std::optional<double> loading_per_site;  ///< centre of the prior of c_ad; empty = flat in its box
  Estimate dh_eV;
  Estimate c_ad;  ///< total of metal atoms per support site (c_tot); with several regions their mean weighted
                  ///< by area
  Estimate redispersion_temperature_K;
  std::vector<RegionEstimate> regions;
  double goodness_g2 = 0.0;
  int goodness_dof = 0;
  double goodness_p = 1.0;
  double branch_chi2 = 0.0;  ///< holds of one temperature against each other
  int branch_dof = 0;
  double branch_p = 1.0;
  std::vector<HoldVerdict> holds;
  std::vector<FitMessage> messages;
  std::vector<Sensitivity> sensitivity;
  std::vector<double> grid_dh_eV, profile_log_likelihood, posterior_density;  ///< curves over dh
  std::vector<PosteriorShare> draws;         ///< of equal weight; empty without a hold
  double posterior_median_dh_eV = 0.0;       ///< also where the data do not support it as an estimate
  double maximum_dh_eV = 0.0;                ///< of the profile
  double log_likelihood = 0.0;               ///< at the maximum
  std::optional<double> next_temperature_K;  ///< whose measurement would narrow dh most
  std::optional<double> next_dh_sd_ratio;    ///< expected s.d. of dh after it, over the present one
};

/// Fits dh (common) and c_ad (per region) to all holds that have a temperature. Never throws for poor data:
/// no particle anywhere, one hold or no hold at all give "not constrained". Throws Error for impossible input
/// (check_inventories), usage_error for options out of range. The result does not depend on `threads`.
/// `shares`: interfacial fractions of photoelectron spectra, a second observable; those of a sample with
/// several regions, or with option xps_own_total, have a c_tot of their own and share dh.
EntropyFit fit_entropy_model(std::span<const HoldInventory> holds, const Sample& sample,
                             const FitOptions& options = {}, int threads = 1,
                             std::span<const DispersedShare> shares = {});

}  // namespace sinterscope
