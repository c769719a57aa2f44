// SPDX-License-Identifier: GPL-3.0-or-later
#include "map_image.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <array>

#include "chart.h"
#include "sinterscope/core/error.h"
#include "text.h"

namespace sinterscope {

std::string encode_png(const cv::Mat3b& rgb) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(rgb.cols);
  image.height = static_cast<png_uint_32>(rgb.rows);
  image.format = PNG_FORMAT_RGB;
  const cv::Mat3b pixels = rgb.isContinuous() ? rgb : rgb.clone();
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(image), '\0');
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data, 0, nullptr) == 0)
    throw Error(std::string("a picture could not be encoded: ") + image.message);
  bytes.resize(size);
  return bytes;
}

cv::Vec3b map_colour(double share) {
  static constexpr std::array<std::array<double, 3>, 4> stops{
      {{252, 250, 240}, {232, 205, 146}, {84, 153, 160}, {32, 52, 96}}};
  const double at = std::clamp(share, 0.0, 1.0) * 3.0;
  const auto low = static_cast<std::size_t>(std::min(at, 2.0));
  cv::Vec3b colour;
  for (int k = 0; k < 3; ++k) {
    const auto channel = static_cast<std::size_t>(k);
    colour[k] = cv::saturate_cast<unsigned char>(stops[low][channel] +
                                                 (at - static_cast<double>(low)) *
                                                     (stops[low + 1][channel] - stops[low][channel]));
  }
  return colour;
}

std::string map_png(const cv::Mat1d& share) {
  cv::Mat3b rgb(share.size());
  for (int row = 0; row < rgb.rows; ++row)
    for (int column = 0; column < rgb.cols; ++column)
      rgb(row, column) = map_colour(share(rgb.rows - 1 - row, column));
  return encode_png(rgb);
}

std::string image_element(double x, double y, double width, double height, std::string_view png) {
  return fmt::format(
      "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" "
      "href=\"data:image/png;base64,{}\"/>\n",
      coordinate(x), coordinate(y), coordinate(width), coordinate(height), base64(png));
}

}  // namespace sinterscope
