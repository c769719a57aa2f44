// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/velox_frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sinterscope/io/length_unit.h"
#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

using nlohmann::json;

constexpr const char* images_group = "/Data/Image/";
constexpr std::uint64_t max_clock_reads = 4096;  // longer series: evenly spaced by their frame time

// The text at a path of keys; empty where it is missing or no text.
std::string text_at(const json& tree, std::initializer_list<const char*> keys) {
  const json* at = &tree;
  for (const char* key : keys) {
    if (!at->is_object() || !at->contains(key)) return "";
    at = &(*at)[key];
  }
  return at->is_string() ? at->get<std::string>() : "";
}

std::optional<double> number_at(const json& tree, std::initializer_list<const char*> keys) {
  return whole_number(text_at(tree, keys));
}

struct VeloxImage {
  Hdf5Dataset data;
  const Hdf5Dataset* metadata = nullptr;
  json tree;  ///< metadata of frame 0
  std::string detector;
  std::string unit;
  std::string why_not;
};

json metadata_of(const Hdf5File& file, const Hdf5Dataset& metadata, std::uint64_t frame) {
  return json::parse(file.read_text_column(metadata, frame), nullptr, false);
}

VeloxImage read_image(const Hdf5File& file, const Hdf5Dataset& data) {
  VeloxImage image;
  image.data = data;
  const std::string group = data.path.substr(0, data.path.rfind('/'));
  image.metadata = file.find(group + "/Metadata");
  if (image.metadata != nullptr) image.tree = metadata_of(file, *image.metadata, 0);
  const std::string number = text_at(image.tree, {"BinaryResult", "DetectorIndex"});
  image.detector = text_at(image.tree, {"Detectors", ("Detector-" + number).c_str(), "DetectorName"});
  if (image.detector.empty()) image.detector = text_at(image.tree, {"BinaryResult", "Detector"});
  image.unit = text_at(image.tree, {"BinaryResult", "PixelUnitX"});
  image.why_not = why_no_image(data);
  if (image.why_not.empty() && data.shape.size() != 3)
    image.why_not = fmt::format("{} axes instead of 3", data.shape.size());
  if (image.why_not.empty() && image.metadata != nullptr && image.tree.is_discarded())
    image.why_not = "its metadata are no JSON text: damaged";
  if (image.why_not.empty() && is_reciprocal_unit(image.unit))
    image.why_not = fmt::format("a diffraction pattern or FFT (pixel size in {})", image.unit);
  return image;
}

// Start of a frame in seconds of the clock, or empty.
std::optional<double> clock_of(const Hdf5File& file, const VeloxImage& image, std::uint64_t frame) {
  return number_at(metadata_of(file, *image.metadata, frame),
                   {"Acquisition", "AcquisitionStartDatetime", "DateTime"});
}

void set_times(Hdf5Stack& stack, const Hdf5File& file, const VeloxImage& image) {
  stack.frame_interval_s = number_at(image.tree, {"Scan", "FrameTime"});
  if (!stack.frame_interval_s) {
    const std::string number = text_at(image.tree, {"BinaryResult", "DetectorIndex"});
    stack.frame_interval_s =
        number_at(image.tree, {"Detectors", ("Detector-" + number).c_str(), "ExposureTime"});
  }
  if (stack.frame_interval_s && !(*stack.frame_interval_s > 0.0)) stack.frame_interval_s.reset();
  const std::uint64_t frames = image.data.shape[2];
  if (frames < 2 || frames > max_clock_reads || image.metadata == nullptr ||
      image.metadata->shape.size() != 2 || image.metadata->shape[1] != frames)
    return;
  std::vector<double> times;
  bool departs = false;
  double first = 0.0;
  const double step = stack.frame_interval_s.value_or(0.0);
  for (std::uint64_t i = 0; i < frames; ++i) {
    const auto clock = clock_of(file, image, i);
    if (!clock || *clock <= 0.0) return;
    if (i == 0) first = *clock;
    times.push_back(*clock - first);
    departs |=
        std::abs(times.back() - static_cast<double>(i) * step) > 1.5;  // the clock counts whole seconds
  }
  if (!departs) return;
  stack.times_s = std::move(times);
  stack.frame_interval_s = stack.times_s.back() / static_cast<double>(frames - 1);
  stack.warnings.push_back(fmt::format(
      "frames were not recorded every {} s: their recorded times (whole seconds) are used", step));
}

}  // namespace

bool is_velox(const Hdf5File& file) {
  const Hdf5Dataset* version = file.find("/Version");
  if (version != nullptr && file.read_text(*version).find("Velox") != std::string::npos) return true;
  const std::vector<std::string>& groups = file.groups();
  return std::find(groups.begin(), groups.end(), "/Data/Image") != groups.end();
}

Hdf5Stack velox_stack(const Hdf5File& file, const OpenOptions& options) {
  Hdf5Stack stack;
  stack.format = "Velox EMD";
  std::vector<VeloxImage> images;
  for (const Hdf5Dataset& dataset : file.datasets()) {
    const bool image = dataset.path.compare(0, std::string(images_group).size(), images_group) == 0 &&
                       dataset.path.size() > 5 &&
                       dataset.path.compare(dataset.path.size() - 5, 5, "/Data") == 0;
    if (!image) continue;
    images.push_back(read_image(file, dataset));
    stack.candidates.push_back(
        candidate_of(dataset, dataset.path, images.back().why_not, images.back().detector));
  }
  const VeloxImage& image = images[choose_image(stack.candidates, options, stack.warnings)];
  stack.dataset = image.data;
  stack.frame_axis = 2;  // rows, columns, frames
  stack.detector = image.detector;
  const auto x = number_at(image.tree, {"BinaryResult", "PixelSize", "width"});
  const auto y = number_at(image.tree, {"BinaryResult", "PixelSize", "height"});
  if (x && y) stack.calibration = calibration_from(*x, *y, image.unit, "Velox BinaryResult.PixelSize");
  if (!stack.calibration.calibrated())
    stack.warnings.emplace_back("Velox metadata without a pixel size in real space");
  set_times(stack, file, image);
  return stack;
}

}  // namespace sinterscope
