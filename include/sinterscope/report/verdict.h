// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The result in words.

#include <span>
#include <string>
#include <vector>

#include "sinterscope/experiment/inventory.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/local_verdict.h"
#include "sinterscope/inference/model_comparison.h"

namespace sinterscope {

struct Verdict {
  std::string headline;  ///< one sentence for the whole experiment
  std::vector<std::string>
      holds;  ///< one sentence a hold: "500 °C: redisperses as predicted: c_ad 0.021 < c* 0.032"
  std::vector<std::string> judgements;  ///< the middle of each: "redisperses as predicted"
  std::vector<std::string> notes;       ///< what the data make mandatory to say (FitMessage)
};

/// Plain text, not escaped. A quantity without estimate is told by its bound ("c_ad above 0.013"), and where
/// dh is open on both sides nothing counts as predicted. `inventories`: all holds of the run; one without
/// temperature is not judged, but tells whether there was anything to disperse. `models`: a rival that is
/// preferred is named in the headline.
Verdict verdict(const EntropyFit& fit, std::span<const HoldInventory> inventories = {},
                const ModelComparison* models = nullptr);

/// "500 °C: around the 18 small particles: redisperses as predicted: c_ad 0.018 < c* 0.032"; "" where dh is
/// open.
std::string local_sentence(const LocalVerdict& verdict, bool several_regions);

/// "sintering" -> "particles grow, none of their atoms disperse"; "" for a name that is no model.
std::string model_in_words(const std::string& name);

/// "dh = -0.162 eV (95 %: -0.190 to -0.140)"; open ends and missing estimates in words.
std::string estimate_sentence(const std::string& name, const std::string& unit, const Estimate& estimate);

}  // namespace sinterscope
