// SPDX-License-Identifier: GPL-3.0-or-later
#include "test_containers.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <jpeglib.h>

namespace sinterscope::test {
namespace {

template <typename Number>
std::string bytes_of_number(Number value, bool little = true) {
  std::string bytes(reinterpret_cast<const char*>(&value), sizeof(value));
  if (!little) std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

std::string text_of_units(const std::string& text, bool little) {
  std::string bytes;
  for (const char c : text)
    bytes += bytes_of_number(static_cast<std::uint16_t>(static_cast<unsigned char>(c)), little);
  return bytes;
}

// Writes the entries of a DM tag tree.
class DmBuilder {
 public:
  DmBuilder(int version, bool little) : version_(version), little_(little) {}

  std::string count(std::uint64_t value) const {
    return version_ == 4 ? bytes_of_number(value, false)
                         : bytes_of_number(static_cast<std::uint32_t>(value), false);
  }
  std::string body(const std::vector<std::string>& children) const {
    std::string bytes("\x01\x00", 2);
    bytes += count(children.size());
    for (const std::string& child : children) bytes += child;
    return bytes;
  }
  std::string group(const std::string& name, const std::vector<std::string>& children) const {
    return entry('\x14', name, body(children));
  }
  template <typename Number>
  std::string number(const std::string& name, std::uint64_t type, Number value) const {
    return entry('\x15', name, "%%%%" + count(1) + count(type) + bytes_of_number(value, little_));
  }
  std::string array(const std::string& name, std::uint64_t type, std::uint64_t length,
                    const std::string& bytes) const {
    return entry('\x15', name, "%%%%" + count(3) + count(20) + count(type) + count(length) + bytes);
  }
  std::string text(const std::string& name, const std::string& value) const {
    return array(name, 4, value.size(), text_of_units(value, little_));
  }
  // A struct and an array of structs, which readers step over.
  std::string rectangle(const std::string& name) const {
    const std::string fields = count(15) + count(0) + count(2) + count(0) + count(6) + count(0) + count(6);
    return entry('\x15', name, "%%%%" + count(7) + fields + std::string(8, '\0'));
  }
  std::string rectangles(const std::string& name) const {
    const std::string fields = count(15) + count(0) + count(2) + count(0) + count(6) + count(0) + count(3);
    return entry('\x15', name, "%%%%" + count(9) + count(20) + fields + count(3) + std::string(24, '\0'));
  }

 private:
  std::string entry(char kind, const std::string& name, const std::string& content) const {
    std::string bytes(1, kind);
    bytes += bytes_of_number(static_cast<std::uint16_t>(name.size()), false) + name;
    if (version_ == 4) bytes += bytes_of_number(static_cast<std::uint64_t>(content.size()), false);
    return bytes + content;
  }
  int version_;
  bool little_;
};

std::uint64_t bytes_of_dm_pixel(int data_type) {
  switch (data_type) {
    case 6:
    case 9:
    case 14:
      return 1;
    case 1:
    case 10:
      return 2;
    case 12:
    case 3:
      return 8;
    default:
      return 4;
  }
}

std::string dm_image(const DmBuilder& dm, const DmTestImage& image) {
  static const std::vector<int> tag_types{0, 2, 6, 6, 0, 6, 10, 3, 5, 9, 4, 5, 7, 7, 8};
  std::vector<std::string> dimensions;
  for (const std::uint32_t size : image.dimensions) dimensions.push_back(dm.number("", 5, size));
  std::vector<std::string> calibrations;
  for (std::size_t i = 0; i < image.scales.size(); ++i)
    calibrations.push_back(dm.group("", {dm.number("Origin", 6, 0.0F), dm.number("Scale", 7, image.scales[i]),
                                         dm.text("Units", image.units[i])}));
  const auto tag_type = static_cast<std::uint64_t>(
      image.data_type < 15 ? tag_types[static_cast<std::size_t>(image.data_type)] : 5);
  const std::uint64_t item = image.data_type == 3 ? 4 : bytes_of_dm_pixel(image.data_type);
  return dm.group(
      "", {dm.group("ImageData", {dm.group("Calibrations", {dm.group("Dimension", calibrations)}),
                                  dm.array("Data", tag_type, image.pixels.size() / item, image.pixels),
                                  dm.number("DataType", 5, static_cast<std::uint32_t>(image.data_type)),
                                  dm.group("Dimensions", dimensions)}),
           dm.group("ImageTags", {dm.group("DataBar", {dm.text("Signal Name", image.signal)})}),
           dm.text("Name", image.name)});
}

}  // namespace

std::string pixels_of(const cv::Mat& matrix) {
  return {reinterpret_cast<const char*>(matrix.data), matrix.total() * matrix.elemSize()};
}

std::string dm_bytes(const DmTestFile& file) {
  const DmBuilder dm(file.version, file.little);
  std::vector<std::string> images;
  std::vector<std::string> thumbnails;
  if (file.thumbnail_first) {
    DmTestImage thumbnail;
    thumbnail.name = "Image Of frame";
    thumbnail.data_type = 23;
    thumbnail.dimensions = {2, 2};
    thumbnail.pixels = std::string(16, '\x40');
    images.push_back(dm_image(dm, thumbnail));
    thumbnails.push_back(dm.group("", {dm.number("ImageIndex", 5, std::uint32_t{0})}));
  }
  for (const DmTestImage& image : file.images) images.push_back(dm_image(dm, image));
  const std::string root = dm.body({dm.rectangle("ApplicationBounds"), dm.rectangles("Colours"),
                                    dm.number("InImageMode", 8, std::uint8_t{1}),
                                    dm.group("ImageList", images), dm.group("Thumbnails", thumbnails)});
  return bytes_of_number(static_cast<std::uint32_t>(file.version), false) + dm.count(root.size()) +
         bytes_of_number(static_cast<std::uint32_t>(file.little ? 1 : 0), false) + root +
         std::string(8, '\0');
}

std::string ser_bytes(const SerTestFile& file) {
  const bool wide = file.version == 0x220;
  const std::uint64_t announced = file.announced == 0 ? file.frames.size() : file.announced;
  const auto offset = [wide](std::uint64_t value) {
    return wide ? bytes_of_number(value) : bytes_of_number(static_cast<std::uint32_t>(value));
  };
  const std::uint64_t word = wide ? 8 : 4;
  const std::uint64_t array_at = 22 + word + 4;
  std::string head = std::string("II\x97\x01", 4) +
                     bytes_of_number(static_cast<std::uint16_t>(file.version)) + bytes_of_number(file.kind) +
                     bytes_of_number(std::uint32_t{0x4152}) +
                     bytes_of_number(static_cast<std::uint32_t>(announced)) +
                     bytes_of_number(static_cast<std::uint32_t>(file.frames.size())) + offset(array_at) +
                     bytes_of_number(std::uint32_t{0});
  std::string elements;
  std::string data_offsets;
  std::string tag_offsets;
  const std::uint64_t data_at = array_at + 2 * announced * word;
  for (std::size_t i = 0; i < file.frames.size(); ++i) {
    data_offsets += offset(data_at + elements.size());
    cv::Mat stored;
    cv::flip(file.frames[i], stored, 0);
    for (int axis = 0; axis < 2; ++axis)
      elements += bytes_of_number(0.0) + bytes_of_number(file.delta_m) + bytes_of_number(std::int32_t{0});
    elements += bytes_of_number(static_cast<std::uint16_t>(file.data_type)) +
                bytes_of_number(static_cast<std::uint32_t>(stored.cols)) +
                bytes_of_number(static_cast<std::uint32_t>(stored.rows)) + pixels_of(stored);
    tag_offsets += offset(data_at + elements.size());
    elements += bytes_of_number(std::uint16_t{0x4152}) + std::string(2, '\0') +
                bytes_of_number(i < file.clocks.size() ? file.clocks[i] : std::uint32_t{0});
  }
  data_offsets.resize(announced * word, '\0');
  tag_offsets.resize(announced * word, '\0');
  return head + data_offsets + tag_offsets + elements;
}

std::string emi_bytes(const std::vector<std::string>& blocks) {
  std::string bytes = std::string("JK\0\x02\0\0\0\0", 8);
  for (const std::string& block : blocks)
    bytes += std::string("\0\x03binary\0", 9) + "<ObjectInfo>" + block + "</ObjectInfo>";
  return bytes;
}

std::string mrc_bytes(const MrcTestFile& file) {
  std::string header(1024, '\0');
  const bool little = !file.big_endian;
  const auto put = [&](std::size_t at, const std::string& bytes) { header.replace(at, bytes.size(), bytes); };
  const auto whole = [little](int value) {
    return bytes_of_number(static_cast<std::int32_t>(value), little);
  };
  const int columns = file.sections.front().cols;
  const int rows = file.sections.front().rows;
  const int count = static_cast<int>(file.sections.size());
  const std::vector<int> sizes{columns, rows, count, file.mode};
  for (std::size_t i = 0; i < sizes.size(); ++i) put(4 * i, whole(sizes[i]));
  const std::vector<int> sampling{columns, rows, count};
  for (std::size_t i = 0; i < 3; ++i) {
    put(28 + 4 * i, whole(sampling[i]));
    put(40 + 4 * i, bytes_of_number(static_cast<float>(sampling[i] * file.pixel_angstrom), little));
    put(64 + 4 * i, whole(static_cast<int>(i) + 1));
  }
  put(92, whole(file.extended_bytes));
  put(104, "FEI2");
  put(208, file.stamp);
  if (!file.stamp.empty())
    put(212, file.big_endian ? std::string("\x11\x11", 2) : std::string("\x44\x44", 2));
  std::string bytes = header + std::string(static_cast<std::size_t>(file.extended_bytes), '\x5A');
  for (const cv::Mat& section : file.sections) bytes += pixels_of(section);
  return bytes;
}

std::string bmp_bytes(int width, int height, int bits, const std::string& palette,
                      const std::string& pixels) {
  const auto word = [](auto value) { return bytes_of_number(static_cast<std::uint32_t>(value)); };
  const std::size_t start = 54 + palette.size();
  return "BM" + word(start + pixels.size()) + word(0) + word(start) + word(40) + word(width) + word(height) +
         bytes_of_number(std::uint16_t{1}) + bytes_of_number(static_cast<std::uint16_t>(bits)) +
         std::string(24, '\0') + palette + pixels;
}

std::string jpeg_bytes(const cv::Mat& image) {
  jpeg_compress_struct state;
  jpeg_error_mgr errors;
  state.err = jpeg_std_error(&errors);
  jpeg_create_compress(&state);
  unsigned char* memory = nullptr;
  unsigned long bytes = 0;
  jpeg_mem_dest(&state, &memory, &bytes);
  state.image_width = static_cast<unsigned>(image.cols);
  state.image_height = static_cast<unsigned>(image.rows);
  state.input_components = image.channels();
  state.in_color_space = image.channels() == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&state);
  jpeg_set_quality(&state, 95, TRUE);
  jpeg_start_compress(&state, TRUE);
  for (int y = 0; y < image.rows; ++y) {
    auto* row = const_cast<unsigned char*>(image.ptr(y));
    jpeg_write_scanlines(&state, &row, 1);
  }
  jpeg_finish_compress(&state);
  jpeg_destroy_compress(&state);
  std::string result(reinterpret_cast<const char*>(memory), bytes);
  std::free(memory);
  return result;
}

}  // namespace sinterscope::test
