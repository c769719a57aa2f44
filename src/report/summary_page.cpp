// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/summary_page.h"

#include <fmt/format.h>

#include "text.h"

namespace sinterscope {
namespace {

constexpr const char* style =
    "body{font:14px/1.45 system-ui,sans-serif;margin:2em;color:#1b1b1b;background:#fff}"
    "h1{font-size:1.3em}div{overflow-x:auto}table{border-collapse:collapse}"
    "th,td{padding:.25em .7em;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap}"
    "th{cursor:pointer;background:#f3f3f3;position:sticky;top:0}"
    "td.t{text-align:left}td.r{text-align:left;white-space:normal;min-width:20em}tr.failed td{color:#a11}";

constexpr const char* script =
    "document.querySelectorAll('th').forEach((th,k)=>th.onclick=()=>{"
    "const body=document.querySelector('tbody'),up=th.dataset.up!=='1';th.dataset.up=up?'1':'';"
    "const key=r=>{const t=r.cells[k].textContent,n=parseFloat(t);return t===''?null:isNaN(n)?t:n};"
    "[...body.rows].sort((a,b)=>{const x=key(a),y=key(b);if(x===null||y===null)return(x===null)-(y===null);"
    "const s=x<y?-1:x>y?1:0;return up?s:-s}).forEach(r=>body.append(r))})";

std::string cell_html(const Cell& value, const std::string& column, const std::string& link) {
  const auto* number = std::get_if<double>(&value);
  const std::string text = escape(number != nullptr ? fmt::format("{:.4g}", *number) : to_text(value));
  const std::string kind = column == "reason"                           ? " class=\"r\""
                           : std::holds_alternative<std::string>(value) ? " class=\"t\""
                                                                        : "";
  return fmt::format("<td{}>{}</td>", kind,
                     link.empty() ? text : fmt::format("<a href=\"{}\">{}</a>", escape(link), text));
}

}  // namespace

std::string summary_page_html(const SummaryPage& page) {
  const std::vector<std::string>& columns = page.table.columns();
  std::size_t failed = 0;
  std::string rows;
  for (std::size_t i = 0; i < page.table.size(); ++i) {
    const bool bad = page.table.has_column("state") && page.table.text(i, "state") == "failed";
    failed += bad ? 1 : 0;
    rows += bad ? "<tr class=\"failed\">" : "<tr>";
    for (std::size_t k = 0; k < columns.size(); ++k)
      rows += cell_html(page.table.rows()[i][k], columns[k], k == 0 ? page.links.at(i) : "");
    rows += "</tr>\n";
  }
  std::string headings;
  for (const std::string& column : columns) headings += "<th scope=\"col\">" + escape(column) + "</th>";
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n"
      "<style>{1}</style></head><body>\n<h1>{0}: {2} experiments, {3} failed</h1>\n<div><table><thead><tr>{4}"
      "</tr></thead><tbody>\n{5}</tbody></table></div>\n<script>{6}</script></body></html>\n",
      escape(page.title), style, page.table.size(), failed, headings, rows, script);
}

}  // namespace sinterscope
