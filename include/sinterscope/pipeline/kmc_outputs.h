// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a lattice run leaves on disk. Every function returns the names of the files it wrote, relative to
// `out`; each appears under its name when it is whole.
//
// Of one run, in its folder: series.csv (course in time), sizes.csv (clusters by size), maps.csv and
// heights.tif (snapshots), final.tif (the state at the end, to start from), snapshots/*.png, film.png
// (animated), scene.json (the snapshots under the microscope, for simulate), course.svg/png. Of all:
// holds.csv (averages with errors, beside Eq. 4), averages.csv (means over repeats), snapshots.svg/png,
// comparison.svg/png (ad-atoms beside particles, over temperature). Of a phase diagram: points.csv,
// transitions.csv, phase_diagram.svg/png.

#include <filesystem>
#include <string>
#include <vector>

#include "sinterscope/core/progress.h"
#include "sinterscope/core/table.h"
#include "sinterscope/pipeline/kmc_config.h"

namespace sinterscope {

using FileNames = std::vector<std::string>;

/// `folder` relative to out; "" = out itself.
FileNames write_lattice_run(const KmcConfig& config, const NamedRun& named, const KmcResult& result,
                            const std::filesystem::path& out, const std::string& folder);

/// holds.csv: one row per run and hold. `results` in the order of config.runs; samples may be gone.
Table holds_of_runs(const KmcConfig& config, const std::vector<KmcResult>& results);

FileNames write_lattice_ensemble(const KmcConfig& config, const std::vector<KmcResult>& results,
                                 const std::filesystem::path& out);

FileNames write_phase_diagram(const KmcConfig& config, const PhaseDiagram& diagram,
                              const std::filesystem::path& out);

/// NAME.svg and, where rsvg-convert is installed, NAME.png.
FileNames write_figure(const std::filesystem::path& out, const std::string& name, const std::string& svg);

/// The text of scene.json for the snapshots of a run.
std::string scene_of_run(const KmcConfig& config, const NamedRun& named, const KmcResult& result);

}  // namespace sinterscope
