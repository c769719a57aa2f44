// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From the inventories handed in to the observations a fit works on: checked, holds without temperature left
// out, grouped by region in time order, each hold with its likelihood table.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/inference/fit_options.h"
#include "sinterscope/inference/hold_likelihood.h"

namespace sinterscope {

/// Throws Error that names region, hold, field, value and what would be right: duplicate holds, areas or
/// diameters that are not positive, anything not finite, a detection limit that is none, sample numbers that
/// are missing.
void check_inventories(std::span<const HoldInventory> holds, const Sample& sample);

struct HoldObservation {
  std::size_t input = 0;  ///< index into the inventories handed in
  double temperature_K = 0.0;
  double peak_temperature_K = 0.0;  ///< highest temperature of its region up to and including this hold
  std::vector<double> table;        ///< hold_table
};

struct RegionObservations {
  std::string region;
  double support_area_nm2 = 0.0;  ///< largest of its holds
  std::vector<HoldObservation> holds;
};

/// The size prior of the experiment: centred on the mean ln d of all holds with at least five particles.
SizePrior size_prior(std::span<const HoldInventory> holds, const FitOptions& options);

/// Checked and grouped; regions in the order of their first hold, holds in the order of their number.
std::vector<RegionObservations> observe(std::span<const HoldInventory> holds, const Sample& sample,
                                        const FitOptions& options, int threads = 1);

/// What a table says of its c_NP by itself.
struct TableReading {
  double c_np = 0.0;            ///< at the maximum; 0 where the table falls from its first point on
  double upper95 = 0.0;         ///< one-sided limit: 2 (max - l) = 2.71 above the maximum
  double evidence = 0.0;        ///< 2 (max - l(c -> 0)): how surely there is any particle at all
  double log_likelihood = 0.0;  ///< at the maximum
  bool particles() const { return evidence > 2.706; }  ///< one-sided 95 %
};
TableReading read_table(std::span<const double> table);

}  // namespace sinterscope
