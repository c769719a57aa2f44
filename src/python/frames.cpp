// SPDX-License-Identifier: GPL-3.0-or-later
// Frames between files, NumPy and OpenCV.
#include <fmt/format.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "bindings.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/options.h"
#include "sinterscope/io/open_frames.h"

namespace sinterscope {
namespace {

namespace py = pybind11;

struct PixelType {
  const char* numpy;
  int depth;  ///< OpenCV's
};

constexpr PixelType pixel_types[] = {{"uint8", CV_8U},   {"int8", CV_8S},   {"uint16", CV_16U},
                                     {"int16", CV_16S},  {"int32", CV_32S}, {"float32", CV_32F},
                                     {"float64", CV_64F}};

py::dtype dtype_of(int depth) {
  for (const PixelType& type : pixel_types)
    if (type.depth == depth) return py::dtype(type.numpy);
  throw Error(fmt::format("pixels of OpenCV depth {} have no NumPy type", depth));
}

/// The type in which pixels go on: their own where OpenCV has it, else one that loses nothing that counts.
PixelType pixel_type_of(const py::dtype& dtype) {
  const auto name = dtype.attr("name").cast<std::string>();
  for (const PixelType& type : pixel_types)
    if (name == type.numpy) return type;
  if (name == "bool") return {"uint8", CV_8U};
  if (name == "float16") return {"float32", CV_32F};
  if (dtype.kind() == 'u' || dtype.kind() == 'i' || dtype.kind() == 'f') return {"float64", CV_64F};
  throw py::type_error(
      fmt::format("frames are of type {}: pixels must be real numbers (uint8, uint16, float32 ...)", name));
}

/// Pixels of an array that somebody else keeps alive.
class ArrayFrames : public FrameSource {
 public:
  ArrayFrames(std::vector<cv::Mat> frames, const std::string& dtype) : frames_(std::move(frames)) {
    description_.format = "NumPy";
    description_.dtype = dtype;
    description_.frames = frames_.size();
    description_.width = frames_.front().cols;
    description_.height = frames_.front().rows;
  }
  const SourceDescription& description() const override { return description_; }
  cv::Mat load_native(std::size_t i) const override { return frames_.at(i).clone(); }
  Frame load(std::size_t i) const override {
    Frame frame;
    frames_.at(i).convertTo(frame.pixels, CV_32F);
    if (!cv::checkRange(frame.pixels))
      throw Error(fmt::format(
          "frame {} has pixels that are not finite (NaN, infinite, or too large for float32)", i));
    frame.index = i;
    return frame;
  }

 private:
  std::vector<cv::Mat> frames_;
  SourceDescription description_;
};

GivenFrames frames_from_array(const py::object& given) {
  const py::module_ numpy = py::module_::import("numpy");
  if (py::isinstance(given, numpy.attr("ma").attr("MaskedArray")))
    throw py::type_error("frames are a masked array: fill it first (frames.filled(value))");
  const py::array array = numpy.attr("asarray")(given);
  const PixelType type = pixel_type_of(array.dtype());
  if (array.ndim() != 2 && array.ndim() != 3)
    throw usage_error(fmt::format(
        "frames have {} axes: must have 2 (rows, columns) or 3 (frames, rows, columns)", array.ndim()));
  if (array.size() == 0) throw usage_error("frames are an empty array");
  const py::array pixels = numpy.attr("ascontiguousarray")(array, type.numpy);
  const py::ssize_t axis = pixels.ndim() - 2;
  const auto rows = static_cast<int>(pixels.shape(axis)), columns = static_cast<int>(pixels.shape(axis + 1));
  // The sources never write into their frames; cv::Mat has no header for pixels that are const.
  auto* bytes = static_cast<unsigned char*>(const_cast<void*>(pixels.data()));
  std::vector<cv::Mat> frames(static_cast<std::size_t>(axis == 0 ? 1 : pixels.shape(0)));
  const std::size_t step = static_cast<std::size_t>(pixels.nbytes()) / frames.size();
  for (std::size_t i = 0; i < frames.size(); ++i)
    frames[i] = cv::Mat(rows, columns, type.depth, bytes + i * step);
  return {pixels, std::make_shared<ArrayFrames>(std::move(frames), type.numpy)};
}

py::array array_from(const cv::Mat& pixels) {
  py::array array(dtype_of(pixels.depth()), {pixels.rows, pixels.cols});
  pixels.copyTo(cv::Mat(pixels.rows, pixels.cols, pixels.type(), array.mutable_data()));
  return array;
}

cv::Mat load_unlocked(const FrameSource& source, std::size_t i) {
  const py::gil_scoped_release unlocked;
  return source.load_native(i);
}

py::array frame_at(const FrameSource& source, py::ssize_t i) {
  const auto count = static_cast<py::ssize_t>(source.size());
  if (i < -count || i >= count) throw py::index_error(fmt::format("frame {} of {}", i, count));
  return array_from(load_unlocked(source, static_cast<std::size_t>(i < 0 ? i + count : i)));
}

/// numpy.asarray(frames): all of them at once.
py::object all_frames(const FrameSource& source, const py::object& dtype) {
  py::list frames;
  for (std::size_t i = 0; i < source.size(); ++i) frames.append(array_from(load_unlocked(source, i)));
  const py::object stack = py::module_::import("numpy").attr("stack")(frames);
  return dtype.is_none() ? stack : stack.attr("astype")(dtype);
}

std::shared_ptr<FrameSource> open(const std::filesystem::path& path, const std::string& dataset,
                                  const std::string& detector, int cut_bottom_rows, bool first_of_several) {
  OpenOptions options;
  options.dataset = dataset;
  options.detector = detector;
  options.cut_bottom_rows = cut_bottom_rows;
  options.first_of_several = first_of_several;
  validate(options);
  const py::gil_scoped_release unlocked;
  return open_frames(path, options);
}

std::string text_of(const FrameSource& source) {
  const SourceDescription& d = source.description();
  const std::optional<double> pixel = d.calibration.pixel_size_nm();
  return fmt::format("<sinterscope.Frames: {} of {} x {} px, {}, {}, {}>", d.frames, d.height, d.width,
                     d.dtype, d.format, pixel ? fmt::format("{:.6g} nm/px", *pixel) : "not calibrated");
}

}  // namespace

GivenFrames frames_from(const py::object& frames) {
  if (py::isinstance<FrameSource>(frames)) return {frames, frames.cast<std::shared_ptr<FrameSource>>()};
  return frames_from_array(frames);
}

void bind_frames(py::module_& module) {
  py::class_<FrameSource, std::shared_ptr<FrameSource>>(module, "Frames",
                                                        R"(Frames of a file, read when they are asked for.

len(frames) frames; frames[i] is frame i (from 0; negative from the end) as an array (rows, columns) of the file's own type
(unsigned 32-bit as float64), row 0 on top; numpy.asarray(frames) is all of them (frames, rows, columns). Raises Error where a
frame cannot be read.)")
      .def("__len__", &FrameSource::size)
      .def("__getitem__", &frame_at, py::arg("i"))
      .def("__array__", &all_frames, py::arg("dtype") = py::none())
      .def("__repr__", &text_of)
      .def_property_readonly(
          "shape",
          [](const FrameSource& s) {
            return py::make_tuple(s.size(), s.frame_size().height, s.frame_size().width);
          },
          "(frames, rows, columns)")
      .def_property_readonly(
          "pixel_size_nm", [](const FrameSource& s) { return s.description().calibration.pixel_size_nm(); },
          "nm per pixel, as the file says; None = the file does not say")
      .def_property_readonly(
          "frame_interval_s", [](const FrameSource& s) { return s.description().frame_interval_s; },
          "seconds from frame to frame; None = the file does not say")
      .def_property_readonly(
          "detector", [](const FrameSource& s) { return s.description().detector; },
          "as the file names it; empty = the file does not say")
      .def_property_readonly(
          "format", [](const FrameSource& s) { return s.description().format; }, "of the file, e.g. 'TIFF'")
      .def_property_readonly(
          "warnings", [](const FrameSource& s) { return s.description().warnings; },
          "what was found odd when the file was opened");
  module.def("open_frames", &open, py::arg("path"), py::kw_only(), py::arg("dataset") = "",
             py::arg("detector") = "", py::arg("cut_bottom_rows") = 0, py::arg("first_of_several") = false,
             R"(Opens the frames of a file, a folder or a pattern ("img*.png"), whatever wrote it.

The format is told by the content: TIFF of the makers, DM3/DM4/DM5, SER, EMD, HyperSpy, MRC, PNG ... (docs/formats.md). Only headers
are read here.

path: str or pathlib.Path. dataset, detector: which image of a file that holds several (`sinterscope inspect FILE` lists them).
cut_bottom_rows: rows (px) of a burnt-in data bar; 0 = by the file's metadata. first_of_several: read the first of several images
instead of asking which.

Returns Frames. Raises Error (no such file, unknown content, a size the file cannot hold, data that are no real-space images),
UsageError for an impossible option.)");
}

}  // namespace sinterscope
