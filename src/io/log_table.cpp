// SPDX-License-Identifier: GPL-3.0-or-later
#include "log_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

constexpr double seconds_per_day = 86400.0;

// "Sample temperature (\u00B0C)" -> sample, temperature, c.
std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words(1);
  for (const char c : lower(name)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      words.back().push_back(c);
    else if (static_cast<unsigned char>(c) < 0x80 && !words.back().empty())
      words.emplace_back();  // a degree sign only joins
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool has_word(const std::vector<std::string>& words, std::initializer_list<const char*> wanted) {
  return std::any_of(words.begin(), words.end(), [&wanted](const std::string& word) {
    return std::find(wanted.begin(), wanted.end(), word) != wanted.end();
  });
}

std::optional<double> number_in(const LogTable& table, const LogRow& row, std::size_t column) {
  if (column >= row.cells.size()) return std::nullopt;
  std::string cell = row.cells[column];
  if (table.decimal_comma) std::replace(cell.begin(), cell.end(), ',', '.');
  return whole_number(cell);
}

// Collects the columns of a header one by one.
class ColumnFinder {
 public:
  ColumnFinder(const LogRow& first, std::vector<std::string>& warnings)
      : first_(first), warnings_(warnings) {}

  void look_at(std::size_t i, const std::string& name) {
    const std::vector<std::string> words = words_of(name);
    const std::string unit = words.size() > 1 ? words.back() : "";
    if (!has_time_ && has_word(words, {"time", "elapsed", "timestamp", "clock"})) {
      has_time_ = true;
      columns_.time = i;
      set_time_unit(name, unit);
    } else if (has_word(words, {"temperature", "temp", "tmeas", "tset"}) ||
               (!words.empty() && words.front() == "t")) {
      take_temperature(i, name, unit, has_word(words, {"set", "setpoint", "tset", "target"}));
    } else if (has_word(words, {"pressure"}) && pascal_per(unit) > 0.0) {
      columns_.pressure = i;
      columns_.pascal = pascal_per(unit);
    } else if (unit == "percent" || name.find('%') != std::string::npos) {
      columns_.gases.emplace_back(i, name);
    }
  }

  LogColumns result(const LogCells& names) {
    if (set_column_ && !has_temperature_) {  // only what was asked for is logged
      has_temperature_ = true;
      columns_.temperature = *set_column_;
      columns_.celsius = set_celsius_;
      warnings_.push_back(fmt::format("no measured temperature: '{}' is taken", names[*set_column_]));
    } else if (set_column_ && set_celsius_ == columns_.celsius) {
      columns_.set_temperature = set_column_;
    }
    if (!has_time_ || !has_temperature_)
      throw Error(fmt::format("no {} column among '{}': name it {}", has_time_ ? "temperature" : "time",
                              fmt::join(names, "', '"), has_time_ ? "temperature_c" : "time_s"));
    return columns_;
  }

 private:
  void take_temperature(std::size_t i, const std::string& name, const std::string& unit, bool set) {
    const bool celsius = unit == "c" || unit == "degc" || unit == "celsius";
    if (!celsius && unit != "k" && unit != "kelvin") {
      if (set || has_temperature_) return;
      throw Error(
          fmt::format("column '{}' does not say its unit: name it temperature_c or temperature_k", name));
    }
    if (set) {
      set_column_ = i;
      set_celsius_ = celsius;
    } else if (!has_temperature_) {
      has_temperature_ = true;
      columns_.temperature = i;
      columns_.celsius = celsius;
    }
  }

  void set_time_unit(const std::string& name, const std::string& unit) {
    static const std::map<std::string, double> units{{"s", 1.0},    {"sec", 1.0},     {"seconds", 1.0},
                                                     {"ms", 1e-3},  {"min", 60.0},    {"minutes", 60.0},
                                                     {"h", 3600.0}, {"hours", 3600.0}};
    const auto found = units.find(unit);
    columns_.seconds = found == units.end() ? 1.0 : found->second;
    if (columns_.time < first_.cells.size() && clock_seconds(first_.cells[columns_.time]))
      columns_.seconds = 0.0;
    else if (found == units.end())
      warnings_.push_back(fmt::format("column '{}' does not say its unit: taken as seconds", name));
  }

  const LogRow& first_;
  std::vector<std::string>& warnings_;
  LogColumns columns_;
  bool has_time_ = false;
  bool has_temperature_ = false;
  std::optional<std::size_t> set_column_;
  bool set_celsius_ = true;
};

// The time column of row after row; a clock that runs back by half a day has passed midnight.
class TimeColumn {
 public:
  explicit TimeColumn(const LogTable& table) : table_(table) {}

  std::optional<double> seconds_of(const LogRow& row) {
    const LogColumns& columns = table_.columns;
    if (columns.seconds > 0.0) {
      const auto number = number_in(table_, row, columns.time);
      return number ? std::optional(*number * columns.seconds) : std::nullopt;
    }
    const auto clock =
        columns.time < row.cells.size() ? clock_seconds(row.cells[columns.time]) : std::nullopt;
    if (!clock) return std::nullopt;
    if (*clock < last_ - seconds_per_day / 2) days_ += 1.0;
    last_ = *clock;
    return *clock + days_ * seconds_per_day;
  }

 private:
  const LogTable& table_;
  double last_ = 0.0;
  double days_ = 0.0;
};

LogEntry entry_of(const LogTable& table, const LogRow& row, double time_s, double temperature) {
  const LogColumns& columns = table.columns;
  const double offset_K = columns.celsius ? zero_celsius_K : 0.0;
  LogEntry entry;
  entry.time_s = time_s;
  entry.temperature_K = temperature + offset_K;
  if (!(entry.temperature_K > 0.0))
    throw Error(fmt::format("line {}: temperature {} lies below absolute zero", row.line, temperature));
  if (columns.set_temperature)
    if (const auto set = number_in(table, row, *columns.set_temperature))
      entry.set_temperature_K = *set + offset_K;
  if (columns.pressure)
    if (const auto pressure = number_in(table, row, *columns.pressure))
      entry.pressure_Pa = *pressure * columns.pascal;
  for (const auto& [index, name] : columns.gases)
    if (const auto share = number_in(table, row, index)) entry.gas_percent[name] = *share;
  return entry;
}

}  // namespace

LogCells split_cells(std::string_view line, char separator) {
  LogCells cells;
  while (true) {
    const std::size_t end = line.find(separator);
    std::string_view cell = trimmed(line.substr(0, end));
    if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"')
      cell = trimmed(cell.substr(1, cell.size() - 2));
    cells.emplace_back(cell);
    if (end == line.npos) return cells;
    line.remove_prefix(end + 1);
  }
}

std::optional<double> clock_seconds(std::string_view text) {
  const std::size_t first = text.find(':');
  if (first == text.npos) return std::nullopt;
  const std::size_t second = text.find(':', first + 1);
  if (second == text.npos) return std::nullopt;
  const std::size_t date = text.substr(0, first).find_last_of(" T");  // a date may stand in front
  const auto hours =
      whole_number(text.substr(date == text.npos ? 0 : date + 1, first - (date == text.npos ? 0 : date + 1)));
  const auto minutes = whole_number(text.substr(first + 1, second - first - 1));
  const auto seconds = leading_number(text.substr(second + 1));
  if (!hours || !minutes || !seconds) return std::nullopt;
  const std::string half = lower(text.substr(text.size() - std::min<std::size_t>(text.size(), 2)));
  const double noon = half == "pm" && *hours < 12.0 ? 12.0 : half == "am" && *hours == 12.0 ? -12.0 : 0.0;
  return (*hours + noon) * 3600.0 + *minutes * 60.0 + *seconds;
}

double pascal_per(const std::string& unit) {
  static const std::map<std::string, double> units{{"pa", 1.0},
                                                   {"hpa", 100.0},
                                                   {"kpa", 1e3},
                                                   {"mbar", 100.0},
                                                   {"bar", 1e5},
                                                   {"torr", 133.322368421},
                                                   {"mtorr", 0.133322368421},
                                                   {"atm", 101325.0}};
  const auto found = units.find(lower(unit));
  return found == units.end() ? 0.0 : found->second;
}

LogColumns columns_by_name(const LogCells& names, const LogRow& first, std::vector<std::string>& warnings) {
  ColumnFinder finder(first, warnings);
  for (std::size_t i = 0; i < names.size(); ++i) finder.look_at(i, names[i]);
  return finder.result(names);
}

void read_entries(ExperimentLog& log, const LogTable& table) {
  const LogColumns& columns = table.columns;
  TimeColumn times(table);
  double start_s = 0.0;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const LogRow& row = table.rows[i];
    const auto time_s = times.seconds_of(row);
    const auto temperature = number_in(table, row, columns.temperature);
    if (!time_s || !temperature) {
      if (i + 1 == table.rows.size() && row.cells.size() < table.width) {  // a program that was stopped
        log.warnings.push_back(fmt::format("line {}: cut short, left out", row.line));
        break;
      }
      if (columns.temperature < row.cells.size() && row.cells[columns.temperature].empty() && time_s)
        continue;  // not measured
      throw Error(fmt::format("line {}: no {} in column {}", row.line, time_s ? "temperature" : "time",
                              (time_s ? columns.temperature : columns.time) + 1));
    }
    if (log.entries.empty()) {
      constexpr double calendar_s = 1e8;  // a counter that large counts from 1970: a clock too
      start_s = *time_s;
      if (columns.seconds > 0.0 && start_s < calendar_s) log.start_s = start_s;
    }
    LogEntry entry = entry_of(table, row, *time_s - start_s, *temperature);
    if (!log.entries.empty() && entry.time_s < log.entries.back().time_s)
      throw Error(fmt::format("line {}: the time runs back from {} s to {} s", row.line,
                              log.entries.back().time_s, entry.time_s));
    log.entries.push_back(std::move(entry));
  }
  if (log.entries.empty()) throw Error("holds no entry with time and temperature");
}

}  // namespace sinterscope
