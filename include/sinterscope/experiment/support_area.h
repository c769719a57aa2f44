// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where particles can sit in one region: on the oxide, not in vacuum.

#include <opencv2/core.hpp>

namespace sinterscope {

/// In the raw pixels of the region's first frame (= specimen coordinates in px).
struct SupportArea {
  cv::Mat1b mask;        ///< 255 = support: particles count whose centre lies here
  double area_px = 0.0;  ///< area of the mask
  double area_se_px = 0.0;
  cv::Mat1b oxide = {};   ///< 255 = not vacuum: the mask with facet edges and guard band
  /// 255 = searched: the mask and most of its guard band, so that a particle at the rim of the mask is not lost
  /// to an error of the rim; empty = the mask.
  cv::Mat1b searched = {};
  bool facetted = false;  ///< its outlines are straight: edges and corners may look like particles
  double guard_px = 0.0;  ///< band along edges and rim that the mask leaves out
};

}  // namespace sinterscope
