// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The inference alone, for people whose particles come from another program.
//
// INVENTORY.csv has one row per hold and region; the columns of holds.csv are understood, so the output of
// `run` can be fitted again. Needed: `temperature_c` (or `temperature_k`), `support_area_nm2`, and one of
//   - `particles`, `number_density_nm2` or `particles_per_frame`, with `diameter_mean_nm` (and
//     `diameter_sd_nm`, else 15 %) where there are any. A zero is an empty hold: a censored observation, not
//     a missing one;
//   - `c_np` with `c_np_se`, or with `c_np` 0 or empty `c_np_upper95`: atoms in particles per site, counted
//     elsewhere;
//   - a second table of particles, one row a particle and hold: `hold`, `diameter_nm` (and `region`,
//     `diameter_se_nm`, else 5 %). Holds without a row there are empty.
// Optional: `hold` (0, 1, 2 ... in time order; without it, the order of the rows), `region`, `d50_nm` and
// `d90_nm` (else 1.0 and 1.26 nm, and the result says so), `start_s`, `end_s`, `frames`. A row without
// temperature is left out of the fit. Commas, '.' decimals, lines starting with # are comments.

#include <filesystem>
#include <optional>
#include <string>

namespace sinterscope {

struct FitTableRequest {
  std::filesystem::path inventory;
  std::filesystem::path particles;  ///< empty = none
  std::filesystem::path xps;        ///< xps.json of the command xps; empty = none
  std::filesystem::path options;    ///< JSON object with options of the stage `fit`; empty = defaults
  std::filesystem::path out;
  std::string particle = "PdO";
  std::string support = "CeO2(100)";
  double shape_factor = 0.5;
  std::optional<double> loading_wt_percent, surface_area_m2_g;  ///< both: c_ad has a prior about the loading
};

/// Reads the tables, fits, writes fit.json into `out` and returns the result as text. Errors name file, row
/// (1 = the first below the header) and column.
std::string fit_table(const FitTableRequest& request);

}  // namespace sinterscope
