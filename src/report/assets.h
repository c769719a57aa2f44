// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Files of src/report/web and the chart library, embedded at build time (cmake/embed_file.cmake).

#include <string_view>

namespace sinterscope {

struct Asset {
  std::string_view text;
  std::string_view sha256_hex;  ///< of text; empty for an empty asset
};

extern const Asset asset_page_html;
extern const Asset asset_page_css;
extern const Asset asset_viewer_js;
extern const Asset asset_charts_js;
extern const Asset asset_page_js;
extern const Asset asset_uplot_js;   ///< empty where the build has no npm
extern const Asset asset_uplot_css;  ///< empty where the build has no npm

}  // namespace sinterscope
