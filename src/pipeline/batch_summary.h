// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One row per experiment from what its directory holds.

#include "sinterscope/pipeline/batch.h"

namespace sinterscope {

/// File in an experiment's directory that tells why it failed.
inline constexpr const char* failed_file = "failed.txt";

/// Rows in the order of `experiments`. Columns: experiment (folder), file, state (done, failed), holds,
/// frames; of the hold with most particles temperature, particles per frame, diameter with its error and
/// spread, coverage, and of the one with fewest temperature, particles per frame and coverage; dh_ev and c_ad
/// with their 95 % intervals; preferred, the law the data prefer; agree, the holds that are as the fit
/// foretells; reason.
Table batch_table(const std::vector<Experiment>& experiments, const std::filesystem::path& out);

/// Writes NAME.csv and NAME.html and counts.
BatchResult write_summary(const Table& table, const std::filesystem::path& out, const std::string& name);

}  // namespace sinterscope
