// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A stack of frames as HDF5 in the layout of HyperSpy (.hspy, format version 3.1), written frame by frame.
//
// /Experiments/<title>/data (frames, rows, columns), one chunk a frame, deflated; groups axis-0 (time,
// navigation), axis-1, axis-2 (y, x, signal) with scale, offset and units as attributes: nm, s, or no unit
// where there is no scale. hyperspy.load(), RosettaSciIO, h5py, Fiji's and MATLAB's HDF5 readers open it, and
// so does open_frames(). No date inside: the same frames give the same bytes. The file appears under its name
// when finish() is called.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "sinterscope/experiment/calibration.h"

namespace sinterscope {

struct HyperSpyFormat {
  std::string title;
  std::size_t frames = 1;  ///< how many write() calls will follow
  Calibration calibration;
  std::optional<double> frame_interval_s;
};

class HyperSpyWriter {
 public:
  HyperSpyWriter(const std::filesystem::path& path, HyperSpyFormat format);
  ~HyperSpyWriter();
  HyperSpyWriter(const HyperSpyWriter&) = delete;
  HyperSpyWriter& operator=(const HyperSpyWriter&) = delete;

  /// The next frame, of one channel and any depth but half floats; all of one size and type.
  void write(const cv::Mat& frame);
  /// Closes the file and gives it its name. Throws Error where fewer frames came than announced.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sinterscope
