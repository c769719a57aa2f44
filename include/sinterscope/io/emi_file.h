// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The .emi file of a TIA experiment: XML blocks <ObjectInfo> inside a binary file; the n-th belongs to the
// data file
// `<name>_n.ser`. There may be fewer blocks than data files.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sinterscope {

struct EmiObject {
  std::string detector;  ///< camera, or the signal of a scanned image ("BF", "DF4")
  std::string mode;      ///< as the microscope put it: "STEM nP SA Zoom Diffraction"
  std::optional<double> frame_time_s;

  /// A camera image in diffraction mode. (In STEM the projector shows diffraction while the scan makes an
  /// image.)
  bool diffraction() const {
    return mode.find("Diffraction") != mode.npos && mode.compare(0, 4, "STEM") != 0;
  }
};

bool is_emi(std::string_view head);

std::vector<EmiObject> read_emi(const std::filesystem::path& path);

}  // namespace sinterscope
