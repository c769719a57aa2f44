// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A Gaussian random field of unit variance with autocorrelation exp(-r^2 / (2 length^2)), read row by row.
// Private to the room.
//
// White noise on nodes a fraction of the length apart, each spread by a Gaussian of s.d. length / sqrt(2).
// Rows can be read in any order and from several threads.

#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/core/random.h"

namespace sinterscope {

class GaussianField {
 public:
  GaussianField(cv::Size cells, double length_cells, Rng rng);
  /// Adds amplitude * field of row y to `out`, one value a column.
  void add_row(int y, float amplitude, float* out) const;

 private:
  /// The nodes that reach one row or column of cells, with weights whose squares sum to 1.
  struct Reach {
    int first = 0;
    std::vector<float> weights;
  };
  static std::vector<Reach> reaches(int cells, double length_cells);

  std::vector<Reach> along_y_;
  cv::Mat1f rows_;  ///< one row per row of nodes, spread along x
};

}  // namespace sinterscope
