// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The Python module: a thin layer that turns NumPy arrays into the nouns, calls the main way without holding
// Python's lock, and turns its results into arrays and dictionaries. What is decided, is decided below.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/experiment/thermal_history.h"

namespace sinterscope {

void bind_frames(pybind11::module_& module);
void bind_particles(pybind11::module_& module);
void bind_fit(pybind11::module_& module);

/// Frames as a function was given them. `owner` keeps the pixels alive.
struct GivenFrames {
  pybind11::object owner;
  std::shared_ptr<const FrameSource> source;
};

/// From the frames of open_frames(), or from an array of one frame (rows, columns) or several (frames, rows,
/// columns) of real numbers. An array is copied only where its pixels are not in rows or of a type that
/// OpenCV has not.
GivenFrames frames_from(const pybind11::object& frames);

/// One region: holds are runs of frames of one temperature. `temperature_K`: None, a number, or one per
/// frame, NaN = none.
ThermalHistory history_from(const pybind11::object& temperature_K, std::size_t frames,
                            double frame_interval_s);

/// A dictionary as the pipeline file would have it, and back; usage_error where JSON cannot hold it.
nlohmann::json json_from(const pybind11::object& value, const char* where);
pybind11::object python_from(const nlohmann::json& value);

/// A number for all, or one for each of `count`.
std::vector<double> numbers_from(const pybind11::object& value, std::size_t count, const char* name,
                                 const char* each);

}  // namespace sinterscope
