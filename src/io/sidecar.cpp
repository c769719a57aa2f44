// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/sidecar.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sinterscope/io/input_file.h"
#include "sinterscope/io/length_unit.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

// "1280x960" or "1280 960" against the image: the rows of a data bar below it, 0 where the sizes agree, empty
// where the image is another one.
std::optional<int> rows_below(std::string_view declared, int width, int height) {
  constexpr double highest_bar = 0.15;  // of the image
  const auto columns = leading_number(declared);
  std::string_view rest = after_number(declared);
  while (!rest.empty() && (rest.front() == 'x' || rest.front() == 'X' || rest.front() == '*'))
    rest.remove_prefix(1);
  const auto rows = leading_number(rest);
  if (!columns || !rows || *columns != width || *rows < 1.0 || *rows > height) return std::nullopt;
  const int below = height - static_cast<int>(*rows);
  return below <= highest_bar * *rows ? std::optional(below) : std::nullopt;
}

Sidecar read_hitachi(const IniText& ini, const std::string& section, const std::string& name, int width,
                     int height) {
  Sidecar result;
  result.detector = ini_value(ini, section, "SignalName").value_or("");
  const auto size = ini_value(ini, section, "PixelSize");
  const auto declared = ini_value(ini, section, "DataSize");
  const double value = whole_number(size.value_or("")).value_or(0.0);
  const std::optional<int> bar = declared ? rows_below(*declared, width, height) : std::optional(0);
  if (!bar) {
    result.warnings.push_back(
        fmt::format("{}: DataSize is {}, but the image has {} x {} pixels: its PixelSize is for "
                    "another size and is not used",
                    name, *declared, width, height));
    return result;
  }
  result.info_bar_rows = *bar;
  if (value <= 0.0)
    result.warnings.push_back(
        fmt::format("{}: PixelSize '{}' is no pixel size in nm: not used", name, size.value_or("")));
  else
    result.calibration = calibration_from(value, value, "nm", "Hitachi sidecar " + name);
  return result;
}

// JEOL: "$CM_FULL_SIZE 1280 960", "$$SM_MICRON_BAR 160" pixels long for "$$SM_MICRON_MARKER 5um".
Sidecar read_jeol(const std::vector<std::string_view>& lines, const std::string& name) {
  Sidecar result;
  std::optional<double> bar_px;
  std::optional<double> marker_nm;
  for (const std::string_view line : lines) {
    const std::size_t blank = line.find_first_of(" \t=");
    if (blank == line.npos) continue;
    const std::string_view key = line.substr(0, blank);
    const std::string_view value = trimmed(line.substr(blank + 1));
    if (key == "$$SM_MICRON_BAR") bar_px = leading_number(value);
    if (key == "$$SM_MICRON_MARKER") {
      const auto factor = nm_per_unit(after_number(value));
      if (factor) marker_nm = leading_number(value).value_or(0.0) * *factor;
    }
  }
  if (bar_px && marker_nm && *bar_px > 0.0)
    result.calibration = calibration_from(*marker_nm / *bar_px, *marker_nm / *bar_px, "nm",
                                          "JEOL sidecar " + name + " SM_MICRON_MARKER / SM_MICRON_BAR");
  return result;
}

}  // namespace

Sidecar read_sidecar(const std::filesystem::path& image, int width, int height) {
  std::filesystem::path path = image;
  path.replace_extension(".txt");
  std::error_code failure;
  if (!std::filesystem::exists(path, failure)) path.replace_extension(".TXT");
  if (!std::filesystem::is_regular_file(path, failure) || path == image) return {};
  if (std::filesystem::file_size(path, failure) > (1U << 20U)) return {};
  const std::string text = utf8_from(read_text_file(path));
  const std::string name = path.filename().string();
  const IniText ini = parse_ini(text);
  for (const char* section : {"SemImageFile", "TemImageFile"})
    if (ini.count(section) > 0) return read_hitachi(ini, section, name, width, height);
  if (text.find("$$SM_MICRON_BAR") != text.npos) return read_jeol(lines_of(text), name);
  return {};
}

}  // namespace sinterscope
