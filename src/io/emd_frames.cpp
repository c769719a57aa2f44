// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/emd_frames.h"

#include <fmt/format.h>

#include <cmath>

#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

bool is_array_group(const Hdf5File& file, const std::string& group) {
  if (const auto number = file.number_attribute(group, "emd_group_type")) return *number == 1.0;
  const auto text = file.text_attribute(group, "emd_group_type");
  return text == "1" || text == "array";
}

std::string group_of(const std::string& path) {
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}
std::string name_of_path(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// "dim3" and the like: positions along an axis.
bool is_axis_name(const std::string& name) {
  return name.compare(0, 3, "dim") == 0 && whole_number(name.substr(3)).has_value();
}

std::vector<Hdf5Axis> axes_of(const Hdf5File& file, const Hdf5Dataset& dataset) {
  const std::string group = group_of(dataset.path);
  const bool from_zero = file.find(group + "/dim0") != nullptr;
  std::vector<Hdf5Axis> axes;
  for (std::size_t i = 0; i < dataset.shape.size(); ++i) {
    Hdf5Axis axis;
    axis.size = dataset.shape[i];
    const std::string path = fmt::format("{}/dim{}", group, from_zero ? i : i + 1);
    if (const Hdf5Dataset* positions = file.find(path)) {
      const std::vector<double> values = file.read_numbers(*positions);
      if (values.size() > 1) axis.scale = std::abs(values[1] - values[0]);
      axis.name = file.text_attribute(path, "name").value_or("");
      axis.unit = file.text_attribute(path, "units").value_or("");
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

}  // namespace

bool is_emd(const Hdf5File& file) {
  for (const std::string& group : file.groups())
    if (is_array_group(file, group)) return true;
  return false;
}

Hdf5Stack emd_stack(const Hdf5File& file, const OpenOptions& options) {
  Hdf5Stack stack;
  stack.format = "EMD";
  std::vector<Hdf5Stack> images;
  for (const Hdf5Dataset& dataset : file.datasets()) {
    if (!is_array_group(file, group_of(dataset.path)) || is_axis_name(name_of_path(dataset.path))) continue;
    Hdf5Stack image;
    image.dataset = dataset;
    std::string why_not = why_no_image(dataset);
    if (why_not.empty()) {
      const std::vector<Hdf5Axis> axes = axes_of(file, dataset);
      why_not = assign_axes(image, axes, "EMD axes " + group_of(dataset.path));
      if (axes[image.row_axis].name == "R_x" && axes[image.column_axis].name == "R_y") {  // Prismatic
        std::swap(image.row_axis, image.column_axis);
        std::swap(image.calibration.pixel_size_x_nm, image.calibration.pixel_size_y_nm);
      }
    }
    stack.candidates.push_back(candidate_of(dataset, dataset.path, why_not));
    images.push_back(std::move(image));
  }
  const std::size_t chosen = choose_image(stack.candidates, options, stack.warnings);
  images[chosen].format = stack.format;
  images[chosen].candidates = std::move(stack.candidates);
  for (std::string& warning : stack.warnings) images[chosen].warnings.push_back(std::move(warning));
  return std::move(images[chosen]);
}

}  // namespace sinterscope
