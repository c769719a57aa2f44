// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/neighbours.h"

#include <algorithm>
#include <limits>

namespace sinterscope {

Neighbours::Neighbours(const std::vector<cv::Point2d>& points, double cell) : points_(points), cell_(cell) {
  // A tiny cell would make a search walk over empty cells: none smaller than the spacing of the points.
  if (!points_.empty()) {
    double left = std::numeric_limits<double>::infinity(), top = left, right = -left, bottom = -left;
    for (const cv::Point2d& point : points_) {
      left = std::min(left, point.x);
      right = std::max(right, point.x);
      top = std::min(top, point.y);
      bottom = std::max(bottom, point.y);
    }
    const double area = std::max((right - left) * (bottom - top), 1.0);
    cell_ = std::max(cell_, std::sqrt(area / static_cast<double>(points_.size())));
  }
  if (!(cell_ > 0.0)) cell_ = 1.0;
  cells_.reserve(points_.size());
  for (std::size_t i = 0; i < points_.size(); ++i)
    cells_[key(cell_of(points_[i].y), cell_of(points_[i].x))].push_back(i);
}

}  // namespace sinterscope
