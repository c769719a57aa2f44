// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/hdf5_stack.h"

#include <fmt/format.h>

#include <algorithm>

#include "sinterscope/io/file_frames.h"
#include "sinterscope/io/length_unit.h"

namespace sinterscope {
namespace {

class Hdf5Frames final : public FileFrames {
 public:
  Hdf5Frames(const std::filesystem::path& path, const OpenOptions& options,
             std::shared_ptr<const Hdf5File> file, Hdf5Stack stack)
      : FileFrames(path, options), file_(std::move(file)), stack_(std::move(stack)) {
    description_.format = stack_.format;
    description_.dtype = stack_.dataset.type_name;
    description_.calibration = stack_.calibration;
    description_.frame_interval_s = stack_.frame_interval_s;
    description_.detector = stack_.detector;
    description_.datasets = notes_of(stack_.candidates);
    description_.warnings = stack_.warnings;
    description_.times_s = stack_.times_s;
    const std::vector<std::uint64_t>& shape = stack_.dataset.shape;
    set_shape(stack_.frame_axis ? shape[*stack_.frame_axis] : 1, shape[stack_.column_axis],
              shape[stack_.row_axis], bytes_of(*stack_.dataset.type));
  }

 private:
  cv::Mat read_frame(std::size_t i) const override {
    std::vector<std::uint64_t> position(stack_.dataset.shape.size(), 0);
    if (stack_.frame_axis) position[*stack_.frame_axis] = i;
    return file_->read_plane(stack_.dataset, position, stack_.row_axis, stack_.column_axis);
  }

  std::shared_ptr<const Hdf5File> file_;
  Hdf5Stack stack_;
};

}  // namespace

std::string why_no_image(const Hdf5Dataset& dataset) {
  if (!dataset.type) return fmt::format("{}, not real numbers", dataset.type_name);
  if (!dataset.unreadable.empty()) return dataset.unreadable;
  if (std::count(dataset.shape.begin(), dataset.shape.end(), 0U) > 0) return "empty";
  if (dataset.shape.size() < 2) return "fewer than two axes: a spectrum or a list of numbers";
  return "";
}

std::string assign_axes(Hdf5Stack& stack, const std::vector<Hdf5Axis>& axes, const std::string& source) {
  std::vector<std::size_t> long_axes;  // length 1 says nothing
  for (std::size_t i = 0; i < axes.size(); ++i)
    if (axes[i].size > 1 || i + 2 >= axes.size()) long_axes.push_back(i);
  if (long_axes.size() > 3) return fmt::format("{} axes: not a stack of images", long_axes.size());
  if (long_axes.size() < 2) return "a line or spectrum, not an image";
  std::vector<std::size_t> lengths;
  for (const std::size_t i : long_axes) {
    if (is_energy_unit(axes[i].unit)) return fmt::format("a spectrum image (an axis in {})", axes[i].unit);
    if (nm_per_unit(axes[i].unit)) lengths.push_back(i);
  }
  stack.row_axis = lengths.size() == 2 ? lengths[0] : long_axes[long_axes.size() - 2];
  stack.column_axis = lengths.size() == 2 ? lengths[1] : long_axes[long_axes.size() - 1];
  for (const std::size_t i : long_axes)
    if (i != stack.row_axis && i != stack.column_axis) stack.frame_axis = i;
  const Hdf5Axis& rows = axes[stack.row_axis];
  const Hdf5Axis& columns = axes[stack.column_axis];
  for (const Hdf5Axis* axis : {&rows, &columns})
    if (is_reciprocal_unit(axis->unit))
      return fmt::format("a diffraction pattern (pixel size in {})", axis->unit);
  if (rows.size < 2 || columns.size < 2) return "a line, not an image";
  const auto x = nm_per_unit(columns.unit);
  const auto y = nm_per_unit(rows.unit);
  if (x && y)
    stack.calibration = calibration_from(columns.scale * *x, rows.scale * *y, "nm", source);
  else if (columns.scale != 1.0)
    stack.warnings.push_back(
        fmt::format("scale {} has the unit '{}', which is no length: not used", columns.scale, columns.unit));
  if (stack.frame_axis) {
    const Hdf5Axis& frames = axes[*stack.frame_axis];
    const auto seconds = seconds_per_unit(frames.unit);
    if (seconds && frames.scale > 0.0)
      stack.frame_interval_s = frames.scale * *seconds;
    else if (!frames.unit.empty())
      stack.warnings.push_back(
          fmt::format("the stack runs over {} ({}), not over time", frames.name, frames.unit));
  }
  return "";
}

ImageCandidate candidate_of(const Hdf5Dataset& dataset, const std::string& name, const std::string& why_not,
                            const std::string& detector) {
  return {{name, dataset.shape_text(), dataset.type_name, why_not.empty(), why_not}, detector};
}

std::unique_ptr<FrameSource> frames_of(const std::filesystem::path& path, const OpenOptions& options,
                                       std::shared_ptr<const Hdf5File> file, Hdf5Stack stack) {
  return std::make_unique<Hdf5Frames>(path, options, std::move(file), std::move(stack));
}

}  // namespace sinterscope
