// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How large a pixel is, and how we know. A wrong pixel size is worse than none, so the source travels with
// the number.

#include <cmath>
#include <optional>
#include <string>

namespace sinterscope {

/// Pixel size in nm along x (columns) and y (rows); empty = uncalibrated.
struct Calibration {
  std::optional<double> pixel_size_x_nm;
  std::optional<double> pixel_size_y_nm;
  std::string
      source;  ///< where the number stood, e.g. "ImageJ unit=nm" or "pipeline acquisition.pixel_size_nm"

  bool calibrated() const { return pixel_size_x_nm && pixel_size_y_nm; }
  /// True unless x and y differ by more than 1 %: then diameters and areas have no single scale.
  bool square() const { return !calibrated() || std::abs(*pixel_size_x_nm / *pixel_size_y_nm - 1.0) <= 0.01; }
  /// The one pixel size in nm (geometric mean of x and y), or empty.
  std::optional<double> pixel_size_nm() const {
    if (!calibrated()) return std::nullopt;
    return std::sqrt(*pixel_size_x_nm * *pixel_size_y_nm);
  }
};

}  // namespace sinterscope
