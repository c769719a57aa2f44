// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// HDF5 files as small as a test needs.

#include <hdf5.h>

#include <filesystem>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace sinterscope::test {

class Hdf5Writer {
 public:
  explicit Hdf5Writer(const std::filesystem::path& path);
  ~Hdf5Writer();
  Hdf5Writer(const Hdf5Writer&) = delete;
  Hdf5Writer& operator=(const Hdf5Writer&) = delete;

  /// The pixels in C order as a dataset of this shape; groups on the way are made. type: "uint32" overrides.
  void dataset(const std::string& path, const cv::Mat& pixels, const std::vector<hsize_t>& shape,
               const std::string& type = "");
  /// A chunked dataset of uint16 in which nothing was ever written.
  void empty_dataset(const std::string& path, const std::vector<hsize_t>& shape);
  /// One variable-length string.
  void text_dataset(const std::string& path, const std::string& text);
  void group(const std::string& path);
  void number(const std::string& object, const std::string& name, double value);
  void numbers(const std::string& object, const std::string& name, const std::vector<double>& values);
  void integer(const std::string& object, const std::string& name, int value);
  void text(const std::string& object, const std::string& name, const std::string& value);
  void external_link(const std::string& path, const std::string& file, const std::string& target);
  void soft_link(const std::string& path, const std::string& target);

 private:
  hid_t file_;
  hid_t links_;  ///< makes the groups on the way
};

}  // namespace sinterscope::test
