// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Many experiments in a row; one that fails is listed with its reason and does not stop the rest.

#include <filesystem>
#include <string>
#include <vector>

#include "sinterscope/core/progress.h"

namespace sinterscope {

struct BatchRequest {
  std::vector<std::string>
      sources;  ///< pipeline files, folders that hold some, .txt lists of paths, one a line
  std::filesystem::path out;
  std::string shard;  ///< "I/N": the I-th of N parts, 1 <= I <= N; empty = all
  int threads = 0;
};

struct BatchResult {
  int total = 0, failed = 0;
  std::string summary;  ///< for the terminal; the same as batch.csv in the output directory
};

/// Each pipeline runs into out/NAME, NAME made from its path so that no two share one.
BatchResult run_batch(const BatchRequest& request, Progress& progress);

}  // namespace sinterscope
