// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A synthetic experiment on disk: frames, the pipeline file that analyses them, and the truth.
//
// Scene file (JSON, schema "sinterscope/scene/1"): name, seed, regions, sample (as in a pipeline file),
// thermodynamics {dh_ev}, optics, support, detector, drift, population, programme [steps], pipeline
// (acquisition keys and stages copied into pipeline.json). A step's c*(T) follows from thermodynamics.dh_ev
// unless the step names it. A step may put lattices on the support: "lattices" [{file, map, region, site_nm,
// x_nm, y_nm, roll_x, roll_y}], height maps as the command kmc writes them.

#include <filesystem>
#include <string>

#include "sinterscope/core/progress.h"

namespace sinterscope {

inline constexpr const char* scene_schema = "sinterscope/scene/1";

/// Writes NN_REGION_TEMPERATURE.tif, pipeline.json, truth.csv and truth.json into `out`, with lattices also
/// lattice_truth.csv (their clusters in every frame), and returns one line that names what was made. Same
/// scene, same bytes, for any number of threads.
std::string simulate_experiment(const std::filesystem::path& scene_file, const std::filesystem::path& out,
                                int threads, Progress& progress);

}  // namespace sinterscope
