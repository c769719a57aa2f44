// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which points lie near a place: a grid of square cells, for points that are spread over a field.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <opencv2/core/types.hpp>
#include <unordered_map>
#include <vector>

namespace sinterscope {

class Neighbours {
 public:
  /// `cell` is the usual search radius; any radius may be asked.
  Neighbours(const std::vector<cv::Point2d>& points, double cell);

  /// Calls visit(index, squared distance) for each point within `radius` of `place`, in an order that depends
  /// only on the points.
  template <typename Visit>
  void within(cv::Point2d place, double radius, Visit&& visit) const {
    const std::int64_t first_column = cell_of(place.x - radius), last_column = cell_of(place.x + radius);
    const std::int64_t first_row = cell_of(place.y - radius), last_row = cell_of(place.y + radius);
    for (std::int64_t row = first_row; row <= last_row; ++row)
      for (std::int64_t column = first_column; column <= last_column; ++column) {
        const auto found = cells_.find(key(row, column));
        if (found == cells_.end()) continue;
        for (const std::size_t index : found->second) {
          const cv::Point2d step = points_[index] - place;
          const double distance2 = step.dot(step);
          if (distance2 <= radius * radius) visit(index, distance2);
        }
      }
  }

 private:
  std::int64_t cell_of(double coordinate) const {
    return static_cast<std::int64_t>(std::floor(coordinate / cell_));
  }
  static std::uint64_t key(std::int64_t row, std::int64_t column) {
    return (static_cast<std::uint64_t>(row) << 32) ^ (static_cast<std::uint64_t>(column) & 0xffffffffU);
  }

  std::vector<cv::Point2d> points_;
  double cell_;
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> cells_;
};

}  // namespace sinterscope
