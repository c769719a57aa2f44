// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A stack of frames as a TIFF file that ImageJ opens with its scale and frame interval, or as OME-TIFF
// (Bio-Formats, QuPath, napari), written frame by frame.
//
// One directory a frame, tags as ImageJ writes them (ImageDescription "ImageJ=...", XResolution in pixels per
// unit); OME-XML in their place where asked for. BigTIFF where the pixels exceed 4 GB. No date and no path
// inside: the same frames give the same bytes. The file appears under its name when finish() is called.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "sinterscope/experiment/calibration.h"

namespace sinterscope {

struct TiffStackFormat {
  std::size_t frames = 1;  ///< how many write() calls will follow
  Calibration calibration;
  std::optional<double> frame_interval_s;
  bool ome = false;       ///< OME-XML instead of ImageJ's description; name such a file .ome.tif
  bool deflate = false;   ///< lossless compression: for labels; raw frames compress badly
  int deflate_level = 6;  ///< of zlib; 1 takes half the time where pixels are alike in long runs
};

class TiffStackWriter {
 public:
  TiffStackWriter(const std::filesystem::path& path, TiffStackFormat format);
  ~TiffStackWriter();
  TiffStackWriter(const TiffStackWriter&) = delete;
  TiffStackWriter& operator=(const TiffStackWriter&) = delete;

  /// A frame as write() puts it into the file.
  struct Packed {
    cv::Size size;
    int type = 0;
    std::string bytes;
  };
  /// May be called from several threads at once: compressing takes longer than writing.
  Packed pack(const cv::Mat& frame) const;

  /// The next frame: CV_8U, CV_16U, CV_16S, CV_32S or CV_32F with one channel, or CV_8UC3 (R, G, B); all of
  /// one size and type.
  void write(const cv::Mat& frame) { write(pack(frame)); }
  void write(const Packed& frame);
  /// Closes the file and gives it its name. Throws Error where fewer frames came than announced.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sinterscope
