// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The table inside a log: which column holds what, and its rows as entries.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sinterscope/io/experiment_log.h"

namespace sinterscope {

using LogCells = std::vector<std::string>;

struct LogRow {
  std::size_t line = 0;
  LogCells cells;
};

/// What stands in which column, and in which unit.
struct LogColumns {
  std::size_t time = 0;
  double seconds = 1.0;  ///< per unit of the time column; 0 = a clock HH:MM:SS
  std::size_t temperature = 0;
  bool celsius = true;
  std::optional<std::size_t> set_temperature;
  std::optional<std::size_t> pressure;
  double pascal = 1.0;  ///< per unit of the pressure column
  std::vector<std::pair<std::size_t, std::string>> gases;
};

struct LogTable {
  std::vector<LogRow> rows;
  LogColumns columns;
  std::size_t width = 0;       ///< cells of the header
  bool decimal_comma = false;  ///< "499,5" is a number
};

LogCells split_cells(std::string_view line, char separator);

/// "13:54:37.68", "1:54:37 PM", a date in front or not: seconds since midnight.
std::optional<double> clock_seconds(std::string_view text);

/// Pascal per unit of pressure; 0 = unknown.
double pascal_per(const std::string& unit);

/// Quantities and units out of the column names: "temperature_c", "T [K]", "Time (s)", "pressure (mbar)".
/// `first` tells a clock from a number. Throws Error naming the column that is missing or lacks its unit.
LogColumns columns_by_name(const LogCells& names, const LogRow& first, std::vector<std::string>& warnings);

/// Fills entries and start_s. Throws Error naming line and column.
void read_entries(ExperimentLog& log, const LogTable& table);

}  // namespace sinterscope
