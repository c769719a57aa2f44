// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The part of a sample with two groups of sizes in which redispersion can be measured: what lies around the
// small particles.
//
// Model: around large particles the metal is far denser than c*(T), and there hardly anything changes with
// temperature; around small ones it may be thinner. One law of sizes and one c_ad for both would be right for
// neither: the atoms of a few large particles drown those of all small ones. So each region is cut by the
// catchments (inference/locality) of its coldest hold: particles that stand nearer to a large particle of
// that hold than to a small one are left out of every hold, with the area of those catchments. What breaks
// it: metal that moves between both parts (coarsening), which is why it is done only where small particles
// are shown to return on cooling, as coarsening never lets them.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sinterscope/experiment/inventory.h"
#include "sinterscope/inference/locality.h"

namespace sinterscope {

/// The coldest hold of a region that shows particles, of equally cold ones the fullest: an index into the
/// inventories. Where the least is dispersed the catchments know best what they hold.
std::optional<std::size_t> reference_hold(const std::string& region, const Locality& locality,
                                          std::span<const HoldInventory> inventories);

/// Whether the sizes form two groups and more small particles stand after cooling than before, all cooling
/// steps together, by more than three standard deviations of their numbers.
bool small_ones_return(const Locality& locality, std::span<const HoldInventory> inventories);

/// The holds with a temperature, each cut down to what lies around its small particles; summaries are left
/// empty. Regions whose reference shows no large particle stay whole, those without a small one are left out.
/// `locality` as find_locality returns it for these inventories.
std::vector<HoldInventory> around_small(const Locality& locality, std::span<const HoldInventory> inventories);

}  // namespace sinterscope
