// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The tables of sizes: every particle of every hold once, and what its hold's sizes are.
//
// hold_particles.csv: one row per particle and hold, with the diameter of all frames together. sizes.csv: one
// row per hold and law (normal, lognormal), the more probable first, of the particles that are there: errors
// of measurement taken out, missed particles put in. size_changes.csv: each hold against the one before and
// against the first of its region. size_histograms.csv: one row per bin. Where nothing is calibrated only the
// first has rows.

#include <filesystem>

#include "sinterscope/core/table.h"
#include "sinterscope/pipeline/products.h"

namespace sinterscope {

Table hold_particle_table(const Products& products);
Table size_table(const Products& products);
Table size_change_table(const Products& products);
Table size_histogram_table(const Products& products);

void write_size_tables(const Products& products, const std::filesystem::path& folder);

}  // namespace sinterscope
