// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The inference alone, for people whose particles come from another program.

#include <filesystem>
#include <string>

namespace sinterscope {

struct FitTableRequest {
  std::filesystem::path
      inventory;  ///< CSV: hold, temperature_c, support_area_nm2 and particles or c_np (see docs)
  std::filesystem::path particles;  ///< CSV: hold, diameter_nm[, region, diameter_se_nm]; empty = none
  std::filesystem::path out;
  std::string particle = "PdO";
  std::string support = "CeO2(100)";
  double shape_factor = 0.5;
};

/// Reads the tables, fits, writes fit.json into `out` and returns the result as text. Errors name file, row
/// and column.
std::string fit_table(const FitTableRequest& request);

}  // namespace sinterscope
