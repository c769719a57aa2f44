// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/tiff_writer.h"

#include <fmt/format.h>
#include <zlib.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "little_endian.h"
#include "sinterscope/core/error.h"
#include "sinterscope/io/output_file.h"

namespace sinterscope {
namespace {

// libtiff puts a directory behind each frame; ImageJ takes the frames of its own stacks to follow each other
// without a gap. So the file is laid out here: header, all pixels, all directories.

constexpr double bigtiff_from_bytes = 4.0e9;  // offsets of classic TIFF end at 4.29e9

enum TiffType : std::uint16_t {
  tiff_ascii = 2,
  tiff_short = 3,
  tiff_long = 4,
  tiff_rational = 5,
  tiff_long8 = 16
};

struct Entry {
  std::uint16_t tag;
  TiffType type;
  std::uint64_t count;
  std::string bytes;
};

Entry short_entry(std::uint16_t tag, int value) {
  return {tag, tiff_short, 1, little(static_cast<std::uint16_t>(value))};
}
Entry long_entry(std::uint16_t tag, std::uint64_t value) {
  return {tag, tiff_long, 1, little(static_cast<std::uint32_t>(value))};
}

// Pixels per nm: nine digits for pixels below 1 nm, one less for each decade above.
Entry resolution_entry(std::uint16_t tag, double pixel_nm) {
  const double per_nm = 1.0 / pixel_nm;
  const double unit = std::pow(10.0, std::min(9.0, std::floor(9.0 - std::log10(std::max(per_nm, 1.0)))));
  return {tag, tiff_rational, 1,
          little(static_cast<std::uint32_t>(std::lround(per_nm * unit))) +
              little(static_cast<std::uint32_t>(unit))};
}

std::string imagej_description(const TiffStackFormat& format) {
  std::string text = fmt::format(
      "ImageJ=1.53t\nimages={0}\nframes={0}\nhyperstack=true\nmode=grayscale\nloop=false\n", format.frames);
  if (format.deflate || format.frames == 1)  // frames in one piece each: every directory counts
    text = format.frames == 1 ? "ImageJ=1.53t\n"
                              : fmt::format("ImageJ=1.53t\nframes={}\nloop=false\n", format.frames);
  if (format.calibration.calibrated()) text += "unit=nm\n";
  if (format.frame_interval_s) text += fmt::format("finterval={}\ntunit=s\n", *format.frame_interval_s);
  return text;
}

// OME-XML of one image, all of its planes in this file. Schema 2016-06: Goldberg et al., Genome Biol. 6, R47
// (2005), doi:10.1186/gb-2005-6-5-r47
std::string ome_description(const TiffStackFormat& format, const cv::Size& size, int type) {
  static const std::map<int, const char*> types{
      {CV_8U, "uint8"}, {CV_16U, "uint16"}, {CV_16S, "int16"}, {CV_32S, "int32"}, {CV_32F, "float"}};
  const int samples = CV_MAT_CN(type);
  std::string pixels = fmt::format(
      "ID=\"Pixels:0\" DimensionOrder=\"XYCZT\" Type=\"{}\" BigEndian=\"false\" SizeX=\"{}\" SizeY=\"{}\" "
      "SizeC=\"{}\" SizeZ=\"1\" SizeT=\"{}\"",
      types.at(CV_MAT_DEPTH(type)), size.width, size.height, samples, format.frames);
  if (format.calibration.calibrated())
    pixels += fmt::format(
        " PhysicalSizeX=\"{}\" PhysicalSizeXUnit=\"nm\" PhysicalSizeY=\"{}\" PhysicalSizeYUnit=\"nm\"",
        *format.calibration.pixel_size_x_nm, *format.calibration.pixel_size_y_nm);
  if (format.frame_interval_s)
    pixels += fmt::format(" TimeIncrement=\"{}\" TimeIncrementUnit=\"s\"", *format.frame_interval_s);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
      "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\" "
      "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xsi:schemaLocation=\"http://www.openmicroscopy.org/Schemas/OME/2016-06 "
      "http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd\">"
      "<Image ID=\"Image:0\"><Pixels {}><Channel ID=\"Channel:0:0\" SamplesPerPixel=\"{}\"/>"
      "<TiffData IFD=\"0\" PlaneCount=\"{}\"/></Pixels></Image></OME>",
      pixels, samples, format.frames);
}

int sample_format_of(int depth) {
  if (depth == CV_32F) return 3;
  return depth == CV_16S || depth == CV_32S ? 2 : 1;
}

std::string pixels_of(const cv::Mat& frame) {
  const std::size_t row_bytes = static_cast<std::size_t>(frame.cols) * frame.elemSize();
  std::string bytes;
  bytes.reserve(row_bytes * static_cast<std::size_t>(frame.rows));
  for (int y = 0; y < frame.rows; ++y) bytes.append(frame.ptr<char>(y), row_bytes);
  return bytes;
}

std::string deflated(const std::string& bytes, int level) {
  uLongf size = compressBound(bytes.size());
  std::string result(size, '\0');
  compress2(reinterpret_cast<Bytef*>(result.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
            bytes.size(), level);
  result.resize(size);
  return result;
}

// One directory at `position`, its longer values behind it, and behind those the next one (unless it is the
// last).
std::string directory_bytes(const std::vector<Entry>& entries, std::uint64_t position, bool big, bool last) {
  const std::size_t inline_bytes = big ? 8 : 4;
  const std::size_t length = (big ? 16 : 6) + entries.size() * (big ? 20 : 12);
  std::string values;
  std::string directory = big ? little(static_cast<std::uint64_t>(entries.size()))
                              : little(static_cast<std::uint16_t>(entries.size()));
  const auto offset = [big](std::uint64_t value) {
    return big ? little(value) : little(static_cast<std::uint32_t>(value));
  };
  for (const Entry& entry : entries) {
    directory += little(entry.tag) + little(static_cast<std::uint16_t>(entry.type)) + offset(entry.count);
    if (entry.bytes.size() <= inline_bytes) {
      directory += entry.bytes + std::string(inline_bytes - entry.bytes.size(), '\0');
    } else {
      directory += offset(position + length + values.size());
      values += entry.bytes;
      if (values.size() % 2 != 0) values.push_back('\0');
    }
  }
  return directory + offset(last ? 0 : position + length + values.size()) + values;
}

}  // namespace

struct TiffStackWriter::State {
  State(const std::filesystem::path& path, TiffStackFormat stack_format)
      : name(path.string()),
        format(std::move(stack_format)),
        output(path),
        stream(output.temporary_path(), std::ios::binary) {}

  Error error(const std::string& message) const { return Error(fmt::format("{}: TIFF: {}", name, message)); }

  void append(const std::string& bytes) {
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!stream) throw error(fmt::format("cannot be written at frame {}: is the disk full?", strips.size()));
    position += bytes.size();
  }

  void start(const Packed& first) {
    size = first.size;
    type = first.type;
    big = static_cast<double>(size.area()) * static_cast<double>(CV_ELEM_SIZE(type)) *
              static_cast<double>(format.frames) >
          bigtiff_from_bytes;
    append(big ? std::string("II+\0\x08\0\0\0", 8) + std::string(8, '\0')
               : std::string("II*\0", 4) + std::string(4, '\0'));
  }

  std::vector<Entry> entries_of(std::size_t frame) const {
    const int samples = CV_MAT_CN(type);
    const int bits = static_cast<int>(CV_ELEM_SIZE1(type)) * 8;
    std::vector<Entry> entries{long_entry(256, static_cast<std::uint64_t>(size.width)),
                               long_entry(257, static_cast<std::uint64_t>(size.height))};
    entries.push_back({258, tiff_short, static_cast<std::uint64_t>(samples), ""});
    for (int i = 0; i < samples; ++i) entries.back().bytes += little(static_cast<std::uint16_t>(bits));
    entries.push_back(short_entry(259, format.deflate ? 8 : 1));
    entries.push_back(short_entry(262, samples == 1 ? 1 : 2));
    if (frame == 0) {
      const std::string text =
          (format.ome ? ome_description(format, size, type) : imagej_description(format)) + '\0';
      entries.push_back({270, tiff_ascii, text.size(), text});
    }
    const auto place = [this](std::uint16_t tag, std::uint64_t value) {
      return big ? Entry{tag, tiff_long8, 1, little(value)} : long_entry(tag, value);
    };
    entries.push_back(place(273, strips[frame].first));
    entries.push_back(short_entry(277, samples));
    entries.push_back(long_entry(278, static_cast<std::uint64_t>(size.height)));
    entries.push_back(place(279, strips[frame].second));
    if (format.calibration.calibrated() && !format.ome) {  // its unit is none of TIFF's
      entries.push_back(resolution_entry(282, *format.calibration.pixel_size_x_nm));
      entries.push_back(resolution_entry(283, *format.calibration.pixel_size_y_nm));
      entries.push_back(short_entry(296, 1));
    }
    entries.push_back({339, tiff_short, static_cast<std::uint64_t>(samples), ""});
    for (int i = 0; i < samples; ++i)
      entries.back().bytes += little(static_cast<std::uint16_t>(sample_format_of(CV_MAT_DEPTH(type))));
    return entries;
  }

  std::string name;
  TiffStackFormat format;
  OutputFile output;
  std::ofstream stream;
  std::uint64_t position = 0;
  bool big = false;
  cv::Size size;
  int type = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> strips;  ///< offset and bytes of each frame
};

TiffStackWriter::TiffStackWriter(const std::filesystem::path& path, TiffStackFormat format)
    : state_(std::make_unique<State>(path, std::move(format))) {}

TiffStackWriter::~TiffStackWriter() = default;

TiffStackWriter::Packed TiffStackWriter::pack(const cv::Mat& frame) const {
  const int depth = frame.depth();
  const bool gray = frame.channels() == 1 && depth != CV_8S && depth != CV_64F && depth != CV_16F;
  if (frame.empty() || (!gray && frame.type() != CV_8UC3))
    throw state_->error(fmt::format("frames of OpenCV type {} with {} x {} pixels cannot be written",
                                    frame.type(), frame.cols, frame.rows));
  return {
      frame.size(), frame.type(),
      state_->format.deflate ? deflated(pixels_of(frame), state_->format.deflate_level) : pixels_of(frame)};
}

void TiffStackWriter::write(const Packed& frame) {
  State& state = *state_;
  if (state.strips.size() == state.format.frames)
    throw state.error(fmt::format("more frames than the {} announced", state.format.frames));
  if (state.strips.empty())
    state.start(frame);
  else if (frame.size != state.size || frame.type != state.type)
    throw state.error(fmt::format("frame {} is {} x {} (type {}), the frames before are {} x {} (type {})",
                                  state.strips.size(), frame.size.width, frame.size.height, frame.type,
                                  state.size.width, state.size.height, state.type));
  state.strips.emplace_back(state.position, frame.bytes.size());
  state.append(frame.bytes);
}

void TiffStackWriter::finish() {
  State& state = *state_;
  if (state.strips.size() != state.format.frames)
    throw state.error(
        fmt::format("{} frames announced, {} written", state.format.frames, state.strips.size()));
  if (state.strips.empty()) throw state.error("holds no frame: nothing to write");
  if (state.position % 2 != 0) state.append(std::string(1, '\0'));  // directories begin at even offsets
  const std::uint64_t first = state.position;
  for (std::size_t i = 0; i < state.strips.size(); ++i)
    state.append(
        directory_bytes(state.entries_of(i), state.position, state.big, i + 1 == state.strips.size()));
  state.stream.seekp(state.big ? 8 : 4);
  state.append(state.big ? little(first) : little(static_cast<std::uint32_t>(first)));
  state.stream.close();
  if (!state.stream) throw state.error("cannot be written to its end: is the disk full?");
  state.output.commit();
}

}  // namespace sinterscope
