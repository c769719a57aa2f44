// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/tiff_writer.h"

#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sinterscope/core/error.h"
#include "sinterscope/io/output_file.h"

namespace sinterscope {
namespace {

constexpr double bigtiff_from_bytes = 4.0e9;  // offsets of classic TIFF end at 4.29e9

std::string imagej_description(const TiffStackFormat& format) {
  std::string text = fmt::format(
      "ImageJ=1.53t\nimages={0}\nframes={0}\nhyperstack=true\nmode=grayscale\nloop=false\n", format.frames);
  if (format.calibration.calibrated()) text += "unit=nm\n";
  if (format.frame_interval_s) text += fmt::format("finterval={}\ntunit=s\n", *format.frame_interval_s);
  return text;
}

int sample_format_of(int depth) {
  if (depth == CV_32F) return SAMPLEFORMAT_IEEEFP;
  return depth == CV_16S || depth == CV_32S ? SAMPLEFORMAT_INT : SAMPLEFORMAT_UINT;
}

}  // namespace

struct TiffStackWriter::State {
  State(const std::filesystem::path& path, TiffStackFormat stack_format)
      : name(path.string()), format(std::move(stack_format)), output(path) {}
  ~State() { close(); }

  void close() {
    if (tiff != nullptr) TIFFClose(tiff);
    tiff = nullptr;
  }
  Error error(const std::string& message) const { return Error(fmt::format("{}: TIFF: {}", name, message)); }

  void open(const cv::Mat& first) {
    const double bytes =
        static_cast<double>(first.total() * first.elemSize()) * static_cast<double>(format.frames);
    tiff = TIFFOpen(output.temporary_path().c_str(), bytes > bigtiff_from_bytes ? "w8" : "w");
    if (tiff == nullptr) throw error(fmt::format("cannot be written: {}", std::strerror(errno)));
  }

  std::string name;
  TiffStackFormat format;
  OutputFile output;
  TIFF* tiff = nullptr;
  std::size_t written = 0;
  cv::Size size;
  int type = 0;
};

TiffStackWriter::TiffStackWriter(const std::filesystem::path& path, TiffStackFormat format)
    : state_(std::make_unique<State>(path, std::move(format))) {}

TiffStackWriter::~TiffStackWriter() = default;

void TiffStackWriter::write(const cv::Mat& frame) {
  State& state = *state_;
  const bool gray = frame.channels() == 1 &&
                    (frame.depth() == CV_8U || frame.depth() == CV_16U || frame.depth() == CV_16S ||
                     frame.depth() == CV_32S || frame.depth() == CV_32F);
  if (frame.empty() || (!gray && frame.type() != CV_8UC3))
    throw state.error(fmt::format("frames of OpenCV type {} with {} x {} pixels cannot be written",
                                  frame.type(), frame.cols, frame.rows));
  if (state.written == state.format.frames)
    throw state.error(fmt::format("more frames than the {} announced", state.format.frames));
  if (state.written == 0) {
    state.size = frame.size();
    state.type = frame.type();
    state.open(frame);
  } else if (frame.size() != state.size || frame.type() != state.type) {
    throw state.error(fmt::format("frame {} is {} x {} (type {}), the frames before are {} x {} (type {})",
                                  state.written, frame.cols, frame.rows, frame.type(), state.size.width,
                                  state.size.height, state.type));
  }
  TIFF* tiff = state.tiff;
  const auto width = static_cast<std::uint32_t>(frame.cols);
  const auto height = static_cast<std::uint32_t>(frame.rows);
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, static_cast<int>(frame.elemSize1() * 8));
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, frame.channels());
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, sample_format_of(frame.depth()));
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, gray ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION,
               state.format.deflate ? COMPRESSION_ADOBE_DEFLATE : COMPRESSION_NONE);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, height);
  if (state.written == 0)
    TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, imagej_description(state.format).c_str());
  const Calibration& calibration = state.format.calibration;
  if (calibration.calibrated()) {
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, 1.0 / *calibration.pixel_size_x_nm);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, 1.0 / *calibration.pixel_size_y_nm);
  }
  cv::Mat pixels = frame.clone();  // libtiff takes a pointer it may write to, and rows without gaps
  const auto bytes = static_cast<tmsize_t>(pixels.total() * pixels.elemSize());
  if (TIFFWriteEncodedStrip(tiff, 0, pixels.data, bytes) != bytes || TIFFWriteDirectory(tiff) == 0)
    throw state.error(fmt::format("frame {} cannot be written: is the disk full?", state.written));
  ++state.written;
}

void TiffStackWriter::finish() {
  State& state = *state_;
  if (state.written != state.format.frames)
    throw state.error(fmt::format("{} frames announced, {} written", state.format.frames, state.written));
  state.close();
  state.output.commit();
}

}  // namespace sinterscope
