// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Many experiments; one that fails is listed with its reason and does not stop the rest.
//
// Each experiment is a process of its own (the program, called for one file): what crashes or runs out of
// memory takes nothing else with it, and its memory is free for the next. Its directory is OUT/NAME, NAME
// made from its path so that no two share one and every shard gives the same; there also stand log.txt, what
// the process said, and, where it failed, failed.txt with the reason. A batch that was broken off is started
// again with the same words: finished experiments are left as they are, the others go on.

#include <filesystem>
#include <string>
#include <vector>

#include "sinterscope/core/progress.h"
#include "sinterscope/core/table.h"

namespace sinterscope {

/// What a file of a batch asks for, by its schema.
enum class ExperimentKind {
  pipeline,  ///< sinterscope run
  kmc,       ///< sinterscope kmc
  scene      ///< sinterscope simulate into OUT/NAME/data, then run
};

struct Experiment {
  std::filesystem::path file;
  ExperimentKind kind = ExperimentKind::pipeline;
  std::string name;  ///< of its folder
};

struct BatchRequest {
  /// Pipeline, kmc and scene files, folders that hold some, glob patterns, .txt lists of such, one a line.
  std::vector<std::string> sources;
  std::filesystem::path out;
  std::string shard;              ///< "I/N": the I-th of N parts, 1 <= I <= N; empty = all
  int jobs = 0;                   ///< cores to use; 0 = all
  bool forget_stages = false;     ///< as of `run`
  std::filesystem::path program;  ///< the executable that does one experiment
};

struct BatchResult {
  int total = 0, failed = 0;
  std::string summary;  ///< for the terminal
};

/// The experiments that the sources name, in their order; each file once. A file that cannot be read is an
/// experiment all the same, one that will fail. What lies below `out` is a product and no source. Usage error
/// where a folder, list or pattern names none.
std::vector<Experiment> list_experiments(const std::vector<std::string>& sources,
                                         const std::filesystem::path& out);

/// Runs the experiments of this shard (number k of the list belongs to shard k mod N): as many at once as
/// there are cores, each on one core, or fewer on several. Writes batch.csv and batch.html; for a shard
/// batch_I_of_N.csv and .html.
BatchResult run_batch(const BatchRequest& request, Progress& progress);

/// batch.csv and batch.html over all experiments of the list from what their directories hold, whoever made
/// them: the same bytes as those of one batch. One that nobody has run, or that was broken off, counts as
/// failed.
BatchResult merge_batch(const BatchRequest& request);

}  // namespace sinterscope
