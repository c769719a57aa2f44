// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From the products of a run to the page that tells of them.

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sinterscope/pipeline/products.h"

namespace sinterscope {

/// report.html in the output directory.
void write_report(const Products& products, const nlohmann::json& recipe, const std::filesystem::path& folder,
                  const RunContext& context);

}  // namespace sinterscope
