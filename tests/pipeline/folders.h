// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Folders and small files for tests of the whole way.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <sstream>
#include <string>

#include "sinterscope/io/tiff_writer.h"

namespace sinterscope {

/// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sinterscope_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::filesystem::path write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

inline void write_stack(const std::filesystem::path& path, const std::vector<cv::Mat>& frames,
                        double pixel_size_nm = 0.2) {
  TiffStackFormat format;
  format.frames = frames.size();
  if (pixel_size_nm > 0.0) format.calibration = {pixel_size_nm, pixel_size_nm, "test"};
  TiffStackWriter writer(path, format);
  for (const cv::Mat& frame : frames) writer.write(frame);
  writer.finish();
}

/// A small experiment of two holds and one region.
inline std::filesystem::path small_scene(const TemporaryFolder& folder) {
  return write_text(folder / "scene.json", R"j({"schema": "sinterscope/scene/1", "name": "small", "seed": 5,
    "sample": {"particle": "PdO", "support": "CeO2(100)"},
    "optics": {"width_px": 256, "height_px": 256, "pixel_size_nm": 0.2}, "support": {"kind": "flat"},
    "detector": {"gain": 2, "offset": 20, "read_noise": 2}, "population": {"c_tot": 0.03},
    "programme": [{"temperature_c": 200, "frames": 2, "c_np": 0.02, "mean_diameter_nm": 2.05},
                  {"temperature_c": 500, "start_s": 100, "frames": 2, "c_np": 0.0, "mean_diameter_nm": 2.05}]})j");
}

}  // namespace sinterscope
