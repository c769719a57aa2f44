// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What reading and writing HDF5 share: the one lock of the library, identifiers that close themselves, and
// the memory type of a matrix.

#include <hdf5.h>

#include <mutex>
#include <opencv2/core.hpp>
#include <utility>

namespace sinterscope {

/// Debian's HDF5 is not thread-safe: held around every call.
std::mutex& hdf5_lock();

/// An HDF5 identifier with its way to be closed.
class Hdf5Handle {
 public:
  Hdf5Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Hdf5Handle() {
    if (id_ >= 0) close_(id_);
  }
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Hdf5Handle& operator=(Hdf5Handle&&) = delete;
  hid_t id() const { return id_; }
  bool valid() const { return id_ >= 0; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

/// The HDF5 type of one number of a matrix of this OpenCV depth.
inline hid_t hdf5_type_of_depth(int depth) {
  switch (depth) {
    case CV_8U:
      return H5T_NATIVE_UCHAR;
    case CV_8S:
      return H5T_NATIVE_SCHAR;
    case CV_16U:
      return H5T_NATIVE_USHORT;
    case CV_16S:
      return H5T_NATIVE_SHORT;
    case CV_32S:
      return H5T_NATIVE_INT;
    case CV_32F:
      return H5T_NATIVE_FLOAT;
    default:
      return H5T_NATIVE_DOUBLE;
  }
}

}  // namespace sinterscope
