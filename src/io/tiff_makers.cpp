// SPDX-License-Identifier: GPL-3.0-or-later
// The private tags of microscope makers. Layouts as their files show them and as the readers RosettaSciIO,
// tifffile and Bio-Formats describe them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/io/length_unit.h"
#include "sinterscope/io/text_values.h"
#include "sinterscope/io/tiff_calibration.h"

namespace sinterscope {
namespace {

constexpr std::uint16_t tag_image_description = 270;
constexpr std::uint16_t tag_x_resolution = 282;
constexpr std::uint16_t tag_y_resolution = 283;
constexpr std::uint16_t tag_resolution_unit = 296;

std::optional<double> ini_number(const IniText& ini, const std::string& section, const std::string& key) {
  const auto text = ini_value(ini, section, key);
  return text ? whole_number(*text) : std::nullopt;
}

// "name = 5.825 nm" -> the value in nm.
std::optional<double> length_after_equals(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == line.npos) return std::nullopt;
  const auto value = leading_number(line.substr(equals + 1));
  const auto factor = nm_per_unit(after_number(line.substr(equals + 1)));
  return value && factor ? std::optional(*value * *factor) : std::nullopt;
}

// SightX (TEM camera) writes the screen resolution of the camera and the magnification.
TiffMetadata read_sightx(const TiffStructure& tiff, const TiffDirectory& page, std::string_view xml) {
  TiffMetadata result;
  const std::string_view mode = xml_element(xml, "ModeString");
  if (mode.find("DIFF") != mode.npos) {
    result.not_an_image = "a diffraction pattern (JEOL ModeString DIFF)";
    return result;
  }
  if (xml_element(xml, "EosMode") != "eosTEM") {
    result.warnings.push_back(
        fmt::format("JEOL EosMode is {}, not eosTEM: the magnification is not that of the image, "
                    "no pixel size taken",
                    xml_element(xml, "EosMode")));
    return result;
  }
  const auto magnification = leading_number(xml_element(xml, "SelectorValue"));
  const auto x = tiff.number(page, tag_x_resolution);
  const auto y = tiff.number(page, tag_y_resolution);
  if (magnification && x && y)
    result.calibration = calibration_from(1.0 / *x / *magnification, 1.0 / *y / *magnification, "inch",
                                          "JEOL TemReporter magnification and XResolution");
  return result;
}

// JEOL SEM: tab separated "$KEY=value" in the EXIF maker note.
TiffMetadata read_jsm(const TiffStructure& tiff, const TiffDirectory& page) {
  TiffMetadata result;
  const auto exif_offset = tiff.number(page, 34665);
  if (!exif_offset) return result;
  const TiffDirectory exif = tiff.directory(static_cast<std::uint64_t>(*exif_offset));
  std::string note = tiff.text(exif, 37500);
  if (note.compare(0, 7, "UNICODE") != 0 || note.size() < 8) return result;
  note = utf8_from_utf16le(std::string_view(note).substr(8));
  std::replace(note.begin(), note.end(), '\t', '\n');
  const IniText ini = parse_ini(note);
  if (const auto size = ini_value(ini, "", "$CM_PIXEL_SIZE")) {
    std::string_view unit = after_number(*size);
    unit = unit.substr(0, unit.find('/'));
    const double value = leading_number(*size).value_or(0.0);
    result.calibration = calibration_from(value, value, unit, "JEOL CM_PIXEL_SIZE");
  }
  result.info_bar_rows =
      static_cast<int>(std::clamp(ini_number(ini, "", "$SM_PNU_HEIGHT").value_or(0.0), 0.0, 1e5));
  result.detector = ini_value(ini, "", "$CM_SIGNAL_NAME").value_or("");
  return result;
}

}  // namespace

TiffMetadata read_fei_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size) {
  TiffMetadata result;
  std::string text = tiff.text(page, 34682);
  if (text.empty()) text = tiff.text(page, 34680);
  if (text.empty()) return result;
  const IniText ini = parse_ini(text);
  for (const char* section : {"Scan", "EScan"}) {
    const auto x = ini_number(ini, section, "PixelWidth");
    const auto y = ini_number(ini, section, "PixelHeight");
    if (x && y && !result.calibration.calibrated())
      result.calibration = calibration_from(*x, *y, "m", fmt::format("FEI [{}] PixelWidth", section));
  }
  if (!result.calibration.calibrated()) {
    const auto field = ini_number(ini, "EBeam", "HFW");
    const auto columns = ini_number(ini, "Image", "ResolutionX");
    if (field && columns && *columns == size.width)
      result.calibration = calibration_from(*field / *columns, *field / *columns, "m", "FEI [EBeam] HFW");
  }
  if (!result.calibration.calibrated())
    result.warnings.emplace_back("FEI metadata without a usable pixel size");
  // The bar stands below the image: the file is higher than the image says.
  const auto rows = ini_number(ini, "Image", "ResolutionY");
  const auto bar = ini_number(ini, "PrivateFei", "DatabarHeight");
  if (rows && *rows >= 1 && *rows < size.height && bar && *bar > 0)
    result.info_bar_rows = size.height - static_cast<int>(*rows);
  result.detector = ini_value(ini, "Detectors", "Name").value_or("");
  return result;
}

TiffMetadata read_zeiss_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size) {
  TiffMetadata result;
  const std::string text = tiff.text(page, 34118);
  if (text.empty() || size.width == 0) return result;
  const std::vector<std::string_view> lines = lines_of(text);
  std::optional<double> image_nm;
  std::optional<double> screen_nm;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    if (lines[i] == "AP_IMAGE_PIXEL_SIZE") image_nm = length_after_equals(lines[i + 1]);
    if (lines[i] == "AP_PIXEL_SIZE") screen_nm = length_after_equals(lines[i + 1]);
    if (lines[i] == "DP_DETECTOR_CHANNEL")
      result.detector = std::string(
          trimmed(lines[i + 1].substr(std::min(lines[i + 1].find('=') + 1, lines[i + 1].size()))));
  }
  // AP_PIXEL_SIZE and line 4 hold for a screen of 1024 columns; line 4 (in m) has more digits.
  const double columns_ratio = 1024.0 / size.width;
  const auto fourth = lines.size() > 3 ? whole_number(lines[3]) : std::nullopt;
  if (screen_nm) *screen_nm *= columns_ratio;
  std::optional<double> fourth_nm;
  if (fourth && *fourth > 0.0 && *fourth < 1e-3) fourth_nm = *fourth * 1e9 * columns_ratio;
  const auto rounded = image_nm ? image_nm : screen_nm;
  const bool agrees = fourth_nm && (!rounded || std::abs(*fourth_nm / *rounded - 1.0) < 0.01);
  const auto best = agrees ? fourth_nm : rounded;
  if (best)
    result.calibration =
        calibration_from(*best, *best, "nm", image_nm ? "Zeiss AP_IMAGE_PIXEL_SIZE" : "Zeiss AP_PIXEL_SIZE");
  return result;
}

TiffMetadata read_tvips_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize) {
  TiffMetadata result;
  const auto x = tiff.number(page, tag_x_resolution);
  const auto y = tiff.number(page, tag_y_resolution);
  if (page.find(37706) == nullptr || tiff.number(page, tag_resolution_unit) != 3.0 || !x || !y) return result;
  result.calibration = calibration_from(1.0 / *x, 1.0 / *y, "cm", "TVIPS XResolution");
  return result;
}

TiffMetadata read_sis_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize) {
  TiffMetadata result;
  const auto at = tiff.number(page, 33560);
  if (!at) return result;
  const InputFile& file = tiff.file();
  const auto offset = static_cast<std::uint64_t>(*at);
  if (file.text(offset, 4, "Olympus SIS block") != "SIS0") return result;
  const auto blocks = file.number<std::uint16_t>(offset + 58, ByteOrder::little, "SIS block count");
  for (std::uint64_t i = 0; i < blocks; ++i) {
    const std::uint64_t entry = offset + 60 + i * 8;
    if (file.number<std::uint16_t>(entry, ByteOrder::little, "SIS block type") != 1) continue;
    const std::uint64_t block = file.number<std::uint32_t>(entry + 4, ByteOrder::little, "SIS block offset");
    const int exponent = file.number<std::int16_t>(block + 10, ByteOrder::little, "SIS exponent");
    const double x = file.number<double>(block + 12, ByteOrder::little, "SIS pixel size x");
    const double y = file.number<double>(block + 20, ByteOrder::little, "SIS pixel size y");
    const double unit = std::pow(10.0, std::clamp(exponent, -30, 30));
    result.calibration = calibration_from(x * unit, y * unit, "m", "Olympus SIS block");
    break;
  }
  return result;
}

TiffMetadata read_jeol_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize) {
  const std::string description = tiff.text(page, tag_image_description);
  if (description.find("<TemReporter") != description.npos) return read_sightx(tiff, page, description);
  return read_jsm(tiff, page);
}

}  // namespace sinterscope
