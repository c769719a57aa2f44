// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What is in an image file, in words or as JSON.

#include <filesystem>
#include <string>

namespace sinterscope {

struct InspectRequest {
  std::filesystem::path file;  ///< image file, folder or pattern
  std::string dataset;         ///< which image of a file that holds several; "" = the first
  std::string detector;        ///< which detector of a file that holds several
  bool as_json = false;
  std::filesystem::path thumbnail;  ///< PNG to write of one frame; empty = none
  int thumbnail_frame = 0;
  int thumbnail_px = 512;  ///< longest side
};

/// Format, shape, calibration, time axis, statistics of one image and every dataset of the file; unknown =
/// null in JSON. Where a file holds several images and none is named, the first is described and all are
/// listed.
std::string inspect_file(const InspectRequest& request);

}  // namespace sinterscope
