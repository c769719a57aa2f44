// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where frames come from: a file, several files in a row, or frames worked on their way. Lazy: a frame is
// read when it is asked for, so memory does not grow with the number of frames.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/experiment/frame.h"

namespace sinterscope {

/// One line of what a file holds, for inspection.
struct DatasetNote {
  std::string name;    ///< path or index inside the file
  std::string shape;   ///< e.g. "5 x 128 x 128"
  std::string dtype;   ///< numpy name: uint8, int16, float32, ...
  bool image = false;  ///< whether it can be read as frames
  std::string note;    ///< why not, or what it is
};

/// What a source says of itself before any pixel is read.
struct SourceDescription {
  std::string format;  ///< "TIFF", "PNG", "HDF5", ...
  std::string dtype;   ///< type on disk, numpy name
  std::size_t frames = 0;
  int width = 0;
  int height = 0;
  Calibration calibration;
  std::optional<double> frame_interval_s;
  std::vector<double> times_s;  ///< of each frame since the first, where recorded; empty = evenly spaced
  std::string detector;         ///< as the file names it; empty = unknown
  std::vector<DatasetNote> datasets;
  std::vector<std::string> warnings;
};

/// Sums over all pixels of all frames in the file's own type: exact for integers below 2^53.
struct PixelStatistics {
  double minimum = 0, maximum = 0, sum = 0;
  double mean = 0;
  double saturated = 0;  ///< share of pixels at the top of an 8- or 16-bit type
};

class FrameSource {
 public:
  virtual ~FrameSource() = default;
  virtual const SourceDescription& description() const = 0;
  /// Frame i < size(). Thread-safe. Throws Error naming file and frame where it cannot be read.
  virtual Frame load(std::size_t i) const = 0;
  /// Pixels of frame i in the file's own type (CV_8U, CV_16U, CV_32S, CV_64F ...; unsigned 32-bit as CV_64F),
  /// so that nothing is lost to float. The default converts load(i).
  virtual cv::Mat load_native(std::size_t i) const { return load(i).pixels; }

  std::size_t size() const { return description().frames; }
  cv::Size frame_size() const { return {description().width, description().height}; }
};

/// Reads every frame once in its own type.
PixelStatistics measure_statistics(const FrameSource& source);

/// Some frames of another source, in a given order; the other source must outlive this one.
class FrameSelection : public FrameSource {
 public:
  FrameSelection(const FrameSource& source, std::vector<std::size_t> frames);
  const SourceDescription& description() const override { return description_; }
  Frame load(std::size_t i) const override;
  cv::Mat load_native(std::size_t i) const override;

 private:
  const FrameSource* source_;
  std::vector<std::size_t> frames_;
  SourceDescription description_;
};

/// Frames already in memory, for tests and for library use. All of one size; Error otherwise.
class FramesInMemory : public FrameSource {
 public:
  explicit FramesInMemory(std::vector<cv::Mat1f> frames, Calibration calibration = {},
                          double frame_interval_s = 1.0);
  const SourceDescription& description() const override { return description_; }
  Frame load(std::size_t i) const override;

 private:
  std::vector<cv::Mat1f> frames_;
  SourceDescription description_;
};

}  // namespace sinterscope
