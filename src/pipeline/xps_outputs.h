// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The files of an analysis of spectra.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "sinterscope/inference/xps_fit.h"

namespace sinterscope {

/// xps.json without what only the caller knows (schema, name, files).
nlohmann::json xps_json(const XpsFit& fit);

/// xps_fractions.csv, xps_curves.csv and the figures; xps.json is the caller's, written last.
void write_xps_tables(const XpsFit& fit, const std::filesystem::path& folder);

/// The result as people read it.
std::string describe_xps(const XpsFit& fit);

}  // namespace sinterscope
