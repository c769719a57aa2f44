// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Scale in a text file beside the image, as Hitachi microscopes (and older JEOL ones) write it: `<stem>.txt`,
// INI, section [SemImageFile] or [TemImageFile], keys ImageName, DataSize=1280x960, PixelSize (nm),
// SignalName; ASCII, Latin-1 or UTF-16. The image itself carries nothing.
//
// Breaks where the image was resized or cropped after export: DataSize then disagrees, and the scale is
// refused with a warning. Up to 15 % more rows than DataSize are a data bar below the image.

#include <filesystem>
#include <string>
#include <vector>

#include "sinterscope/experiment/calibration.h"

namespace sinterscope {

struct Sidecar {
  Calibration calibration;
  std::string detector;
  int info_bar_rows = 0;
  std::vector<std::string> warnings;
};

/// What the text file beside `image` says of an image of this size; empty where there is none or it is
/// another text.
Sidecar read_sidecar(const std::filesystem::path& image, int width, int height);

}  // namespace sinterscope
