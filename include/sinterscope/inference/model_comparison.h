// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Result types of the comparison of rival models; the models are explained with compare_models.

#include <string>
#include <utility>
#include <vector>

#include "sinterscope/experiment/inventory.h"

namespace sinterscope {

struct ModelScore {
  std::string name; ///< null, sintering, irreversible, entropy, partly_reversible, saturated
  double log_likelihood = 0.0; ///< maximum
  int free_parameters = 0;
  std::vector<std::pair<std::string, double>> parameters; ///< at the maximum
  double aicc = 0.0;
  double bic = 0.0;
  double log_evidence = 0.0;
  double weight = 0.0; ///< Akaike weight (saturated: 0, it is only the reference)
};

struct ModelComparison {
  std::vector<ModelScore> models;
  std::string preferred = "undecided";
  double lead = 0.0; ///< AICc of the next best minus that of the best
};

} // namespace sinterscope
