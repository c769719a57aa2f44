// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/hyperspy_writer.h"

#include <fmt/format.h>

#include <array>

#include "hdf5_handle.h"
#include "sinterscope/core/error.h"
#include "sinterscope/io/output_file.h"

namespace sinterscope {
namespace {

constexpr const char* format_version = "3.1";

// Attributes and groups of one file.
class Tree {
 public:
  explicit Tree(hid_t file) : file_(file), creation_(H5Pcreate(H5P_GROUP_CREATE), &H5Pclose) {
    H5Pset_obj_track_times(creation_.id(), 0);
  }

  void group(const std::string& path) const {
    const Hdf5Handle made(H5Gcreate2(file_, path.c_str(), H5P_DEFAULT, creation_.id(), H5P_DEFAULT),
                          &H5Gclose);
  }
  void text(const std::string& object, const std::string& name, const std::string& value) const {
    const Hdf5Handle type(H5Tcopy(H5T_C_S1), &H5Tclose);
    H5Tset_size(type.id(), H5T_VARIABLE);
    H5Tset_cset(type.id(), H5T_CSET_UTF8);
    const char* bytes = value.c_str();
    attribute(object, name, type.id(), &bytes);
  }
  void number(const std::string& object, const std::string& name, double value) const {
    attribute(object, name, H5T_NATIVE_DOUBLE, &value);
  }
  void whole(const std::string& object, const std::string& name, std::int64_t value) const {
    attribute(object, name, H5T_NATIVE_INT64, &value);
  }
  void flag(const std::string& object, const std::string& name, bool value) const {  // as h5py stores a bool
    const Hdf5Handle type(H5Tenum_create(H5T_NATIVE_INT8), &H5Tclose);
    const std::array<signed char, 2> values{0, 1};
    H5Tenum_insert(type.id(), "FALSE", &values[0]);
    H5Tenum_insert(type.id(), "TRUE", &values[1]);
    attribute(object, name, type.id(), &values.at(value ? 1 : 0));
  }

 private:
  void attribute(const std::string& object, const std::string& name, hid_t type, const void* value) const {
    const Hdf5Handle space(H5Screate(H5S_SCALAR), &H5Sclose);
    const Hdf5Handle made(H5Acreate_by_name(file_, object.c_str(), name.c_str(), type, space.id(),
                                            H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                          &H5Aclose);
    if (made.valid()) H5Awrite(made.id(), type, value);
  }

  hid_t file_;
  Hdf5Handle creation_;
};

// '/' separates groups, an empty title is what HyperSpy calls unnamed.
std::string group_name(const std::string& title) {
  std::string name = title.empty() ? "__unnamed__" : title;
  for (char& c : name)
    if (c == '/') c = '-';
  return "/Experiments/" + name;
}

}  // namespace

struct HyperSpyWriter::State {
  State(const std::filesystem::path& path, HyperSpyFormat announced)
      : name(path.string()),
        format(std::move(announced)),
        output(path),
        file(open(output.temporary_path()), &H5Fclose) {
    if (!file.valid()) throw error("cannot be written: check permissions and space");
  }

  static hid_t open(const std::filesystem::path& path) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // errors are told by us, not printed
    return H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  }

  Error error(const std::string& message) const {
    return Error(fmt::format("{}: HyperSpy: {}", name, message));
  }

  void write_axis(const Tree& tree, const std::string& group, const std::string& axis, std::size_t length,
                  const std::optional<double>& scale, const std::string& unit, bool navigate) const {
    tree.group(group);
    tree.text(group, "_type", "UniformDataAxis");
    tree.text(group, "name", axis);
    tree.text(group, "units", scale ? unit : "");
    tree.number(group, "scale", scale.value_or(1.0));
    tree.number(group, "offset", 0.0);
    tree.whole(group, "size", static_cast<std::int64_t>(length));
    tree.flag(group, "navigate", navigate);
    tree.flag(group, "is_binned", false);
  }

  void start(const cv::Mat& frame) {
    size = frame.size();
    type = frame.type();
    const Tree tree(file.id());
    tree.text("/", "file_format", "HyperSpy");
    tree.text("/", "file_format_version", format_version);
    const std::string group = group_name(format.title);
    for (const char* below : {"", "/metadata", "/metadata/General", "/metadata/Signal", "/original_metadata",
                              "/learning_results"}) {
      if (std::string(below).empty()) tree.group("/Experiments");
      tree.group(group + below);
    }
    tree.text(group + "/metadata/General", "title", format.title);
    tree.text(group + "/metadata/Signal", "signal_type", "");
    const Calibration& scale = format.calibration;
    write_axis(tree, group + "/axis-0", "time", format.frames, format.frame_interval_s, "s", true);
    write_axis(tree, group + "/axis-1", "y", static_cast<std::size_t>(size.height), scale.pixel_size_y_nm,
               "nm", false);
    write_axis(tree, group + "/axis-2", "x", static_cast<std::size_t>(size.width), scale.pixel_size_x_nm,
               "nm", false);
    make_dataset(group + "/data");
  }

  void make_dataset(const std::string& path) {
    const std::array<hsize_t, 3> shape{format.frames, static_cast<hsize_t>(size.height),
                                       static_cast<hsize_t>(size.width)};
    const std::array<hsize_t, 3> chunk{1, shape[1], shape[2]};
    const Hdf5Handle creation(H5Pcreate(H5P_DATASET_CREATE), &H5Pclose);
    H5Pset_obj_track_times(creation.id(), 0);
    H5Pset_chunk(creation.id(), 3, chunk.data());
    H5Pset_shuffle(creation.id());
    H5Pset_deflate(creation.id(), 4);
    const Hdf5Handle space(H5Screate_simple(3, shape.data(), nullptr), &H5Sclose);
    dataset.emplace(H5Dcreate2(file.id(), path.c_str(), hdf5_type_of_depth(CV_MAT_DEPTH(type)), space.id(),
                               H5P_DEFAULT, creation.id(), H5P_DEFAULT),
                    &H5Dclose);
    if (!dataset->valid()) throw error("its dataset cannot be made");
  }

  void write_plane(const cv::Mat& frame) {
    const cv::Mat plane = frame.isContinuous() ? frame : frame.clone();
    const std::array<hsize_t, 3> start_at{written, 0, 0};
    const std::array<hsize_t, 3> count{1, static_cast<hsize_t>(size.height),
                                       static_cast<hsize_t>(size.width)};
    const Hdf5Handle space(H5Dget_space(dataset->id()), &H5Sclose);
    const Hdf5Handle memory(H5Screate_simple(3, count.data(), nullptr), &H5Sclose);
    if (H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start_at.data(), nullptr, count.data(), nullptr) <
            0 ||
        H5Dwrite(dataset->id(), hdf5_type_of_depth(frame.depth()), memory.id(), space.id(), H5P_DEFAULT,
                 plane.data) < 0)
      throw error(fmt::format("frame {} cannot be written: is the disk full?", written));
    ++written;
  }

  std::string name;
  HyperSpyFormat format;
  OutputFile output;
  Hdf5Handle file;
  std::optional<Hdf5Handle> dataset;
  cv::Size size;
  int type = 0;
  std::size_t written = 0;
};

HyperSpyWriter::HyperSpyWriter(const std::filesystem::path& path, HyperSpyFormat format) {
  const std::lock_guard lock(hdf5_lock());
  state_ = std::make_unique<State>(path, std::move(format));
}

HyperSpyWriter::~HyperSpyWriter() {
  const std::lock_guard lock(hdf5_lock());
  state_.reset();
}

void HyperSpyWriter::write(const cv::Mat& frame) {
  const std::lock_guard lock(hdf5_lock());
  State& state = *state_;
  if (frame.empty() || frame.channels() != 1 || frame.depth() == CV_16F)
    throw state.error(fmt::format("frames of OpenCV type {} with {} x {} pixels cannot be written",
                                  frame.type(), frame.cols, frame.rows));
  if (state.written == state.format.frames)
    throw state.error(fmt::format("more frames than the {} announced", state.format.frames));
  if (state.written == 0)
    state.start(frame);
  else if (frame.size() != state.size || frame.type() != state.type)
    throw state.error(fmt::format("frame {} is {} x {} (type {}), the frames before are {} x {} (type {})",
                                  state.written, frame.cols, frame.rows, frame.type(), state.size.width,
                                  state.size.height, state.type));
  state.write_plane(frame);
}

void HyperSpyWriter::finish() {
  const std::lock_guard lock(hdf5_lock());
  State& state = *state_;
  if (state.written != state.format.frames || state.written == 0)
    throw state.error(fmt::format("{} frames announced, {} written", state.format.frames, state.written));
  state.dataset.reset();
  const bool flushed = H5Fflush(state.file.id(), H5F_SCOPE_GLOBAL) >= 0;
  { const Hdf5Handle closing(std::move(state.file)); }
  if (!flushed) throw state.error("cannot be written to its end: is the disk full?");
  state.output.commit();
}

}  // namespace sinterscope
