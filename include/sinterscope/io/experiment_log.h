// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a heating holder or gas system wrote beside the images: time and temperature, gas and pressure where
// there are.
//
// Known logs: DENS DigiHeater (.dens: tab table with a clock, Tset[C], Tmeas[C]), DENS Impulse (csv:
// Experiment time in s, Temperature Measured in degrees C, % Gas; its pressures name no unit and are left
// out), Protochips (csv with the units in its Notes column), and any CSV (comma, semicolon or tab; decimal
// commas beside the latter) with a time and a temperature column whose names carry the unit (time_s,
// temperature_c, "T [K]", "pressure (mbar)"). A clock that passes
// midnight goes on. A last line cut short is left out with a warning. The clocks of microscope and holder
// differ: the caller adds an offset.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sinterscope {

struct LogEntry {
  double time_s = 0.0;  ///< since the first entry
  double temperature_K = 0.0;
  std::optional<double> set_temperature_K;
  std::optional<double> pressure_Pa;
  std::map<std::string, double> gas_percent;  ///< by the column's name
};

struct ExperimentLog {
  std::string format;       ///< "DENS DigiHeater", "DENS Impulse", "Protochips", "CSV"
  std::string start_clock;  ///< date and clock of the first entry as the file gives them; empty = unknown
  double start_s = 0.0;     ///< the first entry on the log's own counter of seconds; 0 where it has a clock
  std::vector<LogEntry> entries;  ///< in time order
  std::vector<std::string> warnings;

  /// Linear between entries; empty before the first, after the last, and inside a gap longer than max_gap_s.
  std::optional<double> temperature_K_at(double time_s, double max_gap_s = 60.0) const;
};

/// Throws Error with file, line or column, and what would be right.
ExperimentLog read_experiment_log(const std::filesystem::path& path);

}  // namespace sinterscope
