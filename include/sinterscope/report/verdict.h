// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The result in words.

#include <string>
#include <vector>

#include "sinterscope/inference/fit.h"

namespace sinterscope {

struct Verdict {
  std::string headline;  ///< one sentence for the whole experiment
  std::vector<std::string>
      holds;  ///< one sentence a hold: "500 °C: redisperses as predicted: c_ad 0.021 < c* 0.032"
  std::vector<std::string> notes;  ///< what the data make mandatory to say (FitMessage)
};

/// Plain text, not escaped. A quantity without estimate is told by its bound ("c_ad above 0.013").
Verdict verdict(const EntropyFit& fit);

/// "dh = -0.162 eV (95 %: -0.190 to -0.140)"; open ends and missing estimates in words.
std::string estimate_sentence(const std::string& name, const std::string& unit, const Estimate& estimate);

}  // namespace sinterscope
