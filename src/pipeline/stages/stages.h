// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The stages, one file each; registry.cpp lists them in order.

#include <memory>

#include "sinterscope/pipeline/stage.h"

namespace sinterscope {

std::unique_ptr<Stage> make_noise_stage();
std::unique_ptr<Stage> make_scan_lines_stage();
std::unique_ptr<Stage> make_registration_stage();
std::unique_ptr<Stage> make_scan_distortion_stage();
std::unique_ptr<Stage> make_support_stage();
std::unique_ptr<Stage> make_denoise_stage();
std::unique_ptr<Stage> make_detect_stage();
std::unique_ptr<Stage> make_size_stage();
std::unique_ptr<Stage> make_completeness_stage();
std::unique_ptr<Stage> make_link_stage();
std::unique_ptr<Stage> make_events_stage();
std::unique_ptr<Stage> make_inventory_stage();
std::unique_ptr<Stage> make_sizes_stage();
std::unique_ptr<Stage> make_locality_stage();
std::unique_ptr<Stage> make_fit_stage();

}  // namespace sinterscope
