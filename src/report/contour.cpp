// SPDX-License-Identifier: GPL-3.0-or-later
#include "contour.h"

#include <algorithm>
#include <cmath>

namespace sinterscope {

cv::Mat1d logarithm10(const cv::Mat1d& values) {
  cv::Mat1d result(values.size());
  for (int row = 0; row < values.rows; ++row)
    for (int column = 0; column < values.cols; ++column)
      result(row, column) = std::log10(std::max(values(row, column), 1e-300));
  return result;
}

namespace {

/// Where the line leaves the grid between two columns: the place on the lowest or highest row.
void extend_to_edge(Curve& line, std::span<const double> xs, std::span<const double> ys,
                    const cv::Mat1d& values, double level, int column) {
  for (const int row : {0, values.rows - 1}) {
    const double before = values(row, column - 1) - level, here = values(row, column) - level;
    if (before * here > 0 || before == here) continue;
    const auto c = static_cast<std::size_t>(column);
    line.x.push_back(xs[c - 1] + before / (before - here) * (xs[c] - xs[c - 1]));
    line.y.push_back(ys[static_cast<std::size_t>(row)]);
    return;
  }
}

}  // namespace

std::vector<Curve> contour_lines(std::span<const double> xs, std::span<const double> ys,
                                 const cv::Mat1d& values, double level) {
  std::vector<Curve> lines;
  bool open = false;
  for (int column = 0; column < values.cols; ++column) {
    bool crossed = false;
    for (int row = 0; row + 1 < values.rows && !crossed; ++row) {
      const double below = values(row, column) - level, above = values(row + 1, column) - level;
      if (below > 0 || above < 0 || !(above > below)) continue;
      const auto r = static_cast<std::size_t>(row);
      if (!open) lines.emplace_back();
      lines.back().x.push_back(xs[static_cast<std::size_t>(column)]);
      lines.back().y.push_back(ys[r] - below / (above - below) * (ys[r + 1] - ys[r]));
      crossed = true;
    }
    if (open && !crossed && !lines.empty()) extend_to_edge(lines.back(), xs, ys, values, level, column);
    open = crossed;
  }
  return lines;
}

std::optional<std::pair<double, double>> label_place(const std::vector<Curve>& lines, double x_low,
                                                     double x_high, double y_low, double y_high) {
  std::optional<std::pair<double, double>> best;
  double best_margin = 0.08;  // closer to the frame a label would be cut
  for (const Curve& line : lines)
    for (std::size_t i = 0; i < line.x.size(); ++i) {
      const double u = (line.x[i] - x_low) / (x_high - x_low), v = (line.y[i] - y_low) / (y_high - y_low);
      const double margin = std::min({u, 1 - u, v, 1 - v, 0.16});
      if (margin > best_margin) best = {line.x[i], line.y[i]}, best_margin = margin;
    }
  return best;
}

}  // namespace sinterscope
