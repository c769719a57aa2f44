// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Result types of the entropy fit; the model and its assumptions are explained with fit_entropy_model.

#include <optional>
#include <string>
#include <vector>

#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/inference/interval.h"

namespace sinterscope {

/// Observed against predicted, for one hold of one region.
struct HoldVerdict {
  int hold = 0;
  std::string region;
  double temperature_K = 0.0;
  std::optional<double> c_np;          ///< atoms in particles per site, observed
  std::optional<double> c_ad_observed; ///< c_ad (total) minus c_np: what is dispersed
  double c_star = 0.0;                 ///< at the posterior median of dh
  Interval c_star_interval95;
  std::string observed;                ///< "dispersed" or "particles"
  std::string predicted;
  bool agrees = false;
  double probability_dispersed = 0.0;  ///< P(c_ad < c*(T)) from the posterior
};

/// A statement the data make mandatory (code) and its sentence.
struct FitMessage {
  std::string code; ///< e.g. "one_sided", "unconstrained", "no_partial_hold"
  std::string text;
};

/// How far dh moves under another assumption.
struct Sensitivity {
  std::string assumption; ///< e.g. "site density x 2"
  double shift_eV = 0.0;
};

struct EntropyFit {
  std::string model = "entropy";
  Estimate dh_eV;
  Estimate c_ad; ///< total of metal atoms per support site (c_tot)
  Estimate redispersion_temperature_K;
  double goodness_g2 = 0.0;
  int goodness_dof = 0;
  double goodness_p = 1.0;
  std::vector<HoldVerdict> holds;
  std::vector<FitMessage> messages;
  std::vector<Sensitivity> sensitivity;
  std::vector<double> grid_dh_eV, profile_log_likelihood, posterior_density; ///< curves over dh
  std::optional<double> next_temperature_K; ///< whose measurement would narrow dh most
};

} // namespace sinterscope
