// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Photoelectron spectra from a file of spectra to a directory of results.
//
// SPECTRA.json (schema "sinterscope/xps/1"): `name`, `options` (XpsOptions), and `spectra`, a list in the
// order measured, each with `file` (CSV or VAMAS, relative to the JSON file), `temperature_c` (at which it
// was measured) or null, and optionally `name`, `block`, `variable`, `photon_energy_ev`, `work_function_ev`,
// `dwell_s`.
//
// Written: xps.json (everything), xps_fractions.csv (a row per spectrum), xps_curves.csv (every channel with
// fit, background and both components), xps_fractions.svg and xps_spectrum_N.svg, N from 0.

#include <filesystem>
#include <string>
#include <vector>

#include "sinterscope/inference/dispersed_share.h"

namespace sinterscope {

struct XpsRequest {
  std::filesystem::path spectra;
  std::filesystem::path out;
};

/// Reads, fits, writes into request.out (made if need be) and returns the result as text.
std::string analyse_spectra(const XpsRequest& request);

/// The options of a file of spectra with default, unit, range and meaning.
std::string describe_xps_options();

/// The fractions of an xps.json, for the entropy fit. Spectra without temperature, or that say nothing of the
/// fraction, are left out. Throws Error that names file and key.
std::vector<DispersedShare> read_dispersed_shares(const std::filesystem::path& xps_json);

}  // namespace sinterscope
