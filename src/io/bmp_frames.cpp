// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/bmp_frames.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "sinterscope/io/still_image.h"

namespace sinterscope {
namespace {

struct BmpLayout {
  std::uint64_t pixels = 0;  // offset
  std::uint64_t row_bytes = 0;
  int width = 0;
  int height = 0;
  int bytes_per_pixel = 1;
  bool top_down = false;
  std::array<cv::Vec3b, 256> palette{};
};

cv::Mat decode(const std::filesystem::path& path, const BmpLayout& layout) {
  const InputFile file(path, "BMP");
  cv::Mat3b image(layout.height, layout.width);
  std::vector<unsigned char> row(layout.row_bytes);
  for (int y = 0; y < layout.height; ++y) {
    file.read(layout.pixels + static_cast<std::uint64_t>(y) * layout.row_bytes, row.data(), row.size(),
              "pixel data");
    cv::Vec3b* out = image[layout.top_down ? y : layout.height - 1 - y];
    for (int x = 0; x < layout.width; ++x) {
      const unsigned char* pixel =
          row.data() + static_cast<std::size_t>(x) * static_cast<std::size_t>(layout.bytes_per_pixel);
      out[x] = layout.bytes_per_pixel == 1 ? layout.palette[*pixel] : cv::Vec3b(pixel[2], pixel[1], pixel[0]);
    }
  }
  return image;
}

}  // namespace

bool is_bmp(std::string_view head) {
  // "BM" alone may begin a text: the header size that follows is one of a few.
  if (head.size() < 18 || head.substr(0, 2) != "BM") return false;
  const auto header = number_from<std::uint32_t>(head.data() + 14, ByteOrder::little);
  return header == 40 || header == 52 || header == 56 || header == 108 || header == 124;
}

std::unique_ptr<FrameSource> open_bmp(const std::filesystem::path& path, const OpenOptions& options) {
  const InputFile file(path, "BMP");
  const auto whole = [&file](std::uint64_t offset, const char* field) {
    return file.number<std::int32_t>(offset, ByteOrder::little, field);
  };
  const std::int64_t height = whole(22, "height");
  const int bits = file.number<std::uint16_t>(28, ByteOrder::little, "bits per pixel");
  const int compression = whole(30, "compression");
  const bool plain = compression == 0 || (compression == 3 && bits == 32);
  if ((bits != 8 && bits != 24 && bits != 32) || !plain)
    throw file.error(fmt::format("{} bits a pixel with compression {} are not supported: save as 8-bit gray",
                                 bits, compression));
  StillImage image;
  image.format = "BMP";
  image.width = static_cast<std::uint32_t>(whole(18, "width"));
  image.height = static_cast<std::uint64_t>(std::abs(height));
  image.channels = 3;  // palettes are colours too; equal channels become gray
  BmpLayout layout;
  layout.pixels = file.number<std::uint32_t>(10, ByteOrder::little, "pixel data offset");
  layout.bytes_per_pixel = bits / 8;
  layout.row_bytes = (image.width * static_cast<std::uint64_t>(layout.bytes_per_pixel) + 3) / 4 * 4;
  layout.width = static_cast<int>(image.width);
  layout.height = static_cast<int>(image.height);
  layout.top_down = height < 0;
  if (image.height > file.size() || layout.row_bytes > file.size())
    throw file.error(fmt::format("{} x {} pixels do not fit a file of {} bytes: damaged", image.width,
                                 image.height, file.size()));
  file.require(layout.pixels, image.height * layout.row_bytes, "pixel data");
  if (bits == 8) {
    const std::uint64_t start = 14 + static_cast<std::uint64_t>(whole(14, "header size"));
    const auto used = static_cast<std::uint32_t>(whole(46, "palette size"));
    const std::size_t entries = used == 0 || used > 256 ? 256 : used;
    const std::string colours = file.text(start, entries * 4, "palette");
    for (std::size_t i = 0; i < entries; ++i) {
      const auto* bgr = reinterpret_cast<const unsigned char*>(colours.data()) + i * 4;
      layout.palette[i] = {bgr[2], bgr[1], bgr[0]};
    }
  }
  image.decode = [path, layout] { return decode(path, layout); };
  return open_still_image(path, std::move(image), options);
}

}  // namespace sinterscope
