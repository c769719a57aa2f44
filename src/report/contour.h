// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Lines of equal value on a grid, for the phase map.

#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sinterscope/report/figure.h"

namespace sinterscope {

cv::Mat1d logarithm10(const cv::Mat1d& values);

/// Lines along which the grid (rows = ys, columns = xs) has the value `level`, linear between nodes. c* rises
/// with both temperature and dh, so a line crosses every column at most once: one point a column, a break
/// where it leaves the grid.
std::vector<Curve> contour_lines(std::span<const double> xs, std::span<const double> ys,
                                 const cv::Mat1d& values, double level);

/// A point of the lines well inside the box, for a label; empty where no line is inside.
std::optional<std::pair<double, double>> label_place(const std::vector<Curve>& lines, double x_low,
                                                     double x_high, double y_low, double y_high);

}  // namespace sinterscope
