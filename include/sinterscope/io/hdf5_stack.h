// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The common part of all readers of HDF5 files: which axes of which dataset are frames, rows and columns, and
// the frames themselves. A kind of file (Velox, EMD, HyperSpy, any other) is one function from Hdf5File to
// Hdf5Stack.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/hdf5_file.h"
#include "sinterscope/io/image_choice.h"

namespace sinterscope {

struct Hdf5Stack {
  std::string format;
  Hdf5Dataset dataset;
  std::size_t row_axis = 0;
  std::size_t column_axis = 1;
  std::optional<std::size_t> frame_axis;  ///< empty: one frame
  Calibration calibration;
  std::optional<double> frame_interval_s;
  std::vector<double> times_s;  ///< of each frame where the file tells it; else empty
  std::string detector;
  std::vector<ImageCandidate> candidates;  ///< everything in the file
  std::vector<std::string> warnings;
};

/// What a dataset axis says of itself.
struct Hdf5Axis {
  std::uint64_t size = 0;
  double scale = 1.0;
  std::string name;
  std::string unit;
};

/// Finds frames, rows and columns among the axes (slowest first) and sets scale and frame interval: the two
/// axes of length where exactly two are, else the last two. Returns why the dataset is no stack of real-space
/// images, or "".
std::string assign_axes(Hdf5Stack& stack, const std::vector<Hdf5Axis>& axes, const std::string& source);

/// Why a dataset cannot hold a plane of real numbers, whatever its axes mean; empty where it can.
std::string why_no_image(const Hdf5Dataset& dataset);

ImageCandidate candidate_of(const Hdf5Dataset& dataset, const std::string& name, const std::string& why_not,
                            const std::string& detector = "");

/// The frames of a stack.
std::unique_ptr<FrameSource> frames_of(const std::filesystem::path& path, const OpenOptions& options,
                                       std::shared_ptr<const Hdf5File> file, Hdf5Stack stack);

}  // namespace sinterscope
