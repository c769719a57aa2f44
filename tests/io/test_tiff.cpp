// SPDX-License-Identifier: GPL-3.0-or-later
#include "test_tiff.h"

#include <tiffio.h>

#include <algorithm>
#include <cstring>

namespace sinterscope::test {
namespace {

std::string little(std::uint64_t value, int bytes) {
  std::string result;
  for (int i = 0; i < bytes; ++i) result.push_back(static_cast<char>(value >> (8 * i) & 0xFFU));
  return result;
}

int default_format(int depth) {
  if (depth == CV_32F || depth == CV_64F) return SAMPLEFORMAT_IEEEFP;
  return depth == CV_8S || depth == CV_16S || depth == CV_32S ? SAMPLEFORMAT_INT : SAMPLEFORMAT_UINT;
}

void write_tiles(TIFF* tiff, const TiffTestPage& page) {
  const int edge = page.tile;
  const std::size_t pixel = page.pixels.elemSize();
  for (int y = 0; y < page.pixels.rows; y += edge)
    for (int x = 0; x < page.pixels.cols; x += edge) {
      std::vector<unsigned char> tile(static_cast<std::size_t>(edge) * edge * pixel, 0);
      for (int row = 0; row < std::min(edge, page.pixels.rows - y); ++row)
        std::memcpy(tile.data() + static_cast<std::size_t>(row) * edge * pixel,
                    page.pixels.ptr(y + row) + x * pixel,
                    static_cast<std::size_t>(std::min(edge, page.pixels.cols - x)) * pixel);
      TIFFWriteEncodedTile(tiff, TIFFComputeTile(tiff, x, y, 0, 0), tile.data(),
                           static_cast<tmsize_t>(tile.size()));
    }
}

void write_strips(TIFF* tiff, const cv::Mat& pixels, int rows_per_strip, std::uint32_t first_strip) {
  std::uint32_t strip = first_strip;
  for (int y = 0; y < pixels.rows; y += rows_per_strip) {
    cv::Mat rows = pixels.rowRange(y, std::min(y + rows_per_strip, pixels.rows)).clone();
    TIFFWriteEncodedStrip(tiff, strip++, rows.data, static_cast<tmsize_t>(rows.total() * rows.elemSize()));
  }
}

}  // namespace

void write_test_tiff(const std::filesystem::path& path, const std::vector<TiffTestPage>& pages,
                     const char* mode) {
  constexpr int rows_per_strip = 7;
  TIFF* tiff = TIFFOpen(path.c_str(), mode);
  for (const TiffTestPage& page : pages) {
    const cv::Mat& pixels = page.pixels;
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, pixels.cols);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, pixels.rows);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE,
                 page.bits != 0 ? page.bits : static_cast<int>(pixels.elemSize1() * 8));
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, pixels.channels());
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT,
                 page.sample_format != 0 ? page.sample_format : default_format(pixels.depth()));
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, page.photometric);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, page.compression);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, page.planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    if (page.thumbnail) TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
    if (!page.description.empty()) TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, page.description.c_str());
    if (page.x_resolution > 0.0) {
      TIFFSetField(tiff, TIFFTAG_XRESOLUTION, page.x_resolution);
      TIFFSetField(tiff, TIFFTAG_YRESOLUTION,
                   page.y_resolution > 0.0 ? page.y_resolution : page.x_resolution);
    }
    if (page.resolution_unit != 0) TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, page.resolution_unit);
    if (page.tile > 0) {
      TIFFSetField(tiff, TIFFTAG_TILEWIDTH, page.tile);
      TIFFSetField(tiff, TIFFTAG_TILELENGTH, page.tile);
      write_tiles(tiff, page);
    } else {
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, rows_per_strip);
      if (page.planar) {
        const auto strips = static_cast<std::uint32_t>((pixels.rows + rows_per_strip - 1) / rows_per_strip);
        std::vector<cv::Mat> channels;
        cv::split(pixels, channels);
        for (std::uint32_t c = 0; c < channels.size(); ++c)
          write_strips(tiff, channels[c], rows_per_strip, c * strips);
      } else {
        write_strips(tiff, pixels, rows_per_strip, 0);
      }
    }
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
}

RawTag short_tag(std::uint16_t tag, int value) {
  return {tag, 3, 1, little(static_cast<std::uint64_t>(value), 2)};
}
RawTag long_tag(std::uint16_t tag, std::uint32_t value) { return {tag, 4, 1, little(value, 4)}; }
RawTag text_tag(std::uint16_t tag, const std::string& text) {
  return {tag, 2, static_cast<std::uint32_t>(text.size() + 1), text + '\0'};
}
RawTag double_tag(std::uint16_t tag, double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  return {tag, 12, 1, little(bits, 8)};
}
RawTag rational_tag(std::uint16_t tag, std::uint32_t over, std::uint32_t under) {
  return {tag, 5, 1, little(over, 4) + little(under, 4)};
}

std::string raw_tiff(int width, int height, const std::vector<RawTag>& extra) {
  std::vector<RawTag> tags{short_tag(256, width), short_tag(257, height),
                           short_tag(258, 8),     short_tag(259, 1),
                           short_tag(262, 1),     long_tag(273, 8),
                           short_tag(277, 1),     long_tag(279, static_cast<std::uint32_t>(width * height))};
  tags.insert(tags.end(), extra.begin(), extra.end());
  std::stable_sort(tags.begin(), tags.end(), [](const RawTag& a, const RawTag& b) { return a.tag < b.tag; });
  std::string pixels;
  for (int i = 0; i < width * height; ++i) pixels.push_back(static_cast<char>(i % 251));
  std::string values;
  const std::size_t values_start = 8 + pixels.size();
  std::string entries;
  for (const RawTag& tag : tags) {
    entries += little(tag.tag, 2) + little(tag.type, 2) + little(tag.count, 4);
    if (tag.bytes.size() <= 4) {
      entries += tag.bytes + std::string(4 - tag.bytes.size(), '\0');
    } else {
      entries += little(values_start + values.size(), 4);
      values += tag.bytes;
    }
  }
  return "II" + little(42, 2) + little(values_start + values.size(), 4) + pixels + values +
         little(tags.size(), 2) + entries + little(0, 4);
}

}  // namespace sinterscope::test
