// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/hdf5_frames.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sinterscope/io/file_frames.h"
#include "sinterscope/io/length_unit.h"

namespace sinterscope {
namespace {

// Why a dataset is no stack of images; empty where it is one.
std::string why_not_frames(const Hdf5Dataset& dataset) {
  if (!dataset.type) return dataset.type_name;
  if (!dataset.unreadable.empty()) return dataset.unreadable;
  std::vector<std::uint64_t> shape = dataset.shape;
  while (shape.size() > 3 && shape.front() == 1) shape.erase(shape.begin());
  if (shape.size() < 2) return "fewer than two axes";
  if (shape.size() > 3) return fmt::format("{} axes: not a stack of images", shape.size());
  if (std::count(shape.begin(), shape.end(), 0U) > 0) return "empty";
  if (shape[shape.size() - 1] < 2 || shape[shape.size() - 2] < 2) return "a line, not an image";
  if (shape.size() == 3 && shape[2] <= 4 && dataset.type == SampleType::u8) return "a colour image";
  return "";
}

// The dataset's own path and the groups above it, nearest first.
std::vector<std::string> objects_above(const std::string& path) {
  std::vector<std::string> objects{path};
  for (std::size_t cut = path.rfind('/'); cut != std::string::npos && cut > 0; cut = path.rfind('/', cut - 1))
    objects.push_back(path.substr(0, cut));
  objects.emplace_back("/");
  return objects;
}

Calibration calibration_of(const Hdf5File& file, const std::string& object,
                           std::vector<std::string>& warnings) {
  for (const char* unit : {"nm", "um", "m"}) {
    const std::string name = fmt::format("pixel_size_{}", unit);
    if (const auto value = file.number_attribute(object, name))
      return calibration_from(*value, *value, unit, "HDF5 attribute " + name);
  }
  for (const char* name : {"scale", "pixel_size"}) {
    const auto value = file.number_attribute(object, name);
    if (!value) continue;
    for (const std::string& key : {fmt::format("{}_unit", name), fmt::format("{}_units", name),
                                   std::string("unit"), std::string("units")})
      if (const auto unit = file.text_attribute(object, key))
        return calibration_from(*value, *value, *unit,
                                fmt::format("HDF5 attribute {} with {}={}", name, key, *unit));
    warnings.push_back(
        fmt::format("attribute {}={} of {} has no unit beside it: not used", name, *value, object));
  }
  return {};
}

class Hdf5Frames final : public FileFrames {
 public:
  Hdf5Frames(const std::filesystem::path& path, const OpenOptions& options)
      : FileFrames(path, options), file_(path) {
    description_.format = "HDF5";
    for (const Hdf5Dataset& dataset : file_.datasets()) {
      const std::string why = why_not_frames(dataset);
      description_.datasets.push_back(
          {dataset.path, dataset.shape_text(), dataset.type_name, why.empty(), why});
    }
    dataset_ = choose();
    const std::size_t axes = dataset_.shape.size();
    for (const std::string& object : objects_above(dataset_.path)) {
      if (!description_.calibration.calibrated())
        description_.calibration = calibration_of(file_, object, description_.warnings);
      if (!description_.frame_interval_s)
        description_.frame_interval_s = file_.number_attribute(object, "frame_interval_s");
    }
    description_.dtype = dataset_.type_name;
    set_shape(axes == 2 ? 1 : dataset_.shape[axes - 3], dataset_.shape[axes - 1], dataset_.shape[axes - 2],
              bytes_of(*dataset_.type));
  }

 private:
  Hdf5Dataset choose() const {
    if (!options_.dataset.empty()) {
      const Hdf5Dataset* found = file_.find(options_.dataset);
      if (found == nullptr) {
        std::vector<std::string> names;
        for (const Hdf5Dataset& dataset : file_.datasets()) names.push_back(dataset.path);
        throw error(
            fmt::format("there is no dataset '{}' (nearest: '{}'; links to other places are not followed)",
                        options_.dataset, nearest_name(options_.dataset, names)));
      }
      const std::string why = why_not_frames(*found);
      if (!why.empty())
        throw error(fmt::format("dataset {} ({}, {}) cannot be read as frames: {}", found->path,
                                found->shape_text(), found->type_name, why));
      return *found;
    }
    std::vector<const Hdf5Dataset*> images;
    std::vector<std::string> others;
    for (const Hdf5Dataset& dataset : file_.datasets()) {
      const std::string why = why_not_frames(dataset);
      if (why.empty()) {
        images.push_back(&dataset);
      } else if (others.size() < 8) {
        others.push_back(
            fmt::format("{} ({}, {}): {}", dataset.path, dataset.shape_text(), dataset.type_name, why));
      }
    }
    if (images.size() == 1) return *images.front();
    if (images.empty())
      throw error(others.empty() ? std::string("holds no dataset")
                                 : fmt::format("holds no stack of images: {}", fmt::join(others, "; ")));
    std::vector<std::string> names;
    for (const Hdf5Dataset* image : images)
      names.push_back(fmt::format("{} ({}, {})", image->path, image->shape_text(), image->type_name));
    throw error(
        fmt::format("holds {} images, name one with \"dataset\": {}", images.size(), fmt::join(names, "; ")));
  }

  cv::Mat read_frame(std::size_t i) const override {
    const std::size_t axes = dataset_.shape.size();
    std::vector<std::uint64_t> position(axes, 0);
    if (axes > 2) position[axes - 3] = i;
    return file_.read_plane(dataset_, position, axes - 2, axes - 1);
  }

  Hdf5File file_;
  Hdf5Dataset dataset_;
};

}  // namespace

std::unique_ptr<FrameSource> open_hdf5(const std::filesystem::path& path, const OpenOptions& options) {
  return std::make_unique<Hdf5Frames>(path, options);
}

}  // namespace sinterscope
