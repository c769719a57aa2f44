// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a lattice run leaves on disk. Every function returns the names of the files it wrote, relative to
// `out`; each appears under its name when it is whole.
//
// Of one run, in its folder: series.csv (course in time), sizes.csv (clusters by size), maps.csv and
// heights.tif (snapshots), final.tif (the state at the end, to start from), snapshots/*.png, film.png
// (animated), scene.json (the snapshots under the microscope, for simulate), course.svg/png. Of all:
// holds.csv (averages with errors, beside Eq. 4), averages.csv (means over repeats), SERIES.scene.json (the
// repeats of a series side by side under the microscope), snapshots.svg/png, comparison.svg/png (ad-atoms
// beside particles, over temperature). Of a phase diagram: points.csv, transitions.csv,
// phase_diagram.svg/png.

#include <filesystem>
#include <opencv2/core/types.hpp>
#include <span>
#include <string>
#include <vector>

#include "sinterscope/core/progress.h"
#include "sinterscope/core/table.h"
#include "sinterscope/pipeline/kmc_config.h"

namespace sinterscope {

using FileNames = std::vector<std::string>;

/// The snapshots of one hold that the microscope films, and the roll that brings the atoms into the middle.
struct FilmedHold {
  double temperature_K = 0.0;
  std::vector<int> maps;
  cv::Point roll;
};

struct FilmedRun {
  std::string heights_file;  ///< relative to the scene
  int side = 0;
  std::vector<FilmedHold> holds;
};

/// `folder` relative to out; "" = out itself.
FileNames write_lattice_run(const KmcConfig& config, const NamedRun& named, const KmcResult& result,
                            const std::filesystem::path& out, const std::string& folder);

/// holds.csv: one row per run and hold. `results` in the order of config.runs; samples may be gone.
Table holds_of_runs(const KmcConfig& config, const std::vector<KmcResult>& results);

/// `films` in the order of config.runs.
FileNames write_lattice_ensemble(const KmcConfig& config, const std::vector<KmcResult>& results,
                                 std::span<const FilmedRun> films, const std::filesystem::path& out);

FileNames write_phase_diagram(const KmcConfig& config, const PhaseDiagram& diagram,
                              const std::filesystem::path& out);

/// NAME.svg and, where rsvg-convert is installed, NAME.png.
FileNames write_figure(const std::filesystem::path& out, const std::string& name, const std::string& svg);

/// What is filmed of a run whose files lie in `folder` ("" = beside the scene).
FilmedRun film_of(const KmcConfig& config, const NamedRun& named, const KmcResult& result,
                  const std::string& folder);

/// The text of a scene (see simulate): the runs side by side in one field, edge to edge, hold by hold. All
/// runs have one side and one program; a single one gets a border of bare support.
std::string scene_of_films(const KmcConfig& config, const std::string& name,
                           std::span<const FilmedRun> films);

}  // namespace sinterscope
