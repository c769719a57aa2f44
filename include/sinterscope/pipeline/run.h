// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One experiment, the whole way: open, run the stages, write the output directory.

#include <filesystem>
#include <optional>
#include <string>

#include "sinterscope/core/progress.h"
#include "sinterscope/pipeline/report_data.h"

namespace sinterscope {

struct RunOptions {
  std::filesystem::path out;
  int threads = 0;     ///< 0 = all cores
  bool fresh = false;  ///< work again although the directory already holds this very run, or a part of it
  int overlays = 60;   ///< at most so many overlay pictures
  bool keep_stages = true;  ///< leave what the stages made in out/.stages: another option then costs less
};

/// Runs a pipeline file into options.out (made if need be). A directory that already holds the finished run
/// of the same pipeline, inputs and version is left as it is; returns false then. A run that was broken off,
/// or one with other options, goes on from the stages whose products are still those of its own recipe
/// (stage_store.h) and writes the same bytes as one in one go, but for the clock in run.json. run.json is
/// written last: where it stands, the directory is complete. The directory is locked meanwhile; a second run
/// on it throws.
bool run_pipeline(const std::filesystem::path& pipeline, const RunOptions& options, Progress& progress);

struct ReportRequest {
  std::filesystem::path folder;          ///< that a finished run left
  std::filesystem::path out;             ///< where the page and the figures go; empty = folder
  std::filesystem::path pipeline;        ///< where the pipeline file is now; empty = where it was
  std::optional<double> page_budget_MB;  ///< instead of report.page_budget_MB of the pipeline file
  bool figures = false;
  int threads = 0;  ///< 0 = all cores
};

/// report.html, and every figure of it, again from what a finished run left. Needs the frames, for their
/// pictures. Throws Error where the folder is no output directory, is not finished, or stems from another
/// version, and where the pipeline or the images were changed since.
ReportFiles rebuild_report(const ReportRequest& request, Progress& progress);

/// The table of holds and the fit of a finished output directory, as text for a terminal.
std::string describe_results(const std::filesystem::path& out);

/// The fit alone, from fit.json.
std::string describe_fit(const std::filesystem::path& fit_file);

}  // namespace sinterscope
