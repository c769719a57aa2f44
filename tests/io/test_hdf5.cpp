// SPDX-License-Identifier: GPL-3.0-or-later
#include "test_hdf5.h"

#include "hdf5_handle.h"

namespace sinterscope::test {
namespace {

void write_attribute(hid_t file, const std::string& object, const std::string& name, hid_t type,
                     const void* value) {
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate_by_name(file, object.c_str(), name.c_str(), type, space, H5P_DEFAULT,
                                            H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, type, value);
  H5Aclose(attribute);
  H5Sclose(space);
}

}  // namespace

Hdf5Writer::Hdf5Writer(const std::filesystem::path& path)
    : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)),
      links_(H5Pcreate(H5P_LINK_CREATE)) {
  H5Pset_create_intermediate_group(links_, 1);
}

Hdf5Writer::~Hdf5Writer() {
  H5Pclose(links_);
  H5Fclose(file_);
}

void Hdf5Writer::dataset(const std::string& path, const cv::Mat& pixels, const std::vector<hsize_t>& shape,
                         const std::string& type) {
  const hid_t stored = type == "uint32" ? H5T_NATIVE_UINT : hdf5_type_of_depth(pixels.depth());
  const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  const hid_t set = H5Dcreate2(file_, path.c_str(), stored, space, links_, H5P_DEFAULT, H5P_DEFAULT);
  H5Dwrite(set, stored, H5S_ALL, H5S_ALL, H5P_DEFAULT, pixels.data);
  H5Dclose(set);
  H5Sclose(space);
}

void Hdf5Writer::empty_dataset(const std::string& path, const std::vector<hsize_t>& shape) {
  std::vector<hsize_t> chunk(shape);
  for (std::size_t i = 0; i + 2 < chunk.size(); ++i) chunk[i] = 1;
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk.data());
  const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  H5Dclose(H5Dcreate2(file_, path.c_str(), H5T_NATIVE_USHORT, space, links_, creation, H5P_DEFAULT));
  H5Sclose(space);
  H5Pclose(creation);
}

void Hdf5Writer::text_dataset(const std::string& path, const std::string& text) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t set = H5Dcreate2(file_, path.c_str(), type, space, links_, H5P_DEFAULT, H5P_DEFAULT);
  const char* value = text.c_str();
  H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value);
  H5Dclose(set);
  H5Sclose(space);
  H5Tclose(type);
}

void Hdf5Writer::group(const std::string& path) {
  H5Gclose(H5Gcreate2(file_, path.c_str(), links_, H5P_DEFAULT, H5P_DEFAULT));
}

void Hdf5Writer::number(const std::string& object, const std::string& name, double value) {
  write_attribute(file_, object, name, H5T_NATIVE_DOUBLE, &value);
}

void Hdf5Writer::numbers(const std::string& object, const std::string& name,
                         const std::vector<double>& values) {
  const hsize_t count = values.size();
  const hid_t space = H5Screate_simple(1, &count, nullptr);
  const hid_t attribute = H5Acreate_by_name(file_, object.c_str(), name.c_str(), H5T_NATIVE_DOUBLE, space,
                                            H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(attribute, H5T_NATIVE_DOUBLE, values.data());
  H5Aclose(attribute);
  H5Sclose(space);
}

void Hdf5Writer::integer(const std::string& object, const std::string& name, int value) {
  write_attribute(file_, object, name, H5T_NATIVE_INT, &value);
}

void Hdf5Writer::text(const std::string& object, const std::string& name, const std::string& value) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, value.size() + 1);
  write_attribute(file_, object, name, type, value.c_str());
  H5Tclose(type);
}

void Hdf5Writer::external_link(const std::string& path, const std::string& file, const std::string& target) {
  H5Lcreate_external(file.c_str(), target.c_str(), file_, path.c_str(), links_, H5P_DEFAULT);
}

void Hdf5Writer::soft_link(const std::string& path, const std::string& target) {
  H5Lcreate_soft(target.c_str(), file_, path.c_str(), links_, H5P_DEFAULT);
}

}  // namespace sinterscope::test
