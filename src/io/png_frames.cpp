// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/png_frames.h"

#include <fmt/format.h>
#include <png.h>

#include <array>
#include <cstdio>

#include "sinterscope/io/still_image.h"

namespace sinterscope {
namespace {

constexpr std::string_view png_mark("\x89PNG\r\n\x1A\n", 8);

// libpng leaves by longjmp: what it jumps over owns nothing.
struct PngSource {
  const InputFile* file = nullptr;
  std::uint64_t position = 0;
  std::array<char, 200> message{};
};

void on_error(png_structp png, png_const_charp message) {
  auto* source = static_cast<PngSource*>(png_get_error_ptr(png));
  std::snprintf(source->message.data(), source->message.size(), "%s", message);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

bool read_bytes(PngSource& source, png_bytep target, png_size_t count) {
  try {
    source.file->read(source.position, target, count, "image data");
    source.position += count;
    return true;
  } catch (const Error&) {
    return false;
  }
}

void on_read(png_structp png, png_bytep target, png_size_t count) {
  auto* source = static_cast<PngSource*>(png_get_io_ptr(png));
  if (!read_bytes(*source, target, count)) png_error(png, "the file ends before the image does");
}

// Decodes into rows of the announced size; false with a message on failure.
bool decode_rows(PngSource& source, png_bytepp rows, std::size_t row_bytes) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, &on_error, &on_warning);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  if (info == nullptr) {
    png_destroy_read_struct(&png, nullptr, nullptr);
    return false;
  }
  if (setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  png_set_read_fn(png, &source, &on_read);
  png_read_info(png, info);
  png_set_expand(png);  // palette to RGB, gray below 8 bits to 8
  png_set_strip_alpha(png);
  if (png_get_bit_depth(png, info) == 16 && machine_order == ByteOrder::little) png_set_swap(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != row_bytes) png_error(png, "rows are not as long as the header says");
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  png_destroy_read_struct(&png, &info, nullptr);
  return true;
}

cv::Mat decode(const std::filesystem::path& path, int width, int height, int type) {
  const InputFile file(path, "PNG");
  cv::Mat image(height, width, type);
  std::vector<png_bytep> rows;
  for (int y = 0; y < height; ++y) rows.push_back(image.ptr(y));
  PngSource source;
  source.file = &file;
  if (!decode_rows(source, rows.data(), static_cast<std::size_t>(width) * image.elemSize()))
    throw file.error(
        fmt::format("image data cannot be decoded at offset {}: {}", source.position, source.message.data()));
  return image;
}

}  // namespace

bool is_png(std::string_view head) { return head.substr(0, png_mark.size()) == png_mark; }

std::unique_ptr<FrameSource> open_png(const std::filesystem::path& path, const OpenOptions& options) {
  const InputFile file(path, "PNG");
  if (file.text(0, 8, "signature") != png_mark || file.text(12, 4, "header chunk") != "IHDR")
    throw file.error("no IHDR chunk at offset 8: damaged");
  StillImage image;
  image.format = "PNG";
  image.width = file.number<std::uint32_t>(16, ByteOrder::big, "width");
  image.height = file.number<std::uint32_t>(20, ByteOrder::big, "height");
  const int bits = file.number<std::uint8_t>(24, ByteOrder::big, "bit depth");
  const int colour = file.number<std::uint8_t>(25, ByteOrder::big, "colour type");
  image.channels = (colour & 2) != 0 ? 3 : 1;
  image.type = bits == 16 ? SampleType::u16 : SampleType::u8;
  // Deflate shrinks by 1032 at most, and a gray pixel may take a single bit.
  if (image.width > 0 && image.height / 8256 > file.size() / image.width + 1)
    throw file.error(fmt::format("{} x {} pixels cannot come out of {} bytes: damaged", image.width,
                                 image.height, file.size()));
  const int type = CV_MAKETYPE(depth_of(image.type), image.channels);
  image.decode = [path, type, width = static_cast<int>(image.width),
                  height = static_cast<int>(image.height)] { return decode(path, width, height, type); };
  return open_still_image(path, std::move(image), options);
}

}  // namespace sinterscope
