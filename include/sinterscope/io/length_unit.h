// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Units of length as microscope makers write them.

#include <optional>
#include <string>
#include <string_view>

#include "sinterscope/experiment/calibration.h"

namespace sinterscope {

/// Nanometres per unit: m, cm, mm, µm (also um, u_m, \u00B5m, Latin-1 0xB5), nm, Å (also A), pm, fm, and the
/// words (micrometer, micron, nanometres, Angstrom, inch); brackets and surrounding blanks are ignored. Empty
/// for anything else, "" and "pixel" among it.
std::optional<double> nm_per_unit(std::string_view unit);

/// Whether the unit belongs to reciprocal space or an angle (1/nm, 1/m, nm^-1, mrad, ...).
bool is_reciprocal_unit(std::string_view unit);

/// Whether the unit is of energy (eV, keV).
bool is_energy_unit(std::string_view unit);

/// Seconds per unit: s, ms, us, ns, min, h and the words (sec, milliseconds, hours); empty for anything else.
std::optional<double> seconds_per_unit(std::string_view unit);

/// A calibration in nm from scales in `unit`; uncalibrated where the unit is no length or a scale is not
/// finite and positive.
Calibration calibration_from(double scale_x, double scale_y, std::string_view unit,
                             const std::string& source);

}  // namespace sinterscope
