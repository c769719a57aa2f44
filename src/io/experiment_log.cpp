// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/experiment_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/io/input_file.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

constexpr double seconds_per_day = 86400.0;

using Cells = std::vector<std::string>;

struct LogRow {
  std::size_t line = 0;
  Cells cells;
};

// What stands in which column, and in which unit.
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

Cells split(std::string_view line, char separator) {
  Cells cells;
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

std::optional<std::size_t> index_of(const Cells& header,
                                    const std::function<bool(const std::string&)>& wanted) {
  const auto found = std::find_if(header.begin(), header.end(), wanted);
  return found == header.end() ? std::nullopt
                               : std::optional(static_cast<std::size_t>(found - header.begin()));
}

std::optional<std::size_t> index_of(const Cells& header, const std::string& name) {
  return index_of(header, [&name](const std::string& cell) { return lower(cell) == lower(name); });
}

// "13:54:37.68" in seconds since midnight.
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

class LogReader {
 public:
  explicit LogReader(const std::filesystem::path& path)
      : name_(path.string()), text_(utf8_from(read_text_file(path, 1U << 30U))) {}

  ExperimentLog read() {
    lines_ = lines_of(text_);
    const std::string head = text_.substr(0, 4096);
    if (lower(head).find("digiheater") != head.npos) return read_digiheater();
    if (lower(head).find("experiment time") != head.npos &&
        lower(head).find("temperature measured") != head.npos)
      return read_impulse();
    if (head.find("Notes") != head.npos && head.find("Temperature units") != head.npos)
      return read_protochips();
    return read_csv_log();
  }

 private:
  Error error(const std::string& message) const { return Error(fmt::format("{}: log: {}", name_, message)); }

  ExperimentLog read_digiheater() {
    log_.format = "DENS DigiHeater";
    const std::size_t header =
        header_line([](const std::string& line) { return lower(line).find("tmeas") != line.npos; });
    const Cells names = split(lines_[header], '\t');
    LogColumns columns;
    columns.time = column(names, "time");
    columns.seconds = 0.0;
    columns.temperature = column(names, "Tmeas[C]");
    columns.set_temperature = index_of(names, "Tset[C]");
    for (std::size_t i = 0; i < header;
         ++i)  // the date stands before the program's name, on the first line that is not blank
      if (log_.start_clock.empty() && !lines_[i].empty())
        log_.start_clock = std::string(lines_[i].substr(0, lines_[i].find('\t')));
    return entries_of(rows_after(header, '\t'), columns, names.size());
  }

  ExperimentLog read_impulse() {
    log_.format = "DENS Impulse";
    const std::size_t header =
        header_line([](const std::string& line) { return lower(line).find("experiment time") != line.npos; });
    const Cells names = split(lines_[header], ',');
    LogColumns columns;
    columns.time = column(names, "Experiment time");
    columns.temperature = column(names, "Temperature Measured");
    columns.set_temperature = index_of(names, "Temperature Setpoint");
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i].compare(0, 5, "% Gas") == 0) columns.gases.emplace_back(i, names[i]);
    const std::vector<LogRow> rows = rows_after(header, ',');
    const auto clock = index_of(names, "TimeStamp");
    if (clock && !rows.empty() && *clock < rows.front().cells.size())
      log_.start_clock = rows.front().cells[*clock];
    if (index_of(names, "Pin Measured"))
      log_.warnings.emplace_back("the pressures of the Impulse log name no unit: left out");
    return entries_of(rows, columns, names.size());
  }

  ExperimentLog read_protochips() {
    log_.format = "Protochips";
    const std::size_t header =
        header_line([](const std::string& line) { return line.find("Notes") != line.npos; });
    const Cells names = split(lines_[header], ',');
    const std::size_t notes = column(names, "Notes");
    std::vector<LogRow> rows = rows_after(header, ',');
    std::map<std::string, std::string> settings;  // "Time units = Milliseconds"
    for (const LogRow& row : rows) {
      if (row.cells.size() <= notes) continue;
      const std::string& note = row.cells[notes];
      const std::size_t equals = note.find(" = ");
      if (equals != note.npos)
        settings.emplace(note.substr(0, equals), std::string(trimmed(note.substr(equals + 3))));
    }
    LogColumns columns;
    columns.time = column(names, "Time");
    columns.seconds = lower(settings["Time units"]) == "milliseconds" ? 1e-3
                      : lower(settings["Time units"]) == "seconds"    ? 1.0
                                                                      : -1.0;
    if (columns.seconds < 0.0)
      throw error(
          fmt::format("Time units are '{}': Milliseconds or Seconds are known", settings["Time units"]));
    const std::string unit = lower(settings["Temperature units"]);
    columns.celsius = unit == "degrees c";
    if (!columns.celsius && unit != "kelvin" && unit != "degrees k")
      throw error(fmt::format("Temperature units are '{}': Degrees C or Kelvin are known",
                              settings["Temperature units"]));
    const auto with = [&names](const char* word) {
      return index_of(names, [word](const std::string& name) { return lower(name).find(word) != name.npos; });
    };
    const auto temperature = with("temperature");
    if (!temperature) throw error(fmt::format("no temperature column among {}", fmt::join(names, ", ")));
    columns.temperature = *temperature;
    columns.pascal = pascal_per(settings["Pressure units"]);
    if (columns.pascal > 0.0) columns.pressure = with("pressure");
    if (settings.count("Date (yyyy.mm.dd)") > 0)
      log_.start_clock = settings["Date (yyyy.mm.dd)"] + " " + settings["Time (hh:mm:ss.ms)"];
    // The settings stand in rows of their own at time 0.
    rows.erase(std::remove_if(rows.begin(), rows.end(),
                              [notes](const LogRow& row) {
                                return row.cells.size() > notes &&
                                       row.cells[notes].find(" = ") != std::string::npos;
                              }),
               rows.end());
    return entries_of(rows, columns, names.size());
  }

  // Quantities and units out of the column names: "temperature_c", "T [K]", "Time (s)", "pressure (mbar)".
  ExperimentLog read_csv_log() {
    log_.format = "CSV";
    const std::size_t header =
        header_line([](const std::string& line) { return !line.empty() && line.front() != '#'; });
    const char separator = lines_[header].find(';') != std::string_view::npos    ? ';'
                           : lines_[header].find('\t') != std::string_view::npos ? '\t'
                                                                                 : ',';
    decimal_comma_ = separator != ',';
    const Cells names = split(lines_[header], separator);
    const std::vector<LogRow> rows = rows_after(header, separator);
    LogColumns columns;
    bool has_time = false;
    bool has_temperature = false;
    std::optional<std::size_t> set_column;
    bool set_celsius = true;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::vector<std::string> words = words_of(names[i]);
      const std::string unit = words.size() > 1 ? words.back() : "";
      const bool set = has_word(words, {"set", "setpoint", "tset", "target"});
      if (!has_time && has_word(words, {"time", "elapsed", "timestamp", "clock"})) {
        has_time = true;
        columns.time = i;
        set_time_unit(columns, names[i], unit, rows);
      } else if (has_word(words, {"temperature", "temp", "tmeas", "tset"}) ||
                 (!words.empty() && words.front() == "t")) {
        const bool celsius = unit == "c" || unit == "degc" || unit == "celsius";
        if (!celsius && unit != "k" && unit != "kelvin") {
          if (set || has_temperature) continue;
          throw error(fmt::format("column '{}' does not say its unit: name it temperature_c or temperature_k",
                                  names[i]));
        }
        if (set) {
          set_column = i;
          set_celsius = celsius;
        } else if (!has_temperature) {
          has_temperature = true;
          columns.temperature = i;
          columns.celsius = celsius;
        }
      } else if (has_word(words, {"pressure"}) && pascal_per(unit) > 0.0) {
        columns.pressure = i;
        columns.pascal = pascal_per(unit);
      } else if (unit == "percent" || names[i].find('%') != std::string::npos) {
        columns.gases.emplace_back(i, names[i]);
      }
    }
    if (set_column && !has_temperature) {  // only what was asked for is logged
      has_temperature = true;
      columns.temperature = *set_column;
      columns.celsius = set_celsius;
      log_.warnings.push_back(fmt::format("no measured temperature: '{}' is taken", names[*set_column]));
    } else if (set_column && set_celsius == columns.celsius) {
      columns.set_temperature = set_column;
    }
    if (!has_time || !has_temperature)
      throw error(fmt::format("line {}: no {} column among '{}': name it {}", header + 1,
                              has_time ? "temperature" : "time", fmt::join(names, "', '"),
                              has_time ? "temperature_c" : "time_s"));
    return entries_of(rows, columns, names.size());
  }

  // "Sample temperature (\u00B0C)" -> sample, temperature, c.
  static std::vector<std::string> words_of(const std::string& name) {
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

  static bool has_word(const std::vector<std::string>& words, std::initializer_list<const char*> wanted) {
    return std::any_of(words.begin(), words.end(), [&wanted](const std::string& word) {
      return std::find(wanted.begin(), wanted.end(), word) != wanted.end();
    });
  }

  void set_time_unit(LogColumns& columns, const std::string& name, const std::string& unit,
                     const std::vector<LogRow>& rows) {
    static const std::map<std::string, double> units{{"s", 1.0},    {"sec", 1.0},     {"seconds", 1.0},
                                                     {"ms", 1e-3},  {"min", 60.0},    {"minutes", 60.0},
                                                     {"h", 3600.0}, {"hours", 3600.0}};
    const auto found = units.find(unit);
    columns.seconds = found == units.end() ? 1.0 : found->second;
    if (!rows.empty() && columns.time < rows.front().cells.size() &&
        clock_seconds(rows.front().cells[columns.time])) {
      columns.seconds = 0.0;
      log_.start_clock = rows.front().cells[columns.time];
    } else if (found == units.end()) {
      log_.warnings.push_back(fmt::format("column '{}' does not say its unit: taken as seconds", name));
    }
  }

  template <typename Wanted>
  std::size_t header_line(Wanted wanted) const {
    for (std::size_t i = 0; i < lines_.size(); ++i)
      if (wanted(std::string(lines_[i]))) return i;
    throw error("no header row: the file holds no table");
  }

  std::size_t column(const Cells& names, const std::string& name) const {
    const auto found = index_of(names, name);
    if (!found) throw error(fmt::format("no column '{}' (nearest: '{}')", name, nearest_name(name, names)));
    return *found;
  }

  std::vector<LogRow> rows_after(std::size_t header, char separator) const {
    std::vector<LogRow> rows;
    for (std::size_t i = header + 1; i < lines_.size(); ++i)
      if (!lines_[i].empty() && lines_[i].front() != '#')
        rows.push_back({i + 1, split(lines_[i], separator)});
    return rows;
  }

  std::optional<double> number_in(const LogRow& row, std::size_t column_index) const {
    if (column_index >= row.cells.size()) return std::nullopt;
    std::string cell = row.cells[column_index];
    if (decimal_comma_) std::replace(cell.begin(), cell.end(), ',', '.');
    return whole_number(cell);
  }

  ExperimentLog entries_of(const std::vector<LogRow>& rows, const LogColumns& columns, std::size_t width) {
    double days = 0.0;
    double last_clock = 0.0;
    double start = 0.0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const LogRow& row = rows[i];
      std::optional<double> time = columns.seconds > 0.0             ? number_in(row, columns.time)
                                   : columns.time < row.cells.size() ? clock_seconds(row.cells[columns.time])
                                                                     : std::nullopt;
      const auto temperature = number_in(row, columns.temperature);
      if (!time || !temperature) {
        if (i + 1 == rows.size() && row.cells.size() < width) {  // a program that was stopped
          log_.warnings.push_back(fmt::format("line {}: cut short, left out", row.line));
          break;
        }
        if (columns.temperature < row.cells.size() && row.cells[columns.temperature].empty() && time)
          continue;  // not measured
        throw error(fmt::format("line {}: no {} in column {}", row.line, time ? "temperature" : "time",
                                (time ? columns.temperature : columns.time) + 1));
      }
      if (columns.seconds > 0.0) {
        *time *= columns.seconds;
      } else {
        if (i > 0 && *time < last_clock - seconds_per_day / 2) days += 1.0;  // past midnight
        last_clock = *time;
        *time += days * seconds_per_day;
      }
      if (log_.entries.empty()) {
        start = *time;
        constexpr double calendar_s = 1e8;  // a counter that large counts from 1970: a clock too
        if (columns.seconds > 0.0 && start < calendar_s) log_.start_s = start;
      }
      const double offset_K = columns.celsius ? zero_celsius_K : 0.0;
      LogEntry entry;
      entry.time_s = *time - start;
      entry.temperature_K = *temperature + offset_K;
      if (!(entry.temperature_K > 0.0))
        throw error(fmt::format("line {}: temperature {} lies below absolute zero", row.line, *temperature));
      if (!log_.entries.empty() && entry.time_s < log_.entries.back().time_s)
        throw error(fmt::format("line {}: the time runs back from {} s to {} s", row.line,
                                log_.entries.back().time_s, entry.time_s));
      if (columns.set_temperature)
        if (const auto set = number_in(row, *columns.set_temperature))
          entry.set_temperature_K = *set + offset_K;
      if (columns.pressure)
        if (const auto pressure = number_in(row, *columns.pressure))
          entry.pressure_Pa = *pressure * columns.pascal;
      for (const auto& [index, name] : columns.gases)
        if (const auto share = number_in(row, index)) entry.gas_percent[name] = *share;
      log_.entries.push_back(std::move(entry));
    }
    if (log_.entries.empty()) throw error("holds no entry with time and temperature");
    return std::move(log_);
  }

  std::string name_;
  std::string text_;
  std::vector<std::string_view> lines_;
  bool decimal_comma_ = false;
  ExperimentLog log_;
};

}  // namespace

std::optional<double> ExperimentLog::temperature_K_at(double time_s, double max_gap_s) const {
  const auto after = std::lower_bound(entries.begin(), entries.end(), time_s,
                                      [](const LogEntry& entry, double time) { return entry.time_s < time; });
  if (after == entries.end()) return std::nullopt;
  if (after->time_s == time_s) return after->temperature_K;
  if (after == entries.begin()) return std::nullopt;
  const LogEntry& before = *std::prev(after);
  const double span = after->time_s - before.time_s;
  if (span > max_gap_s) return std::nullopt;
  return before.temperature_K +
         (after->temperature_K - before.temperature_K) * (time_s - before.time_s) / span;
}

ExperimentLog read_experiment_log(const std::filesystem::path& path) { return LogReader(path).read(); }

}  // namespace sinterscope
