// SPDX-License-Identifier: GPL-3.0-or-later
#include "hdf5_values.h"

namespace sinterscope {
namespace {

// The first string that `read` yields, for the fixed and the variable kind alike.
template <typename Read>
std::string first_text(hid_t type, hid_t space, Read&& read) {
  constexpr hssize_t max_count = 4096;
  constexpr std::size_t max_bytes = 16U << 20U;
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (H5Tget_class(type) != H5T_STRING || count < 1 || count > max_count) return "";
  const auto strings = static_cast<std::size_t>(count);
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char*> texts(strings, nullptr);
    const Hdf5Handle memory(H5Tcopy(H5T_C_S1), &H5Tclose);
    H5Tset_size(memory.id(), H5T_VARIABLE);
    H5Tset_cset(memory.id(), H5Tget_cset(type));
    if (read(memory.id(), texts.data()) < 0) return "";
    const std::string first = texts.front() == nullptr ? "" : texts.front();
    H5Dvlen_reclaim(memory.id(), space, H5P_DEFAULT, texts.data());
    return first;
  }
  const std::size_t bytes = H5Tget_size(type);
  if (bytes == 0 || bytes > max_bytes / strings) return "";
  std::string text(bytes * strings, '\0');
  if (read(type, text.data()) < 0) return "";
  text.resize(bytes);
  return text.substr(0, text.find('\0'));
}

struct Attribute {
  Attribute(hid_t file, const std::string& object, const std::string& name)
      : handle(H5Aexists_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT) > 0
                   ? H5Aopen_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT)
                   : -1,
               &H5Aclose),
        type(handle.valid() ? H5Aget_type(handle.id()) : -1, &H5Tclose),
        space(handle.valid() ? H5Aget_space(handle.id()) : -1, &H5Sclose) {}

  bool valid() const { return type.valid() && space.valid(); }

  Hdf5Handle handle;
  Hdf5Handle type;
  Hdf5Handle space;
};

}  // namespace

std::vector<double> hdf5_numbers_attribute(hid_t file, const std::string& object, const std::string& name) {
  const Attribute attribute(file, object, name);
  if (!attribute.valid()) return {};
  const hssize_t count = H5Sget_simple_extent_npoints(attribute.space.id());
  if (count < 1 || count > 64) return {};
  const H5T_class_t kind = H5Tget_class(attribute.type.id());
  if (kind == H5T_ENUM && H5Tget_size(attribute.type.id()) == 1) {  // h5py's bool
    std::vector<signed char> flags(static_cast<std::size_t>(count));
    if (H5Aread(attribute.handle.id(), attribute.type.id(), flags.data()) < 0) return {};
    return {flags.begin(), flags.end()};
  }
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) return {};
  std::vector<double> values(static_cast<std::size_t>(count));
  if (H5Aread(attribute.handle.id(), H5T_NATIVE_DOUBLE, values.data()) < 0) return {};
  return values;
}

std::optional<std::string> hdf5_text_attribute(hid_t file, const std::string& object,
                                               const std::string& name) {
  const Attribute attribute(file, object, name);
  if (!attribute.valid() || H5Tget_class(attribute.type.id()) != H5T_STRING) return std::nullopt;
  return first_text(attribute.type.id(), attribute.space.id(), [&attribute](hid_t memory, void* target) {
    return H5Aread(attribute.handle.id(), memory, target);
  });
}

std::string hdf5_text_of_dataset(hid_t dataset) {
  const Hdf5Handle type(H5Dget_type(dataset), &H5Tclose);
  const Hdf5Handle space(H5Dget_space(dataset), &H5Sclose);
  return first_text(type.id(), space.id(), [dataset](hid_t memory, void* target) {
    return H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, target);
  });
}

}  // namespace sinterscope
