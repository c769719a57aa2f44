// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the lines and points of a figure are, listed inside it or above it.

#include <string>
#include <vector>

#include "chart.h"

namespace sinterscope {

struct LegendEntry {
  std::string label;
  std::string look;  ///< class and presentation attributes of the mark
  bool point = false;
};

inline constexpr double legend_line_height = 14.0;

/// One entry below the other; (x, y) is the left end of the first mark.
void draw_legend(Svg& svg, const std::vector<LegendEntry>& entries, double x, double y);

/// One entry beside the other.
void draw_legend_row(Svg& svg, const std::vector<LegendEntry>& entries, double x, double y);

}  // namespace sinterscope
