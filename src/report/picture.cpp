// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/picture.h"

#include <fmt/format.h>

// libjpeg's header needs FILE and size_t declared before it
#include <cstdio>
// clang-format off
#include <jpeglib.h>
// clang-format on

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

/// The steps a plan tries, largest first: below 60 px a 2 nm particle of a usual field is no longer seen.
constexpr std::array<int, 13> sides{4096, 2048, 1536, 1024, 768, 640, 512, 384, 320, 256, 192, 128, 96};
constexpr std::array<int, 3> qualities{85, 70, 50};
constexpr double page_bytes_without_pictures = 0.6e6;  ///< scripts, tables and figures
constexpr double marker_bytes = 26;                    ///< of a particle, packed and in base64

[[noreturn]] void throw_jpeg_error(j_common_ptr codec) {
  std::array<char, JMSG_LENGTH_MAX> text{};
  (*codec->err->format_message)(codec, text.data());
  throw Error(std::string("a picture of the report could not be encoded: ") + text.data());
}

/// Releases the encoder and its buffer on every way out.
struct JpegEncoder {
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  unsigned char* buffer = nullptr;
  unsigned long size = 0;

  JpegEncoder() {
    codec.err = jpeg_std_error(&errors);
    errors.error_exit = throw_jpeg_error;
    jpeg_create_compress(&codec);
    jpeg_mem_dest(&codec, &buffer, &size);
  }
  JpegEncoder(const JpegEncoder&) = delete;
  JpegEncoder& operator=(const JpegEncoder&) = delete;
  ~JpegEncoder() {
    jpeg_destroy_compress(&codec);
    std::free(buffer);
  }
};

std::string encode_jpeg(const cv::Mat1b& grey, int quality) {
  JpegEncoder jpeg;
  jpeg.codec.image_width = static_cast<JDIMENSION>(grey.cols);
  jpeg.codec.image_height = static_cast<JDIMENSION>(grey.rows);
  jpeg.codec.input_components = 1;
  jpeg.codec.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&jpeg.codec);
  jpeg_set_quality(&jpeg.codec, quality, TRUE);
  jpeg.codec.optimize_coding = FALSE;  // it saves 7 % of the bytes for two thirds of the time
  jpeg_start_compress(&jpeg.codec, TRUE);
  std::vector<unsigned char> row(static_cast<std::size_t>(grey.cols));
  for (int y = 0; y < grey.rows; ++y) {
    std::copy_n(grey.ptr<unsigned char>(y), grey.cols, row.begin());
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&jpeg.codec, rows, 1);
  }
  jpeg_finish_compress(&jpeg.codec);
  return {reinterpret_cast<const char*>(jpeg.buffer), jpeg.size};
}

double mean_picture_bytes(std::span<const cv::Mat1f> examples, std::span<const GreyRange> ranges, int side,
                          int quality) {
  std::size_t bytes = 0;
  for (std::size_t k = 0; k < examples.size(); ++k)
    bytes += make_picture(examples[k], ranges[k], side, quality).size();
  return static_cast<double>(bytes) / static_cast<double>(examples.size());
}

}  // namespace

GreyRange grey_range(const cv::Mat1f& frame, double clip_percent) {
  std::vector<float> values;
  values.reserve(frame.total());
  for (const float value : frame)
    if (std::isfinite(value)) values.push_back(value);
  if (values.empty()) return {};
  const auto at = [&values](double share) {
    const auto k = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + k, values.end());
    return static_cast<double>(values[static_cast<std::size_t>(k)]);
  };
  GreyRange range{at(clip_percent / 100), at(1 - clip_percent / 100)};
  if (!(range.white > range.black)) range.white = range.black + 1;
  return range;
}

std::string make_picture(const cv::Mat1f& frame, GreyRange range, int side_px, int quality) {
  if (frame.empty()) throw Error("a picture of the report was asked from an empty frame");
  cv::Mat1f small = frame;
  const int side = std::max(frame.cols, frame.rows);
  if (side > side_px) {
    const double scale = static_cast<double>(side_px) / side;
    // To average shares of pixels takes several times as long as whole ones: these first, and what is left is
    // less than a factor of two, for which four neighbours are enough.
    if (const int whole = side / side_px; whole > 1)
      cv::resize(frame, small, {std::max(1, frame.cols / whole), std::max(1, frame.rows / whole)}, 0, 0,
                 cv::INTER_AREA);
    cv::resize(small, small,
               {std::max(1, static_cast<int>(std::lround(frame.cols * scale))),
                std::max(1, static_cast<int>(std::lround(frame.rows * scale)))},
               0, 0, cv::INTER_LINEAR);
  }
  cv::Mat1b grey;
  const double gain = 255.0 / (range.white - range.black);
  small.convertTo(grey, CV_8U, gain, -range.black * gain);
  return encode_jpeg(grey, quality);
}

PicturePlan plan_pictures(std::span<const cv::Mat1f> examples, std::size_t frames,
                          const PictureOptions& options, std::size_t particles) {
  if (examples.empty()) throw Error("plan_pictures needs at least one example frame");
  const double page_bytes = options.page_budget_MB * 1e6;
  if (!(page_bytes > 0)) return {0, 0, 0, false};
  const double other_bytes = page_bytes_without_pictures + marker_bytes * static_cast<double>(particles);
  // Even beside very many particles some frames should be seen. Base64 writes 3 bytes as 4.
  const double budget_bytes = 0.75 * std::max(page_bytes - other_bytes, 0.1 * page_bytes);
  const double pictures = static_cast<double>(frames) * (options.clean ? 2.0 : 1.0);
  std::vector<GreyRange> ranges;
  for (const cv::Mat1f& example : examples) ranges.push_back(grey_range(example, options.clip_percent));
  double smallest = 0.0;
  for (const int side : sides) {
    if (side > options.largest_side_px && side != sides.back()) continue;
    for (const int quality : qualities) {
      smallest = mean_picture_bytes(examples, ranges, side, quality);
      if (smallest * pictures <= budget_bytes) return {side, quality, 1, options.clean};
    }
  }
  const int every = static_cast<int>(std::ceil(smallest * static_cast<double>(frames) / budget_bytes));
  return {sides.back(), qualities.back(), every, false};
}

}  // namespace sinterscope
