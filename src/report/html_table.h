// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A table of the page.

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "text.h"

namespace sinterscope {

/// Rows of a table; every cell is escaped here.
class HtmlTable {
 public:
  HtmlTable(std::string_view caption, const std::vector<std::string>& headings) {
    html_ = fmt::format(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"{0}\"><table><caption>{0}</caption><thead><tr>",
        escape(caption));
    for (const std::string& heading : headings) html_ += "<th scope=\"col\">" + escape(heading) + "</th>";
    html_ += "</tr></thead>\n<tbody>\n";
  }
  void row(const std::vector<std::string>& cells, std::string_view class_name = "",
           std::string_view attributes = "") {
    html_ += class_name.empty() ? fmt::format("<tr{}>", attributes)
                                : fmt::format("<tr class=\"{}\"{}>", class_name, attributes);
    for (const std::string& text : cells)
      html_ += (text.size() > 34 ? "<td class=\"long\">" : "<td>") + escape(text) + "</td>";
    html_ += "</tr>\n";
  }
  std::string finish() const { return html_ + "</tbody></table></div>\n"; }

 private:
  std::string html_;
};

}  // namespace sinterscope
