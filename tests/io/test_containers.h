// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Small DM3/DM4, SER, MRC and BMP files, byte by byte, and JPEG through libjpeg.

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace sinterscope::test {

struct DmTestImage {
  std::string name = "frame";
  int data_type = 10;                     ///< DM's number: 10 = uint16, 2 = float32, ...
  std::vector<std::uint32_t> dimensions;  ///< fastest first
  std::string pixels;                     ///< in the byte order of the file
  std::vector<double> scales;             ///< may be fewer than dimensions
  std::vector<std::string> units;         ///< Latin-1, one each scale
  std::string signal;                     ///< ImageTags.DataBar.Signal Name
};

struct DmTestFile {
  int version = 3;
  bool little = true;
  bool thumbnail_first = true;  ///< an RGB thumbnail in front, named in Thumbnails
  std::vector<DmTestImage> images;
};

std::string dm_bytes(const DmTestFile& file);

struct SerTestFile {
  int version = 0x210;
  std::uint32_t kind = 0x4122;
  std::uint32_t announced = 0;  ///< 0 = as many as there are
  int data_type = 2;            ///< 2 = uint16
  double delta_m = 0.5e-9;
  std::vector<cv::Mat> frames;        ///< row 0 on top; stored bottom-up
  std::vector<std::uint32_t> clocks;  ///< unix seconds, one a frame; may be empty
};

std::string ser_bytes(const SerTestFile& file);
/// An .emi with these blocks of XML text inside <ObjectInfo>.
std::string emi_bytes(const std::vector<std::string>& blocks);

struct MrcTestFile {
  int mode = 6;
  std::vector<cv::Mat> sections;
  double pixel_angstrom = 2.0;  ///< 0 = no cell
  int extended_bytes = 0;
  bool big_endian = false;  ///< header only makes sense with one-byte pixels
  std::string stamp = "MAP ";
};

std::string mrc_bytes(const MrcTestFile& file);

/// height < 0: rows from top to bottom.
std::string bmp_bytes(int width, int height, int bits, const std::string& palette, const std::string& pixels);
/// 8-bit gray or RGB at quality 95.
std::string jpeg_bytes(const cv::Mat& image);

/// The pixels of a continuous matrix as they lie in memory.
std::string pixels_of(const cv::Mat& matrix);

}  // namespace sinterscope::test
