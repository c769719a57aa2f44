// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/report.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <string_view>

#include "assets.h"
#include "page.h"
#include "sinterscope/core/error.h"
#include "text.h"

namespace sinterscope {
namespace {

/// Fills "{{name}}" in one pass, so that text which looks like a field is never filled.
std::string fill(std::string_view page, const std::map<std::string, std::string, std::less<>>& fields) {
  std::string out;
  while (true) {
    const std::size_t open = page.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : page.find("}}", open);
    if (close == std::string_view::npos) return out.append(page);
    const auto field = fields.find(page.substr(open + 2, close - open - 2));
    if (field == fields.end())
      throw Error(
          fmt::format("report: the page has an unknown field '{}'", page.substr(open + 2, close - open - 2)));
    out.append(page.substr(0, open)).append(field->second);
    page.remove_prefix(close + 2);
  }
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

std::string report_html(const ReportData& data) {
  check(data);
  // Only what these hashes name may run or style: text of the data could not, even if it escaped its
  // escaping.
  const std::string policy = fmt::format(
      "default-src 'none'; script-src{}; style-src{}; img-src data: blob:; base-uri 'none'; form-action "
      "'none'",
      hashes({&asset_uplot_js, &asset_viewer_js, &asset_charts_js, &asset_page_js}),
      hashes({&asset_uplot_css, &asset_page_css}));
  return fill(
      asset_page_html.text,
      {{"policy", policy},
       {"title", escape(data.title)},
       {"styles", elements("style", {&asset_uplot_css, &asset_page_css})},
       {"scripts", elements("script", {&asset_uplot_js, &asset_viewer_js, &asset_charts_js, &asset_page_js})},
       {"warnings", warnings_html(data)},
       {"verdict", verdict_html(data)},
       {"programme", programme_html(data)},
       {"histograms", histograms_html(data)},
       {"holds", hold_table_html(data)},
       {"comparison", comparison_html(data)},
       {"fit", fit_html(data)},
       {"models", model_table_html(data)},
       {"events", event_table_html(data)},
       {"completeness", completeness_html(data)},
       {"experiment", experiment_html(data)},
       {"provenance", provenance_html(data)},
       {"data", page_json(data)},
       {"markers", page_markers(data)},
       {"pictures", page_pictures(data)}});
}

}  // namespace sinterscope
