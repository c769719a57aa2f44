// SPDX-License-Identifier: GPL-3.0-or-later
#include "legend.h"

namespace sinterscope {

namespace {

void draw_entry(Svg& svg, const LegendEntry& entry, double x, double y) {
  if (entry.point)
    svg.circle(x + 9, y, 3, entry.look);
  else
    svg.line(x, y, x + 18, y, entry.look);
  svg.text(x + 24, y + 3.5, entry.label, Anchor::start, 9);
}

}  // namespace

void draw_legend(Svg& svg, const std::vector<LegendEntry>& entries, double x, double y) {
  for (std::size_t i = 0; i < entries.size(); ++i)
    draw_entry(svg, entries[i], x, y + legend_line_height * static_cast<double>(i));
}

void draw_legend_row(Svg& svg, const std::vector<LegendEntry>& entries, double x, double y) {
  for (const LegendEntry& entry : entries) {
    draw_entry(svg, entry, x, y);
    x += 34 + 5.0 * static_cast<double>(entry.label.size());  // about the width of the words
  }
}

}  // namespace sinterscope
