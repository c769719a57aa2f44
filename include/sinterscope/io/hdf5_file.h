// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What an HDF5 file holds: datasets and attributes along hard links only, planes of pixels on demand.
//
// A file is not trusted: soft and external links are not followed, groups are visited once and to a depth of
// 64, and a dataset whose declared size its stored bytes cannot make up is not read. Debian's HDF5 is not
// thread-safe: one lock of the process guards every call, so planes are read one at a time.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/io/sample_type.h"

namespace sinterscope {

struct Hdf5Dataset {
  std::string path;                  ///< from the root: "/Data/Image/x/Data"
  std::vector<std::uint64_t> shape;  ///< slowest axis first
  std::optional<SampleType> type;    ///< empty: no real number
  std::string type_name;             ///< numpy name, or what it is
  std::string unreadable;            ///< why it cannot be read; empty = it can

  std::string shape_text() const;  ///< "5 x 128 x 128"
};

class Hdf5File {
 public:
  /// Throws Error where the file is no HDF5 file or is cut short.
  explicit Hdf5File(const std::filesystem::path& path);
  ~Hdf5File();
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  /// All datasets, in the order of their names.
  const std::vector<Hdf5Dataset>& datasets() const;
  /// All groups, the root "/" first.
  const std::vector<std::string>& groups() const;
  /// The dataset of this path (with or without leading '/'), or null.
  const Hdf5Dataset* find(const std::string& path) const;

  /// The two-dimensional section of a dataset that runs over the axes `row_axis` and `column_axis` at
  /// `position` (one number an axis; those of the two axes are ignored), as a matrix of depth_of(type), rows
  /// along row_axis.
  cv::Mat read_plane(const Hdf5Dataset& dataset, const std::vector<std::uint64_t>& position,
                     std::size_t row_axis, std::size_t column_axis) const;
  /// A numeric dataset of at most max_count numbers, flat; empty where it is larger or not numeric.
  std::vector<double> read_numbers(const Hdf5Dataset& dataset, std::uint64_t max_count = 1U << 20U) const;
  /// Column `column` of a (bytes, columns) dataset of uint8, up to the first zero byte.
  std::string read_text_column(const Hdf5Dataset& dataset, std::uint64_t column) const;
  /// The text in a dataset of one string (or of an array of them: the first); empty where it holds none.
  std::string read_text(const Hdf5Dataset& dataset) const;

  /// All numbers (64 at most), the first number, or the first text of an attribute of a group or dataset;
  /// empty where it is missing or of another kind.
  std::vector<double> numbers_attribute(const std::string& object, const std::string& name) const;
  std::optional<double> number_attribute(const std::string& object, const std::string& name) const;
  std::optional<std::string> text_attribute(const std::string& object, const std::string& name) const;

  /// "path: HDF5: message"
  Error error(std::string_view message) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether an HDF5 signature stands at one of the places where it may (0, 512, 1024, 2048).
bool is_hdf5(std::string_view head);

}  // namespace sinterscope
