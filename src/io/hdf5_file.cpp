// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/hdf5_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "hdf5_handle.h"
#include "hdf5_values.h"
#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

constexpr int max_depth = 64;
constexpr std::size_t max_objects = 200000;
constexpr std::uint64_t trusted_bytes = 64U << 20U;  // sizes below need no proof
constexpr std::uint64_t largest_expansion = 4096;    // deflate reaches 1032, shuffled zeros a little more

std::optional<SampleType> sample_type_of(hid_t type) {
  const std::size_t bytes = H5Tget_size(type);
  const H5T_class_t kind = H5Tget_class(type);
  if (kind == H5T_INTEGER) {
    const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
    switch (bytes) {
      case 1:
        return is_signed ? SampleType::i8 : SampleType::u8;
      case 2:
        return is_signed ? SampleType::i16 : SampleType::u16;
      case 4:
        return is_signed ? SampleType::i32 : SampleType::u32;
      case 8:
        return is_signed ? SampleType::i64 : SampleType::u64;
      default:
        return std::nullopt;
    }
  }
  if (kind == H5T_FLOAT) {
    if (bytes == 2) return SampleType::f16;
    if (bytes == 4) return SampleType::f32;
    if (bytes == 8) return SampleType::f64;
  }
  if (kind == H5T_ENUM && bytes == 1 && H5Tget_nmembers(type) == 2)
    return SampleType::boolean;  // h5py's bool
  return std::nullopt;
}

std::string name_of_class(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_COMPOUND: {
      std::vector<std::string> members;
      for (int i = 0; i < std::min(H5Tget_nmembers(type), 8); ++i) {
        char* name = H5Tget_member_name(type, static_cast<unsigned>(i));
        if (name != nullptr) members.emplace_back(name);
        H5free_memory(name);
      }
      return fmt::format("compound({})", fmt::join(members, ","));
    }
    case H5T_STRING:
      return "text";
    case H5T_VLEN:
      return "object (variable length)";
    case H5T_REFERENCE:
      return "reference";
    case H5T_ARRAY:
      return "array";
    case H5T_OPAQUE:
      return "opaque";
    default:
      return "unsupported number type";
  }
}

struct Child {
  std::string name;
  bool hard = false;
};

herr_t collect_child(hid_t, const char* name, const H5L_info_t* info, void* target) {
  auto* children = static_cast<std::vector<Child>*>(target);
  if (children->size() >= max_objects) return 1;
  children->push_back({name, info->type == H5L_TYPE_HARD});
  return 0;
}

std::string why_storage_is_wrong(hid_t dataset, hid_t creation, std::uint64_t bytes) {
  if (H5Pget_external_count(creation) > 0) return "its data lie in another file, which is not followed";
  if (H5Pget_layout(creation) == H5D_VIRTUAL)
    return "it is a virtual dataset over other files, which are not followed";
  for (int i = 0; i < H5Pget_nfilters(creation); ++i) {
    unsigned flags = 0;
    std::size_t values = 0;
    std::array<char, 64> name{};
    const H5Z_filter_t filter = H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values, nullptr,
                                               name.size(), name.data(), nullptr);
    if (H5Zfilter_avail(filter) <= 0)
      return fmt::format("its compression filter {} ({}) is not available: store it again with gzip", filter,
                         name.data());
  }
  const std::uint64_t stored = H5Dget_storage_size(dataset);
  const bool packed = H5Pget_layout(creation) == H5D_CHUNKED;
  if (packed ? bytes > trusted_bytes && bytes / largest_expansion > stored
             : bytes > stored && bytes > trusted_bytes)
    return fmt::format("it declares {} bytes but {} are stored: damaged, or never written", bytes, stored);
  return "";
}

}  // namespace

std::mutex& hdf5_lock() {
  static std::mutex lock;
  return lock;
}

struct Hdf5File::State {
  State(std::filesystem::path file_path, hid_t id) : path(std::move(file_path)), file(id, &H5Fclose) {}

  std::filesystem::path path;
  Hdf5Handle file;
  std::vector<Hdf5Dataset> datasets;
  std::vector<std::string> groups;
  std::set<std::pair<unsigned long, haddr_t>> seen;
  mutable std::map<std::string, Hdf5Handle> open_datasets;

  void walk(const std::string& group, int depth) {
    if (depth > max_depth || groups.size() + datasets.size() > max_objects) return;
    groups.push_back(group);
    const Hdf5Handle id(H5Gopen2(file.id(), group.c_str(), H5P_DEFAULT), &H5Gclose);
    if (!id.valid()) return;
    std::vector<Child> children;
    hsize_t from = 0;
    H5Literate(id.id(), H5_INDEX_NAME, H5_ITER_INC, &from, &collect_child, &children);
    for (const Child& child : children) {
      if (!child.hard) continue;
      const std::string path_of_child = (group == "/" ? "" : group) + "/" + child.name;
      H5O_info_t info;
      if (H5Oget_info_by_name2(id.id(), child.name.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0) continue;
      if (!seen.insert({info.fileno, info.addr}).second) continue;
      if (info.type == H5O_TYPE_GROUP) walk(path_of_child, depth + 1);
      if (info.type == H5O_TYPE_DATASET) add_dataset(path_of_child);
    }
  }

  void add_dataset(const std::string& name) {
    Hdf5Dataset result;
    result.path = name;
    const Hdf5Handle dataset(H5Dopen2(file.id(), name.c_str(), H5P_DEFAULT), &H5Dclose);
    const Hdf5Handle type(dataset.valid() ? H5Dget_type(dataset.id()) : -1, &H5Tclose);
    const Hdf5Handle space(dataset.valid() ? H5Dget_space(dataset.id()) : -1, &H5Sclose);
    const Hdf5Handle creation(dataset.valid() ? H5Dget_create_plist(dataset.id()) : -1, &H5Pclose);
    if (!type.valid() || !space.valid() || !creation.valid()) {
      result.type_name = "unknown";
      result.unreadable = "its description is damaged";
      datasets.push_back(std::move(result));
      return;
    }
    const int axes = H5Sget_simple_extent_ndims(space.id());
    if (axes > 0) {
      std::vector<hsize_t> extent(static_cast<std::size_t>(axes));
      H5Sget_simple_extent_dims(space.id(), extent.data(), nullptr);
      result.shape.assign(extent.begin(), extent.end());
    }
    result.type = sample_type_of(type.id());
    result.type_name = result.type ? name_of(*result.type) : name_of_class(type.id());
    std::uint64_t bytes = std::max<std::size_t>(H5Tget_size(type.id()), 1);
    bool overflow = false;
    for (const std::uint64_t length : result.shape) overflow |= __builtin_mul_overflow(bytes, length, &bytes);
    result.unreadable =
        overflow ? "its size overflows: damaged" : why_storage_is_wrong(dataset.id(), creation.id(), bytes);
    datasets.push_back(std::move(result));
  }

  // Kept open: opening a dataset costs more than reading a small frame. The cache holds a chunk that spans
  // frames.
  hid_t dataset(const Hdf5Dataset& which) const {
    const auto found = open_datasets.find(which.path);
    if (found != open_datasets.end()) return found->second.id();
    const Hdf5Handle access(H5Pcreate(H5P_DATASET_ACCESS), &H5Pclose);
    H5Pset_chunk_cache(access.id(), 521, 64U << 20U, 1.0);
    Hdf5Handle opened(H5Dopen2(file.id(), which.path.c_str(), access.id()), &H5Dclose);
    if (!opened.valid())
      throw Error(fmt::format("{}: HDF5: dataset {} cannot be opened", path.string(), which.path));
    return open_datasets.emplace(which.path, std::move(opened)).first->second.id();
  }
};

bool is_hdf5(std::string_view head) {
  for (const std::size_t at : {0U, 512U, 1024U, 2048U})
    if (head.size() >= at + 8 && head.substr(at, 8) == "\x89HDF\r\n\x1A\n") return true;
  return false;
}

std::string Hdf5Dataset::shape_text() const {
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, " x "));
}

Hdf5File::Hdf5File(const std::filesystem::path& path) {
  const std::lock_guard lock(hdf5_lock());
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // errors are told by us, not printed
  const hid_t id = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (id < 0)
    throw Error(fmt::format("{}: HDF5: the file cannot be opened: truncated or damaged, copy it again",
                            path.string()));
  state_ = std::make_unique<State>(path, id);
  H5O_info_t root;
  if (H5Oget_info2(id, &root, H5O_INFO_BASIC) >= 0) state_->seen.insert({root.fileno, root.addr});
  state_->walk("/", 0);
}

Hdf5File::~Hdf5File() {
  const std::lock_guard lock(hdf5_lock());
  state_.reset();
}

const std::vector<Hdf5Dataset>& Hdf5File::datasets() const { return state_->datasets; }
const std::vector<std::string>& Hdf5File::groups() const { return state_->groups; }

const Hdf5Dataset* Hdf5File::find(const std::string& path) const {
  const std::string absolute = path.compare(0, 1, "/") == 0 ? path : "/" + path;
  for (const Hdf5Dataset& dataset : state_->datasets)
    if (dataset.path == absolute) return &dataset;
  return nullptr;
}

Error Hdf5File::error(std::string_view message) const {
  return Error(fmt::format("{}: HDF5: {}", state_->path.string(), message));
}

cv::Mat Hdf5File::read_plane(const Hdf5Dataset& dataset, const std::vector<std::uint64_t>& position,
                             std::size_t row_axis, std::size_t column_axis) const {
  const std::lock_guard lock(hdf5_lock());
  if (!dataset.unreadable.empty() || !dataset.type)
    throw error(fmt::format("dataset {}: {}", dataset.path, dataset.unreadable));
  std::vector<hsize_t> start(position.begin(), position.end());
  std::vector<hsize_t> count(position.size(), 1);
  start[row_axis] = start[column_axis] = 0;
  count[row_axis] = dataset.shape[row_axis];
  count[column_axis] = dataset.shape[column_axis];
  const hid_t id = state_->dataset(dataset);
  const Hdf5Handle space(H5Dget_space(id), &H5Sclose);
  const hsize_t total = count[row_axis] * count[column_axis];
  const Hdf5Handle memory(H5Screate_simple(1, &total, nullptr), &H5Sclose);
  const bool rows_first = row_axis < column_axis;
  const int slow = static_cast<int>(count[std::min(row_axis, column_axis)]);
  const int fast = static_cast<int>(count[std::max(row_axis, column_axis)]);
  cv::Mat plane(slow, fast, depth_of(*dataset.type));
  Hdf5Handle native(H5Tcopy(hdf5_type_of_depth(depth_of(*dataset.type))), &H5Tclose);
  const Hdf5Handle stored(H5Dget_type(id), &H5Tclose);
  const Hdf5Handle as_enum(
      *dataset.type == SampleType::boolean ? H5Tget_native_type(stored.id(), H5T_DIR_ASCEND) : -1, &H5Tclose);
  if (H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0 ||
      H5Dread(id, as_enum.valid() ? as_enum.id() : native.id(), memory.id(), space.id(), H5P_DEFAULT,
              plane.data) < 0)
    throw error(fmt::format("dataset {}: the plane at ({}) cannot be read: truncated or damaged",
                            dataset.path, fmt::join(position, ", ")));
  return rows_first ? plane : cv::Mat(plane.t());
}

std::vector<double> Hdf5File::read_numbers(const Hdf5Dataset& dataset, std::uint64_t max_count) const {
  const std::lock_guard lock(hdf5_lock());
  std::uint64_t count = 1;
  for (const std::uint64_t length : dataset.shape)
    if (__builtin_mul_overflow(count, length, &count)) return {};
  if (!dataset.type || !dataset.unreadable.empty() || *dataset.type == SampleType::boolean ||
      count > max_count)
    return {};
  std::vector<double> values(count);
  if (H5Dread(state_->dataset(dataset), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
    return {};
  return values;
}

std::string Hdf5File::read_text_column(const Hdf5Dataset& dataset, std::uint64_t column) const {
  constexpr std::uint64_t max_bytes = 16U << 20U;
  if (dataset.shape.size() != 2 || dataset.type != SampleType::u8 || column >= dataset.shape[1] ||
      dataset.shape[0] > max_bytes || !dataset.unreadable.empty())
    return "";
  const std::lock_guard lock(hdf5_lock());
  const hid_t id = state_->dataset(dataset);
  const Hdf5Handle space(H5Dget_space(id), &H5Sclose);
  const std::array<hsize_t, 2> start{0, column};
  const std::array<hsize_t, 2> count{dataset.shape[0], 1};
  const Hdf5Handle memory(H5Screate_simple(1, count.data(), nullptr), &H5Sclose);
  std::string text(dataset.shape[0], '\0');
  if (H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0 ||
      H5Dread(id, H5T_NATIVE_UCHAR, memory.id(), space.id(), H5P_DEFAULT, text.data()) < 0)
    return "";
  return text.substr(0, text.find('\0'));
}

std::string Hdf5File::read_text(const Hdf5Dataset& dataset) const {
  const std::lock_guard lock(hdf5_lock());
  return dataset.unreadable.empty() ? hdf5_text_of_dataset(state_->dataset(dataset)) : "";
}

std::vector<double> Hdf5File::numbers_attribute(const std::string& object, const std::string& name) const {
  const std::lock_guard lock(hdf5_lock());
  return hdf5_numbers_attribute(state_->file.id(), object, name);
}

std::optional<double> Hdf5File::number_attribute(const std::string& object, const std::string& name) const {
  const std::vector<double> numbers = numbers_attribute(object, name);
  return numbers.empty() ? std::nullopt : std::optional(numbers.front());
}

std::optional<std::string> Hdf5File::text_attribute(const std::string& object,
                                                    const std::string& name) const {
  const std::lock_guard lock(hdf5_lock());
  return hdf5_text_attribute(state_->file.id(), object, name);
}

}  // namespace sinterscope
