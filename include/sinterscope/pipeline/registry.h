// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// All stages in the order in which they run. A new stage is one line in registry.cpp.

#include <memory>
#include <string>
#include <vector>

#include "sinterscope/pipeline/stage.h"

namespace sinterscope {

std::vector<std::unique_ptr<Stage>> make_stages();

/// make_stages(), each configured from its section of the pipeline file. Usage error for an unknown stage,
/// naming the nearest, and for an unknown or wrong option.
std::vector<std::unique_ptr<Stage>> configured_stages(const PipelineConfig& config);

}  // namespace sinterscope
