// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Tables of holds and of particles that another program, or a person, wrote. Columns: pipeline/fit_table.h.

#include <filesystem>
#include <vector>

#include "sinterscope/experiment/inventory.h"
#include "sinterscope/inference/message.h"

namespace sinterscope {

struct InventoryTable {
  std::vector<HoldInventory> holds;  ///< a row each
  std::vector<FitMessage> notes;     ///< what had to be assumed, and what looks like a mistake
};

/// Errors name file, row (1 = the first below the header) and column. `particles_file` may be empty: then
/// every row must say what it holds.
InventoryTable read_inventory_table(const std::filesystem::path& holds_file,
                                    const std::filesystem::path& particles_file);

}  // namespace sinterscope
