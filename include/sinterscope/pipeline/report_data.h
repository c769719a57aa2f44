// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From the products of a run to the page that tells of them.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "sinterscope/pipeline/products.h"

namespace sinterscope {

/// What was written, and what could not be.
struct ReportFiles {
  std::filesystem::path page;
  std::vector<std::filesystem::path> figures;
};

/// report.html in the folder; with `figures` every figure of the page too, as figures/NAME.svg and .png (600
/// dots per inch; a warning instead of the PNG where rsvg-convert is not installed).
ReportFiles write_report(const Products& products, const nlohmann::json& recipe,
                         const std::filesystem::path& folder, const RunContext& context,
                         bool figures = false);

}  // namespace sinterscope
