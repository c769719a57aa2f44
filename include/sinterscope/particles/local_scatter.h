// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The scatter of one level's response over the searched area, block by block, read from the side on which
// there are no particles (negative responses for bright ones): what particles were overlooked cannot widen
// it.

#include <opencv2/core.hpp>

#include "sinterscope/particles/scale_space.h"

namespace sinterscope {

class LocalScatter {
 public:
  /// searched: 255 where the scatter counts, in image px (empty = everywhere).
  LocalScatter(const BlobLevel& level, const cv::Mat1b& searched, bool bright);

  /// What most blocks stay below; no place is believed to be much quieter.
  double typical() const { return typical_; }
  /// The least scatter that any place is credited with.
  double least() const;
  /// Interpolated between the centres of the blocks; octave px.
  double at(int x, int y) const;

 private:
  cv::Size size_;
  cv::Mat1f blocks_;
  float typical_ = 0.0F;
};

}  // namespace sinterscope
