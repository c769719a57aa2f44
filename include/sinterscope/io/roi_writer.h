// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Outlines as an ImageJ ROI set: a ZIP archive of .roi files, which the ROI Manager opens as it is.
//
// Each ROI is an oval with sub-pixel bounds and the slice it belongs to. ImageJ counts from the corner of the
// top-left pixel, sinterscope from its centre: half a pixel is added here. Layout: ij.io.RoiEncoder of ImageJ
// 1.53 (version 227); its integer bounds overflow beyond 32767 pixels, the sub-pixel ones do not.

#include <filesystem>
#include <string>
#include <vector>

namespace sinterscope {

struct OvalRoi {
  std::string name;   ///< unique in its set, without ".roi"
  double x_px = 0.0;  ///< centre; the centre of the top-left pixel is (0, 0)
  double y_px = 0.0;
  double width_px = 0.0;
  double height_px = 0.0;
  int slice = 1;  ///< counts from 1; 0 = all slices
};

/// The bytes of one .roi file.
std::string roi_bytes(const OvalRoi& roi);

/// The file appears under its name when it is whole; the same outlines give the same bytes.
void write_roi_set(const std::filesystem::path& path, const std::vector<OvalRoi>& rois);

}  // namespace sinterscope
