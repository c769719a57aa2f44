// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/report.h"

#include <fmt/format.h>

#include <array>
#include <functional>
#include <map>
#include <sstream>
#include <string_view>

#include "assets.h"
#include "page.h"
#include "sinterscope/core/error.h"
#include "text.h"

namespace sinterscope {
namespace {

/// A part of the page, written when its place has come: the pictures of a long run are many megabytes, and no
/// second copy of them is made.
using Part = std::function<void(std::ostream&)>;

/// Fills "{{name}}" in one pass, so that text which looks like a field is never filled.
void fill(std::string_view page, const std::map<std::string, Part, std::less<>>& parts, std::ostream& out) {
  while (true) {
    const std::size_t open = page.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : page.find("}}", open);
    if (close == std::string_view::npos) break;
    const auto part = parts.find(page.substr(open + 2, close - open - 2));
    if (part == parts.end())
      throw Error(
          fmt::format("report: the page has an unknown field '{}'", page.substr(open + 2, close - open - 2)));
    out << page.substr(0, open);
    part->second(out);
    page.remove_prefix(close + 2);
  }
  out << page;
}

std::string elements(std::string_view tag, std::initializer_list<const Asset*> assets) {
  std::string html;
  for (const Asset* asset : assets)
    if (!asset->text.empty()) html += fmt::format("<{0}>{1}</{0}>\n", tag, asset->text);
  return html;
}

std::string hashes(std::initializer_list<const Asset*> assets) {
  std::string list;
  for (const Asset* asset : assets)
    if (!asset->text.empty()) list += " 'sha256-" + base64_of_hex(asset->sha256_hex) + "'";
  return list;
}

void check(const ReportData& data) {
  for (std::size_t i = 0; i < data.history.frames.size(); ++i)
    if (data.history.frames[i].frame != static_cast<int>(i))
      throw Error(fmt::format("report: frame {} stands at place {} of the thermal history",
                              data.history.frames[i].frame, i));
  for (const Hold& hold : data.history.holds)
    if (hold.region < 0 || static_cast<std::size_t>(hold.region) >= data.history.regions.size())
      throw Error(fmt::format("report: a hold names region {}, but there are {}", hold.region,
                              data.history.regions.size()));
}

}  // namespace

void write_report_html(const ReportData& data, std::ostream& out) {
  check(data);
  // Only what these hashes name may run or style: text of the data could not, even if it escaped its
  // escaping.
  const std::string policy = fmt::format(
      "default-src 'none'; script-src{}; style-src{}; img-src data: blob:; base-uri 'none'; form-action "
      "'none'",
      hashes({&asset_uplot_js, &asset_viewer_js, &asset_charts_js, &asset_page_js}),
      hashes({&asset_uplot_css, &asset_page_css}));
  const auto text = [](std::string html) -> Part {
    return [html = std::move(html)](std::ostream& stream) { stream << html; };
  };
  const auto from = [&data](std::string (*make)(const ReportData&)) -> Part {
    return [&data, make](std::ostream& stream) { stream << make(data); };
  };
  fill(asset_page_html.text,
       {{"policy", text(policy)},
        {"title", text(escape(data.title))},
        {"styles", text(elements("style", {&asset_uplot_css, &asset_page_css}))},
        {"scripts",
         text(elements("script", {&asset_uplot_js, &asset_viewer_js, &asset_charts_js, &asset_page_js}))},
        {"warnings", from(&warnings_html)},
        {"verdict", from(&verdict_html)},
        {"programme", from(&programme_html)},
        {"histograms", from(&histograms_html)},
        {"holds", from(&hold_table_html)},
        {"comparison", from(&comparison_html)},
        {"fit", from(&fit_html)},
        {"models", from(&model_table_html)},
        {"events", from(&event_table_html)},
        {"completeness", from(&completeness_html)},
        {"experiment", from(&experiment_html)},
        {"provenance", from(&provenance_html)},
        {"data", from(&page_json)},
        {"markers", from(&page_markers)},
        {"pictures", [&data](std::ostream& stream) { write_page_pictures(data, stream); }}},
       out);
}

std::string report_html(const ReportData& data) {
  std::ostringstream page;
  write_report_html(data, page);
  return page.str();
}

}  // namespace sinterscope
