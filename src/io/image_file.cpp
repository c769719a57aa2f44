// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/image_file.h"

#include <fmt/format.h>
#include <png.h>

#include "sinterscope/core/error.h"
#include "sinterscope/io/input_file.h"
#include "sinterscope/io/output_file.h"

namespace sinterscope {
namespace {

void on_write(png_structp png, png_bytep bytes, png_size_t count) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(bytes), count);
}

void on_flush(png_structp) {}

// libpng leaves by longjmp: what it jumps over owns nothing.
bool encode(std::string& bytes, png_bytepp rows, unsigned width, unsigned height, int bits, int colour) {
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
  if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_write_struct(&png, &info);
    return false;
  }
  png_set_write_fn(png, &bytes, &on_write, &on_flush);
  png_set_IHDR(png, info, width, height, bits, colour, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (bits == 16 && machine_order == ByteOrder::little) png_set_swap(png);
  png_write_image(png, rows);
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return true;
}

}  // namespace

std::string png_bytes(const cv::Mat& image) {
  if (image.empty() || (image.type() != CV_8UC1 && image.type() != CV_8UC3 && image.type() != CV_16UC1))
    throw Error(
        fmt::format("PNG: a picture must be 8-bit gray, 8-bit RGB or 16-bit gray and not empty, this is {} x "
                    "{} of type {}",
                    image.cols, image.rows, image.type()));
  std::vector<png_bytep> rows;
  for (int y = 0; y < image.rows; ++y)
    rows.push_back(const_cast<png_bytep>(image.ptr(y)));  // libpng only reads
  std::string bytes;
  bytes.reserve(image.total() * image.elemSize() / 2);
  if (!encode(bytes, rows.data(), static_cast<unsigned>(image.cols), static_cast<unsigned>(image.rows),
              image.depth() == CV_16U ? 16 : 8,
              image.channels() == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY))
    throw Error("PNG: the picture could not be encoded");
  return bytes;
}

void write_png(const std::filesystem::path& path, const cv::Mat& image) {
  write_file(path, png_bytes(image));
}

}  // namespace sinterscope
