// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Lattice runs from a file to a directory of results.

#include <filesystem>
#include <string>

#include "sinterscope/core/progress.h"
#include "sinterscope/pipeline/kmc_config.h"

namespace sinterscope {

struct KmcRequest {
  std::filesystem::path config;
  std::filesystem::path out;
  KmcOverrides overrides;
  int threads = 0;  ///< 0 = all cores
  /// "I/N": only the I-th of N parts of the runs (or of the grid); empty = all. Their ends are left in
  /// out/checkpoints, for a call without shard.
  std::string shard;
  bool fresh = false;  ///< work again although the directory holds this very run, or a part of it
};

/// Runs the file into request.out (made if need be) and returns the averages as text. An interrupted run goes
/// on from its checkpoints and gives the same bits; a finished one is left as it is. run.json is written
/// last: where it stands, the directory is complete. The directory is locked meanwhile.
///
/// With a shard nothing but checkpoints is written, so that processes on several nodes may do a part each at
/// the same time; the call without one, afterwards, takes over what they left (and does what is missing
/// itself) and writes the same bytes as a single process.
std::string run_lattices(const KmcRequest& request, Progress& progress);

}  // namespace sinterscope
