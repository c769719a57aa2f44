// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/animated_png.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

constexpr std::string_view signature{"\x89PNG\r\n\x1a\n", 8};

std::string big_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xff);
  return text;
}

std::uint32_t read_big_endian(std::string_view four_bytes) {
  std::uint32_t value = 0;
  for (const char byte : four_bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::string chunk(std::string_view type, std::string_view data) {
  const std::string body = std::string(type) + std::string(data);
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(data.size()), 4) + body +
         big_endian(static_cast<std::uint32_t>(sum), 4);
}

struct Still {
  std::string_view header;                   ///< content of IHDR: size and type
  std::vector<std::string_view> pixel_data;  ///< contents of the IDAT chunks
};

Still take_apart(std::string_view png, std::size_t number) {
  const auto damaged = [number] { return Error(fmt::format("picture {} of a film is no PNG", number)); };
  if (png.substr(0, signature.size()) != signature) throw damaged();
  png.remove_prefix(signature.size());
  Still still;
  while (png.size() >= 12) {
    const std::size_t length = read_big_endian(png);
    if (length > png.size() - 12) throw damaged();
    const std::string_view type = png.substr(4, 4), data = png.substr(8, length);
    if (type == "IHDR") still.header = data;
    if (type == "IDAT") still.pixel_data.push_back(data);
    png.remove_prefix(length + 12);
  }
  if (still.header.size() != 13 || still.pixel_data.empty()) throw damaged();
  return still;
}

}  // namespace

std::string animated_png(const std::vector<std::string>& pictures, double frames_per_s) {
  if (pictures.empty() || !(frames_per_s > 0.0))
    throw Error(fmt::format("a film of {} pictures at {} per second: needs one picture and a positive rate",
                            pictures.size(), frames_per_s));
  const auto delay_ms =
      static_cast<std::uint32_t>(std::clamp(std::round(1000.0 / frames_per_s), 1.0, 65535.0));
  std::string film, header;
  std::uint32_t sequence = 0;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const Still still = take_apart(pictures[i], i);
    if (i == 0) {
      header = still.header;
      film = std::string(signature) + chunk("IHDR", header) +
             chunk("acTL", big_endian(static_cast<std::uint32_t>(pictures.size()), 4) + big_endian(0, 4));
    } else if (still.header != header) {
      throw Error(fmt::format("picture {} of a film differs from the first in size or type", i));
    }
    // whole picture, at the corner, shown for delay_ms / 1000 s, replacing what was there
    film +=
        chunk("fcTL", big_endian(sequence++, 4) + header.substr(0, 8) + big_endian(0, 4) + big_endian(0, 4) +
                          big_endian(delay_ms, 2) + big_endian(1000, 2) + big_endian(0, 2));
    for (const std::string_view data : still.pixel_data)
      film += i == 0 ? chunk("IDAT", data) : chunk("fdAT", big_endian(sequence++, 4) + std::string(data));
  }
  return film + chunk("IEND", "");
}

}  // namespace sinterscope
