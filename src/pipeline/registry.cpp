// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/registry.h"

#include <fmt/format.h>

#include <algorithm>

#include "stages/stages.h"

namespace sinterscope {

std::vector<std::unique_ptr<Stage>> make_stages() {
  std::vector<std::unique_ptr<Stage>> stages;
  stages.push_back(make_noise_stage());
  stages.push_back(make_scan_lines_stage());
  stages.push_back(make_registration_stage());
  stages.push_back(make_scan_distortion_stage());
  stages.push_back(make_support_stage());
  stages.push_back(make_denoise_stage());
  stages.push_back(make_detect_stage());
  stages.push_back(make_size_stage());
  stages.push_back(make_completeness_stage());
  stages.push_back(make_link_stage());
  stages.push_back(make_events_stage());
  stages.push_back(make_inventory_stage());
  stages.push_back(make_sizes_stage());
  stages.push_back(make_locality_stage());
  stages.push_back(make_fit_stage());
  return stages;
}

std::vector<std::unique_ptr<Stage>> configured_stages(const PipelineConfig& config) {
  std::vector<std::unique_ptr<Stage>> stages = make_stages();
  std::vector<std::string> names;
  for (const auto& stage : stages) names.push_back(stage->name());
  for (const auto& [name, section] : config.stages.items()) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      throw usage_error(fmt::format("{}: stages.{}: no such stage; did you mean '{}'? (stages: {})",
                                    config.path.string(), name, nearest_name(name, names),
                                    fmt::join(names, ", ")));
    stages[static_cast<std::size_t>(found - names.begin())]->configure(
        section, fmt::format("{}: stages.{}", config.path.string(), name));
  }
  return stages;
}

}  // namespace sinterscope
