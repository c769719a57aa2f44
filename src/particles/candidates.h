// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which of several overlapping candidates of a search are particles of their own.

#include <vector>

#include "sinterscope/particles/detect.h"

namespace sinterscope {

/// A detection with what decides between overlapping ones.
struct Candidate {
  Detection detection;
  double response = 0.0;    ///< in units of the image: a blob's height over its surroundings
  double log_places = 0.0;  ///< ln of the number of independent places at its scale
};

/// The candidates that repeat no stronger one and are no crowd of smaller ones, by rising expected_false.
std::vector<Detection> keep_strongest(std::vector<Candidate> found);

}  // namespace sinterscope
