// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The support that a drifting hold really showed: the area over which its particles are counted.
//
// A place belongs to the area of a hold if it is support and at least a share of the frames of the hold show
// it. Counting uses the same area: a particle outside it is not counted however often it was seen. Where only
// whole particles are reported (facetted supports) a strip of half their diameter along the border of each
// frame shows nothing.

#include <opencv2/core.hpp>
#include <span>

#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/support_area.h"
#include "sinterscope/experiment/thermal_history.h"

namespace sinterscope {

class SeenArea {
 public:
  /// `drift` may be empty (no drift). Throws Error if it has too few entries or no area is left.
  SeenArea(const SupportArea& support, const Drift& drift, const Hold& hold, const ThermalHistory& history,
           double min_presence, double border_px);

  double area_px2() const { return area_px2_; }
  double area_se_px2() const { return area_se_px2_; }
  const cv::Mat1b& mask() const { return mask_; }  ///< empty = everywhere
  bool contains(cv::Point2d specimen_px) const;
  /// What every frame of the hold shows to its border, specimen px.
  cv::Rect2d always_shown_px() const;
  /// Number of frames of the hold that show this place.
  int frames_showing(cv::Point2d specimen_px) const;

 private:
  cv::Size frame_size_;
  int border_px_ = 0;
  cv::Mat1b mask_;  ///< empty = everywhere
  std::vector<FrameShift> shifts_;
  double area_px2_ = 0.0;
  double area_se_px2_ = 0.0;
};

}  // namespace sinterscope
