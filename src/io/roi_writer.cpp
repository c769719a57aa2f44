// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/roi_writer.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/io/input_file.h"
#include "zip_writer.h"

namespace sinterscope {
namespace {

constexpr std::uint16_t roi_version = 227;
constexpr std::uint8_t oval = 2;  // 1 is a rectangle
constexpr std::uint16_t sub_pixel = 128;  // option: the float bounds hold
constexpr std::size_t header_bytes = 64;  // twice: the second one holds the name

template <typename Number>
void put(std::string& bytes, std::size_t at, Number value) {
  if (machine_order == ByteOrder::little) value = swap_bytes(value);
  bytes.replace(at, sizeof(Number), reinterpret_cast<const char*>(&value), sizeof(Number));
}

std::int16_t whole(double value) { return static_cast<std::int16_t>(std::clamp(value, -32768.0, 32767.0)); }

}  // namespace

std::string roi_bytes(const OvalRoi& roi) {
  const double left = roi.x_px + 0.5 - 0.5 * roi.width_px;
  const double top = roi.y_px + 0.5 - 0.5 * roi.height_px;
  std::string bytes(2 * header_bytes, '\0');
  bytes.replace(0, 4, "Iout");
  put(bytes, 4, roi_version);
  put(bytes, 6, oval);
  put(bytes, 8, whole(std::floor(top)));
  put(bytes, 10, whole(std::floor(left)));
  put(bytes, 12, whole(std::ceil(top + roi.height_px)));
  put(bytes, 14, whole(std::ceil(left + roi.width_px)));
  put(bytes, 18, static_cast<float>(left));
  put(bytes, 22, static_cast<float>(top));
  put(bytes, 26, static_cast<float>(roi.width_px));
  put(bytes, 30, static_cast<float>(roi.height_px));
  put(bytes, 50, sub_pixel);
  put(bytes, 56, static_cast<std::uint32_t>(roi.slice));
  put(bytes, 60, static_cast<std::uint32_t>(header_bytes));
  put(bytes, header_bytes + 16, static_cast<std::uint32_t>(2 * header_bytes));  // where the name stands
  put(bytes, header_bytes + 20, static_cast<std::uint32_t>(roi.name.size()));
  for (const char c : roi.name) {  // as Java's characters of two bytes
    bytes.push_back('\0');
    bytes.push_back(static_cast<unsigned char>(c) < 0x80 ? c : '_');
  }
  return bytes;
}

void write_roi_set(const std::filesystem::path& path, const std::vector<OvalRoi>& rois) {
  ZipWriter archive(path);
  for (const OvalRoi& roi : rois) archive.add(roi.name + ".roi", roi_bytes(roi));
  archive.finish();
}

}  // namespace sinterscope
