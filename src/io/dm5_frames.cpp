// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/dm5_frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sinterscope/io/text_values.h"

namespace sinterscope {
namespace {

constexpr std::string_view images_group = "/ImageList/[";
constexpr std::string_view data_name = "/ImageData/Data";

// "/ImageList/[1]" of the data set of an image; "" for any other.
std::string image_of(const std::string& path) {
  if (path.compare(0, images_group.size(), images_group) != 0 || path.size() <= data_name.size()) return "";
  const std::size_t cut = path.size() - data_name.size();
  return path.compare(cut, data_name.size(), data_name) == 0 ? path.substr(0, cut) : "";
}

std::string text_at(const Hdf5File& file, const std::string& group, const std::string& name) {
  return utf8_from(file.text_attribute(group, name).value_or(""));
}

std::set<std::string> thumbnails_of(const Hdf5File& file) {
  std::set<std::string> images;
  for (const std::string& group : file.groups())
    if (group.compare(0, 13, "/Thumbnails/[") == 0)
      if (const auto index = file.number_attribute(group, "ImageIndex"))
        images.insert(fmt::format("/ImageList/[{}]", *index));
  return images;
}

std::vector<Hdf5Axis> axes_of(const Hdf5File& file, const Hdf5Dataset& dataset, const std::string& image) {
  std::vector<Hdf5Axis> axes;
  for (std::size_t i = 0; i < dataset.shape.size(); ++i) {
    const std::string group =
        fmt::format("{}/ImageData/Calibrations/Dimension/[{}]", image, dataset.shape.size() - 1 - i);
    axes.push_back({dataset.shape[i], file.number_attribute(group, "Scale").value_or(1.0), "",
                    text_at(file, group, "Units")});
  }
  return axes;
}

// Why the image is none, or "" with its axes set.
std::string read_image(Hdf5Stack& stack, const Hdf5File& file, const std::string& image) {
  const double type = file.number_attribute(image + "/ImageData", "DataType").value_or(0.0);
  if (type == 8.0 || type == 23.0) return "pixels are RGBA";
  const std::string why_not = why_no_image(stack.dataset);
  return why_not.empty() ? assign_axes(stack, axes_of(file, stack.dataset, image), "DM5 Calibrations")
                         : why_not;
}

}  // namespace

bool is_dm5(const Hdf5File& file) {
  const std::vector<Hdf5Dataset>& all = file.datasets();
  return std::any_of(all.begin(), all.end(), [](const Hdf5Dataset& d) { return !image_of(d.path).empty(); });
}

Hdf5Stack dm5_stack(const Hdf5File& file, const OpenOptions& options) {
  const std::set<std::string> thumbnails = thumbnails_of(file);
  std::vector<Hdf5Stack> images;
  std::vector<ImageCandidate> candidates;
  for (const Hdf5Dataset& dataset : file.datasets()) {
    const std::string image = image_of(dataset.path);
    if (image.empty()) continue;
    Hdf5Stack stack;
    stack.dataset = dataset;
    const std::string why_not = thumbnails.count(image) > 0 ? "thumbnail" : read_image(stack, file, image);
    stack.detector = text_at(file, image + "/ImageTags/DataBar", "Signal Name");
    const std::string own = text_at(file, image, "Name");
    candidates.push_back(candidate_of(dataset, own.empty() ? dataset.path : own, why_not, stack.detector));
    images.push_back(std::move(stack));
  }
  std::vector<std::string> warnings;
  Hdf5Stack stack = std::move(images[choose_image(candidates, options, warnings)]);
  stack.format = "DM5";
  stack.candidates = std::move(candidates);
  stack.warnings.insert(stack.warnings.end(), warnings.begin(), warnings.end());
  return stack;
}

}  // namespace sinterscope
