// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What is in an image file, in words or as JSON.

#include <filesystem>
#include <string>

namespace sinterscope {

/// Format, shape, calibration, time axis, statistics and every dataset; unknown = null in JSON.
std::string inspect_file(const std::filesystem::path& file, const std::string& dataset,
                         const std::string& detector, bool as_json);

}  // namespace sinterscope
