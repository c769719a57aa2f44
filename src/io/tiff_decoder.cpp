// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/tiff_decoder.h"

#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

// libtiff speaks through one callback a process; the message is kept per thread and told with our own error.
thread_local std::string last_libtiff_message;

void keep_message(const char* module, const char* format, va_list arguments) {
  std::array<char, 256> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  last_libtiff_message = fmt::format("{}: {}", module == nullptr ? "libtiff" : module, text.data());
}

void silence_libtiff() {
  static std::once_flag once;
  std::call_once(once, [] {
    TIFFSetErrorHandler(&keep_message);
    TIFFSetWarningHandler(nullptr);  // it warns of every private tag
  });
}

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using TiffHandle = std::unique_ptr<TIFF, CloseTiff>;

void read_strips(TIFF* tiff, const TiffPageFormat& format, std::size_t sample_bytes, unsigned char* target,
                 int planes) {
  const std::size_t row_bytes =
      format.width * sample_bytes * static_cast<std::size_t>(planes == 1 ? format.samples : 1);
  std::uint32_t rows_per_strip = 0;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &rows_per_strip);
  rows_per_strip = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(rows_per_strip, 1, format.height));
  const auto strips = static_cast<std::uint32_t>((format.height + rows_per_strip - 1) / rows_per_strip);
  for (int plane = 0; plane < planes; ++plane)
    for (std::uint32_t strip = 0; strip < strips; ++strip) {
      const std::uint64_t first_row = static_cast<std::uint64_t>(strip) * rows_per_strip;
      const std::uint64_t rows = std::min<std::uint64_t>(rows_per_strip, format.height - first_row);
      const auto bytes = static_cast<tmsize_t>(rows * row_bytes);
      const std::uint32_t number = static_cast<std::uint32_t>(plane) * strips + strip;
      unsigned char* to =
          target + (static_cast<std::uint64_t>(plane) * format.height + first_row) * row_bytes;
      if (TIFFReadEncodedStrip(tiff, number, to, bytes) != bytes)
        throw Error(
            fmt::format("strip {} of {} cannot be decoded ({})", number, strips, last_libtiff_message));
    }
}

void read_tiles(TIFF* tiff, const TiffPageFormat& format, std::size_t sample_bytes, unsigned char* target,
                int planes) {
  const std::size_t pixel_bytes = sample_bytes * static_cast<std::size_t>(planes == 1 ? format.samples : 1);
  std::uint32_t tile_width = 0;
  std::uint32_t tile_height = 0;
  TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &tile_width);
  TIFFGetField(tiff, TIFFTAG_TILELENGTH, &tile_height);
  if (tile_width == 0 || tile_height == 0 || tile_width > 2 * format.width + 4096 ||
      tile_height > 2 * format.height + 4096)
    throw Error(fmt::format("tiles of {} x {} pixels: damaged", tile_width, tile_height));
  const std::size_t tile_row = tile_width * pixel_bytes;
  std::vector<unsigned char> tile(tile_row * tile_height);
  for (int plane = 0; plane < planes; ++plane)
    for (std::uint64_t y = 0; y < format.height; y += tile_height)
      for (std::uint64_t x = 0; x < format.width; x += tile_width) {
        const std::uint32_t number =
            TIFFComputeTile(tiff, static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 0,
                            static_cast<std::uint16_t>(plane));
        const auto bytes = static_cast<tmsize_t>(tile.size());
        if (TIFFReadEncodedTile(tiff, number, tile.data(), bytes) != bytes)
          throw Error(fmt::format("tile {} cannot be decoded ({})", number, last_libtiff_message));
        const std::size_t columns = std::min<std::uint64_t>(tile_width, format.width - x) * pixel_bytes;
        for (std::uint64_t row = y; row < std::min<std::uint64_t>(y + tile_height, format.height); ++row)
          std::copy_n(
              tile.data() + (row - y) * tile_row, columns,
              target + ((static_cast<std::uint64_t>(plane) * format.height + row) * format.width + x) *
                           pixel_bytes);
      }
}

// The samples of one page, channels interleaved.
cv::Mat decode_page(TIFF* tiff, const TiffPage& page, SampleType type) {
  const TiffPageFormat& format = page.format;
  last_libtiff_message.clear();
  if (TIFFSetSubDirectory(tiff, page.offset) == 0)
    throw Error(
        fmt::format("page directory at offset {} cannot be read ({})", page.offset, last_libtiff_message));
  if (format.compression == COMPRESSION_JPEG) TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  const int planes = format.planar == PLANARCONFIG_SEPARATE ? format.samples : 1;
  const int rows = static_cast<int>(format.height);
  const int columns = static_cast<int>(format.width);
  // Planes of a planar image stand below each other, samples of an interleaved one beside each other.
  const int all_rows = rows * planes;
  const int all_columns = columns * (planes == 1 ? format.samples : 1);
  const auto read = TIFFIsTiled(tiff) != 0 ? &read_tiles : &read_strips;
  cv::Mat samples;
  if (matrix_holds(type)) {
    samples.create(all_rows, all_columns, depth_of(type));
    read(tiff, format, bytes_of(type), samples.data, planes);
  } else {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(all_rows) *
                                     static_cast<std::size_t>(all_columns) * bytes_of(type));
    read(tiff, format, bytes_of(type), bytes.data(), planes);
    samples = matrix_from_bytes(bytes.data(), all_rows, all_columns, type, machine_order);
  }
  if (planes == 1) return samples.reshape(format.samples, rows);
  std::vector<cv::Mat> channels;
  for (int plane = 0; plane < planes; ++plane)
    channels.push_back(samples.rowRange(plane * rows, (plane + 1) * rows));
  cv::Mat merged;
  cv::merge(channels, merged);
  return merged;
}

}  // namespace

TiffDecoder::TiffDecoder(std::filesystem::path path) : path_(std::move(path)) { silence_libtiff(); }

cv::Mat TiffDecoder::decode(const TiffPage& page, SampleType type) const {
  // A handle carries a position, so each load has its own; and a compressed frame, so none is kept: a region
  // may have hundreds of files. c: without it libtiff cuts a large strip into pieces of 8 kB. m: without it
  // the file is mapped, so every page once read counts as memory of the process, and a file that is cut while
  // it is read is a SIGBUS. h: the first directory is not read.
  const TiffHandle handle(TIFFOpen(path_.c_str(), "rcmh"));
  if (!handle) throw Error(last_libtiff_message);
  return decode_page(handle.get(), page, type);
}

}  // namespace sinterscope
