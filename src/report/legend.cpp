// SPDX-License-Identifier: GPL-3.0-or-later
#include "legend.h"

namespace sinterscope {

void draw_legend(Svg& svg, const std::vector<LegendEntry>& entries, double x, double y) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const double at = y + legend_line_height * static_cast<double>(i);
    if (entries[i].point)
      svg.circle(x + 9, at, 3, entries[i].look);
    else
      svg.line(x, at, x + 18, at, entries[i].look);
    svg.text(x + 24, at + 3.5, entries[i].label, Anchor::start, 9);
  }
}

}  // namespace sinterscope
