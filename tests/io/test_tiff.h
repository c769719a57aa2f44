// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// TIFF files of every kind, written with libtiff or byte by byte.

#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace sinterscope::test {

struct TiffTestPage {
  cv::Mat pixels;  ///< any depth, 1 or 3 channels
  int compression = 1;
  int photometric = 1;
  int tile = 0;  ///< tile edge; 0 = strips of 7 rows
  int bits = 0;  ///< overrides the bits a sample (uint32 in CV_32S: see sample_format)
  int sample_format = 0;
  bool thumbnail = false;
  bool planar = false;
  std::string description;
  double x_resolution = 0.0;
  double y_resolution = 0.0;
  int resolution_unit = 0;
};

/// mode: "w", "wb" (big-endian), "w8" (BigTIFF), ...
void write_test_tiff(const std::filesystem::path& path, const std::vector<TiffTestPage>& pages,
                     const char* mode = "w");

/// A tag of a hand-made file: values as raw little-endian bytes.
struct RawTag {
  std::uint16_t tag;
  std::uint16_t type;
  std::uint32_t count;
  std::string bytes;
};

RawTag short_tag(std::uint16_t tag, int value);
RawTag long_tag(std::uint16_t tag, std::uint32_t value);
RawTag text_tag(std::uint16_t tag, const std::string& text);
RawTag double_tag(std::uint16_t tag, double value);
RawTag rational_tag(std::uint16_t tag, std::uint32_t over, std::uint32_t under);

/// An 8-bit gray image of one strip with additional tags, little-endian; private tags need no registration
/// here. The pixels begin at offset 8.
std::string raw_tiff(int width, int height, const std::vector<RawTag>& extra);

}  // namespace sinterscope::test
