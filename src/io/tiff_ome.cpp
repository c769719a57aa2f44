// SPDX-License-Identifier: GPL-3.0-or-later
// OME-XML, as Bio-Formats, Micro-Manager and tifffile write it: scale, axes, names of the channels and the
// time of every plane. Units default to um and s. Schema: Goldberg et al., Genome Biol. 6, R47 (2005),
// doi:10.1186/gb-2005-6-5-r47
#include <fmt/format.h>

#include <algorithm>

#include "sinterscope/io/length_unit.h"
#include "sinterscope/io/text_values.h"
#include "sinterscope/io/tiff_calibration.h"

namespace sinterscope {
namespace {

constexpr std::uint16_t tag_image_description = 270;
constexpr int longest_axis = 1 << 20;  // the product of three stays a number

std::optional<double> number_in(std::string_view tag, std::string_view name) {
  return whole_number(xml_attribute(tag, name));
}

int count_in(std::string_view tag, std::string_view name) {
  const double value = number_in(tag, name).value_or(1.0);
  return value >= 1.0 && value <= longest_axis ? static_cast<int>(value) : 1;
}

// The text of the <Pixels> that describes images of this size, up to the next one; the first where none does.
std::string_view pixels_block(std::string_view xml, TiffImageSize size, std::size_t& images) {
  const std::vector<std::string_view> tags = xml_tags(xml, "Pixels");
  images = tags.size();
  if (tags.empty()) return {};
  const auto fits = [size](std::string_view tag) {
    return number_in(tag, "SizeX") == size.width && number_in(tag, "SizeY") == size.height;
  };
  const auto found = std::find_if(tags.begin(), tags.end(), fits);
  const auto chosen = found == tags.end() ? tags.begin() : found;
  const auto start = static_cast<std::size_t>(chosen->data() - xml.data());
  const auto next = std::next(chosen);
  return xml.substr(
      start, next == tags.end() ? xml.npos : static_cast<std::size_t>(next->data() - xml.data()) - start);
}

Calibration scale_of(std::string_view pixels) {
  const auto nm = [pixels](const std::string& axis) -> std::optional<double> {
    const auto value = number_in(pixels, "PhysicalSize" + axis);
    const std::string unit = xml_attribute(pixels, "PhysicalSize" + axis + "Unit");
    const auto factor = unit.empty() ? std::optional(1e3) : nm_per_unit(unit);
    return value && factor ? std::optional(*value * *factor) : std::nullopt;
  };
  const auto x = nm("X");
  const auto y = nm("Y");
  return x ? calibration_from(*x, y.value_or(*x), "nm", "OME PhysicalSizeX") : Calibration{};
}

std::optional<double> seconds_in(std::string_view tag, const std::string& name) {
  const auto value = number_in(tag, name);
  const std::string unit = xml_attribute(tag, name + "Unit");
  const auto factor = unit.empty() ? std::optional(1.0) : seconds_per_unit(unit);
  return value && factor ? std::optional(*value * *factor) : std::nullopt;
}

PlaneAxes axes_of(std::string_view block) {
  PlaneAxes axes;
  const std::string_view tag = block.substr(0, block.find('>'));
  axes.channels = count_in(tag, "SizeC");
  axes.slices = count_in(tag, "SizeZ");
  axes.frames = count_in(tag, "SizeT");
  const std::string order = xml_attribute(tag, "DimensionOrder");
  std::string sorted = order.size() == 5 ? order.substr(2) : "";
  std::sort(sorted.begin(), sorted.end());
  if (sorted == "CTZ") axes.order = order.substr(2);
  // The samples of an RGB page are one plane.
  int samples = 0;
  for (const std::string_view channel : xml_tags(block, "Channel")) {
    axes.channel_names.push_back(xml_attribute(channel, "Name"));
    samples += count_in(channel, "SamplesPerPixel");
  }
  const auto listed = static_cast<int>(axes.channel_names.size());
  if (listed > 0 && listed < samples && samples == axes.channels) axes.channels = listed;
  return axes;
}

// DeltaT of every plane by its page; empty unless all are told.
std::vector<double> plane_times(std::string_view block, const PlaneAxes& axes) {
  const std::vector<std::string_view> planes = xml_tags(block, "Plane");
  if (planes.empty() || planes.size() != axes.planes()) return {};
  std::vector<double> times(planes.size());
  for (const std::string_view plane : planes) {
    const auto time = seconds_in(plane, "DeltaT");
    const int channel = static_cast<int>(number_in(plane, "TheC").value_or(0.0));
    const int slice = static_cast<int>(number_in(plane, "TheZ").value_or(0.0));
    const int frame = static_cast<int>(number_in(plane, "TheT").value_or(0.0));
    if (!time || channel < 0 || slice < 0 || frame < 0 || channel >= axes.channels || slice >= axes.slices ||
        frame >= axes.frames)
      return {};
    times[axes.page(channel, slice, frame)] = *time;
  }
  return times;
}

}  // namespace

TiffMetadata read_ome_metadata(const TiffStructure& tiff, const TiffDirectory& page, TiffImageSize size) {
  TiffMetadata result;
  const std::string xml = tiff.text(page, tag_image_description);
  if (xml_tags(std::string_view(xml).substr(0, 4096), "OME").empty()) return result;
  std::size_t images = 0;
  const std::string_view block = pixels_block(xml, size, images);
  if (block.empty()) {
    result.warnings.emplace_back("OME-TIFF whose description lies in another file: no pixel size from it");
    return result;
  }
  const std::string_view tag = block.substr(0, block.find('>'));
  result.calibration = scale_of(tag);
  result.axes = axes_of(block);
  result.times_s = plane_times(block, result.axes);
  const auto increment = seconds_in(tag, "TimeIncrement");
  if (increment && *increment > 0.0) result.frame_interval_s = increment;
  if (images > 1)
    result.warnings.push_back(
        fmt::format("OME file of {} images: all pages of one size are read as frames", images));
  for (const std::string_view uuid : xml_tags(block, "UUID"))
    if (const std::string name = xml_attribute(uuid, "FileName");
        !name.empty() && name != tiff.file().path().filename().string()) {
      result.warnings.emplace_back("OME set of several files: only the pages of this file are read");
      break;
    }
  return result;
}

}  // namespace sinterscope
