// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Lattice results as tables, one unit a column.

#include "sinterscope/core/table.h"
#include "sinterscope/kmc/kmc_run.h"
#include "sinterscope/kmc/phase_diagram.h"

namespace sinterscope {

/// One row per sample: state at the instant, and exact averages over the time since the sample before (empty
/// in the first row of a temperature step).
Table series_table(const KmcResult& result);
/// One row per hold: averages with standard errors, the three enthalpies, how long the lattice remembers.
Table holds_table(const KmcResult& result);
/// One row per hold and cluster size that occurred: mean number of such clusters.
Table sizes_table(const KmcResult& result);
/// One row per point of the diagram.
Table points_table(const PhaseDiagram& diagram);
/// One row per enthalpy: temperature at which half of the atoms are in the largest particle.
Table transitions_table(const PhaseDiagram& diagram);

}  // namespace sinterscope
