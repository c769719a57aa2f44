// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/experiment_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "log_table.h"
#include "sinterscope/core/error.h"
#include "sinterscope/io/input_file.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

std::optional<std::size_t> index_of(const LogCells& header,
                                    const std::function<bool(const std::string&)>& wanted) {
  const auto found = std::find_if(header.begin(), header.end(), wanted);
  return found == header.end() ? std::nullopt
                               : std::optional(static_cast<std::size_t>(found - header.begin()));
}

std::optional<std::size_t> index_of(const LogCells& header, const std::string& name) {
  return index_of(header, [&name](const std::string& cell) { return lower(cell) == lower(name); });
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
    const LogCells names = split_cells(lines_[header], '\t');
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
    const LogCells names = split_cells(lines_[header], ',');
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
    const LogCells names = split_cells(lines_[header], ',');
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

  ExperimentLog read_csv_log() {
    log_.format = "CSV";
    const std::size_t header =
        header_line([](const std::string& line) { return !line.empty() && line.front() != '#'; });
    const char separator = lines_[header].find(';') != std::string_view::npos    ? ';'
                           : lines_[header].find('\t') != std::string_view::npos ? '\t'
                                                                                 : ',';
    decimal_comma_ = separator != ',';
    const LogCells names = split_cells(lines_[header], separator);
    const std::vector<LogRow> rows = rows_after(header, separator);
    const LogRow first = rows.empty() ? LogRow{} : rows.front();
    const LogColumns columns = in_context(fmt::format("{}: log: line {}", name_, header + 1),
                                          [&] { return columns_by_name(names, first, log_.warnings); });
    if (columns.seconds == 0.0) log_.start_clock = first.cells[columns.time];
    return entries_of(rows, columns, names.size());
  }

  template <typename Wanted>
  std::size_t header_line(Wanted wanted) const {
    for (std::size_t i = 0; i < lines_.size(); ++i)
      if (wanted(std::string(lines_[i]))) return i;
    throw error("no header row: the file holds no table");
  }

  std::size_t column(const LogCells& names, const std::string& name) const {
    const auto found = index_of(names, name);
    if (!found) throw error(fmt::format("no column '{}' (nearest: '{}')", name, nearest_name(name, names)));
    return *found;
  }

  std::vector<LogRow> rows_after(std::size_t header, char separator) const {
    std::vector<LogRow> rows;
    for (std::size_t i = header + 1; i < lines_.size(); ++i)
      if (!lines_[i].empty() && lines_[i].front() != '#')
        rows.push_back({i + 1, split_cells(lines_[i], separator)});
    return rows;
  }

  ExperimentLog entries_of(const std::vector<LogRow>& rows, const LogColumns& columns, std::size_t width) {
    in_context(name_ + ": log", [&] { read_entries(log_, {rows, columns, width, decimal_comma_}); });
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
