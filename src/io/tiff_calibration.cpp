// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/tiff_calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sinterscope/io/length_unit.h"
#include "sinterscope/io/sidecar.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

constexpr int longest_axis = 1 << 20;
constexpr std::uint16_t tag_image_description = 270;
constexpr std::uint16_t tag_x_resolution = 282;
constexpr std::uint16_t tag_y_resolution = 283;
constexpr std::uint16_t tag_resolution_unit = 296;

TiffMetadata read_sidecar_metadata(const TiffStructure& tiff, const TiffDirectory&, TiffImageSize size) {
  Sidecar sidecar = read_sidecar(tiff.file().path(), size.width, size.height);
  TiffMetadata result;
  result.calibration = std::move(sidecar.calibration);
  result.detector = std::move(sidecar.detector);
  result.info_bar_rows = sidecar.info_bar_rows;
  result.warnings = std::move(sidecar.warnings);
  return result;
}

// DigitalMicrograph (and HyperSpy): units as text, scales as double, one tag each for x, y and the stack
// axis.
TiffMetadata read_dm_tags(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize) {
  TiffMetadata result;
  const auto x = tiff.number(page, 65009);
  const auto y = tiff.number(page, 65010);
  if (!x || !y) return result;
  const std::string unit_x = utf8_from(tiff.text(page, 65003));
  const std::string unit_y = utf8_from(tiff.text(page, 65004));
  if (is_reciprocal_unit(unit_x))
    result.not_an_image = fmt::format("in reciprocal space (DigitalMicrograph unit {})", trimmed(unit_x));
  const auto factor_x = nm_per_unit(unit_x);
  const auto factor_y = nm_per_unit(unit_y);
  if (factor_x && factor_y)
    result.calibration =
        calibration_from(*x * *factor_x, *y * *factor_y, "nm", "DigitalMicrograph tags 65009, 65010");
  const auto step = tiff.number(page, 65011);
  const auto seconds = seconds_per_unit(utf8_from(tiff.text(page, 65005)));
  if (step && seconds && *step > 0.0) result.frame_interval_s = *step * *seconds;
  return result;
}

TiffMetadata read_imagej(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize) {
  TiffMetadata result;
  std::string description = tiff.text(page, tag_image_description);
  const std::size_t start = description.find("ImageJ=");
  if (start == description.npos || (start > 0 && description[start - 1] != '\n')) return result;
  const IniText ini = parse_ini(std::string_view(description).substr(start));
  const auto number = [&ini](const char* key) {
    const auto text = ini_value(ini, "", key);
    return text ? whole_number(*text) : std::nullopt;
  };
  const auto count = [&number](const char* key) {
    const double value = number(key).value_or(0.0);
    return value >= 1.0 && value < 1e9 ? static_cast<int>(value) : 0;
  };
  result.images = count("images");
  result.axes.channels = std::clamp(count("channels"), 1, longest_axis);
  result.axes.slices = std::clamp(count("slices"), 1, longest_axis);
  result.axes.frames = std::clamp(count("frames"), 1, longest_axis);
  const std::string unit = ini_value(ini, "", "unit").value_or("");
  const std::string unit_y = ini_value(ini, "", "yunit").value_or(unit);
  if (is_reciprocal_unit(unit))
    result.not_an_image = fmt::format("in reciprocal space (ImageJ unit {})", unit);
  const auto x = tiff.number(page, tag_x_resolution);
  const auto y = tiff.number(page, tag_y_resolution);
  const auto factor_x = nm_per_unit(unit);
  const auto factor_y = nm_per_unit(unit_y);
  if (x && y && factor_x && factor_y)
    result.calibration = calibration_from(*factor_x / *x, *factor_y / *y, "nm", "ImageJ unit=" + unit);
  // fps is the speed at which ImageJ plays the stack, finterval the time between frames.
  const auto interval = number("finterval");
  const std::string time_unit = ini_value(ini, "", "tunit").value_or("s");
  const auto seconds = seconds_per_unit(time_unit);
  if (interval && *interval > 0.0 && seconds) result.frame_interval_s = *interval * *seconds;
  return result;
}

// tifffile: {"shape": [10, 512, 512], "truncated": true} stands for several frames of one directory.
TiffMetadata read_shaped(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size) {
  TiffMetadata result;
  const std::string description = tiff.text(page, tag_image_description);
  if (description.compare(0, 2, "{\"") != 0 || description.find("\"shape\"") == description.npos)
    return result;
  const nlohmann::json json = nlohmann::json::parse(trimmed(description), nullptr, false);
  if (!json.is_object() || !json.contains("truncated") || json["truncated"] != true ||
      !json.contains("shape") || !json["shape"].is_array())
    return result;
  double pixels = 1.0;
  for (const nlohmann::json& length : json["shape"])
    pixels *= length.is_number() ? length.get<double>() : 0.0;
  const double frames = pixels / size.width / size.height;
  if (frames >= 2.0 && frames < 1e9 && frames == std::floor(frames)) result.images = static_cast<int>(frames);
  return result;
}

// The plain resolution tags are a scale only where they speak of less than 1 um: 72 dpi is a size of paper.
TiffMetadata read_resolution(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize) {
  constexpr double largest_nm = 1000.0;
  TiffMetadata result;
  const double unit = tiff.number(page, tag_resolution_unit).value_or(2.0);
  const auto x = tiff.number(page, tag_x_resolution);
  const auto y = tiff.number(page, tag_y_resolution);
  if ((unit != 2.0 && unit != 3.0) || !x || !y) return result;
  const Calibration found =
      calibration_from(1.0 / *x, 1.0 / *y, unit == 2.0 ? "inch" : "cm", "TIFF XResolution");
  if (found.calibrated() && *found.pixel_size_x_nm < largest_nm && *found.pixel_size_y_nm < largest_nm)
    result.calibration = found;
  return result;
}

void merge(TiffMetadata& into, TiffMetadata&& found) {
  if (!into.calibration.calibrated()) {
    into.calibration = std::move(found.calibration);
  } else if (found.calibration.calibrated()) {
    const double ratio = *found.calibration.pixel_size_x_nm / *into.calibration.pixel_size_x_nm;
    if (std::abs(ratio - 1.0) > 0.02)
      into.warnings.push_back(
          fmt::format("pixel size is {:.6g} nm by {}, but {:.6g} nm by {}: the first is used",
                      *into.calibration.pixel_size_x_nm, into.calibration.source,
                      *found.calibration.pixel_size_x_nm, found.calibration.source));
  }
  if (!into.frame_interval_s) into.frame_interval_s = found.frame_interval_s;
  if (into.detector.empty()) into.detector = std::move(found.detector);
  if (into.info_bar_rows == 0) into.info_bar_rows = found.info_bar_rows;
  if (into.images == 0) into.images = found.images;
  if (into.axes.planes() == 1) into.axes = std::move(found.axes);
  if (into.times_s.empty()) into.times_s = std::move(found.times_s);
  if (into.not_an_image.empty()) into.not_an_image = std::move(found.not_an_image);
  for (std::string& warning : found.warnings) into.warnings.push_back(std::move(warning));
}

}  // namespace

std::size_t PlaneAxes::page(int channel, int slice, int frame) const {
  std::size_t index = 0;
  std::size_t step = 1;
  for (const char axis : order) {
    const int at = axis == 'C' ? channel : axis == 'Z' ? slice : frame;
    const int length = axis == 'C' ? channels : axis == 'Z' ? slices : frames;
    index += static_cast<std::size_t>(at) * step;
    step *= static_cast<std::size_t>(length);
  }
  return index;
}

TiffMetadata read_tiff_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size) {
  TiffMetadata result;
  for (const auto& read : {&read_fei_metadata, &read_zeiss_metadata, &read_tvips_metadata, &read_sis_metadata,
                           &read_jeol_metadata, &read_sidecar_metadata, &read_dm_tags, &read_imagej,
                           &read_shaped, &read_ome_metadata, &read_resolution})
    merge(result, read(tiff, page, size));
  return result;
}

}  // namespace sinterscope
