// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The map of c* and the curves of DeltaG as files: table (.csv), figure (.svg) or picture (.png).

#include "sinterscope/pipeline/predict.h"

namespace sinterscope {

/// Throws usage_error unless the name ends in .csv, .svg or .png.
void check_kind(const std::filesystem::path& path);

/// c* over temperature and dh with lines at 1e-1 ... 1e-7 (Fig. 2b of Zhu et al.); the request's temperatures
/// and enthalpies are marked.
void write_map(const PredictRequest& request, const std::filesystem::path& path);

/// DeltaG(N/M), exact and by Stirling, one curve per enthalpy and temperature (Fig. 2a).
void write_delta_g(const PredictRequest& request, const std::filesystem::path& path);

}  // namespace sinterscope
