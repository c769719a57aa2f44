// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/jpeg_frames.h"

#include <fmt/format.h>

#include <array>
#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>
// after jpeglib.h, which it needs
#include <jerror.h>

#include "sinterscope/io/still_image.h"

namespace sinterscope {
namespace {

// libjpeg leaves by longjmp: what it jumps over owns nothing.
struct JpegErrors {
  jpeg_error_mgr manager;  // first: libjpeg hands back a pointer to it
  std::jmp_buf back;
  std::array<char, JMSG_LENGTH_MAX> message;
};

void on_error(j_common_ptr state) {
  auto* errors = reinterpret_cast<JpegErrors*>(state->err);
  state->err->format_message(state, errors->message.data());
  std::longjmp(errors->back, 1);
}

// A file cut short is told as a warning and filled up: for us it is an error.
void on_message(j_common_ptr state, int level) {
  const int code = state->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) on_error(state);
}

struct JpegHeader {
  unsigned width = 0;
  unsigned height = 0;
  int channels = 0;
};

// Reads the header, and the pixels where `rows` is given; false with a message on failure.
bool read_jpeg(const std::string& bytes, JpegHeader& header, unsigned char* target,
               std::array<char, JMSG_LENGTH_MAX>& message) {
  jpeg_decompress_struct state;
  JpegErrors errors;
  state.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = &on_error;
  errors.manager.emit_message = &on_message;
  if (setjmp(errors.back) != 0) {
    message = errors.message;
    jpeg_destroy_decompress(&state);
    return false;
  }
  jpeg_create_decompress(&state);
  jpeg_mem_src(&state, reinterpret_cast<const unsigned char*>(bytes.data()),
               static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&state, TRUE);
  const bool gray = state.num_components == 1;
  if (target == nullptr) {
    header = {state.image_width, state.image_height, state.num_components};
  } else {
    state.out_color_space = gray ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&state);
    const std::size_t row_bytes =
        static_cast<std::size_t>(state.output_width) * static_cast<unsigned>(state.output_components);
    while (state.output_scanline < state.output_height) {
      JSAMPROW row = target + state.output_scanline * row_bytes;
      jpeg_read_scanlines(&state, &row, 1);
    }
    jpeg_finish_decompress(&state);
  }
  jpeg_destroy_decompress(&state);
  return true;
}

constexpr std::uint64_t max_file_bytes = 1U << 30U;

std::string read_bytes(const InputFile& file) {
  if (file.size() > max_file_bytes) throw file.error("is larger than 1 GB: not a sane JPEG file");
  return file.text(0, file.size(), "file");
}

cv::Mat decode(const std::filesystem::path& path, int width, int height, int channels) {
  const InputFile file(path, "JPEG");
  const std::string bytes = read_bytes(file);
  cv::Mat image(height, width, CV_MAKETYPE(CV_8U, channels));
  JpegHeader header;
  std::array<char, JMSG_LENGTH_MAX> message{};
  if (!read_jpeg(bytes, header, image.data, message))
    throw file.error(fmt::format("image data cannot be decoded: {}", message.data()));
  return image;
}

}  // namespace

bool is_jpeg(std::string_view head) { return head.substr(0, 3) == "\xFF\xD8\xFF"; }

std::unique_ptr<FrameSource> open_jpeg(const std::filesystem::path& path, const OpenOptions& options) {
  const InputFile file(path, "JPEG");
  JpegHeader header;
  std::array<char, JMSG_LENGTH_MAX> message{};
  if (!read_jpeg(read_bytes(file), header, nullptr, message))
    throw file.error(fmt::format("header cannot be read: {}", message.data()));
  if (header.channels != 1 && header.channels != 3)
    throw file.error(
        fmt::format("{} colour components (CMYK?) are not supported: convert to gray", header.channels));
  // A block of 64 pixels takes two bits at least.
  if (static_cast<std::uint64_t>(header.width) * header.height / 256 > file.size())
    throw file.error(fmt::format("{} x {} pixels cannot come out of {} bytes: damaged", header.width,
                                 header.height, file.size()));
  StillImage image;
  image.format = "JPEG";
  image.width = header.width;
  image.height = header.height;
  image.channels = header.channels;
  image.gray_tolerance = 2.0;  // rounding of the colour transform
  image.warnings.emplace_back("JPEG is lossy: fine contrast and noise are not those of the detector");
  image.decode = [path, header] {
    return decode(path, static_cast<int>(header.width), static_cast<int>(header.height), header.channels);
  };
  return open_still_image(path, std::move(image), options);
}

}  // namespace sinterscope
