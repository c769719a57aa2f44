// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A state as bytes, so that a run can stop and continue bit for bit.
//
// A class lists its fields once, in `template <typename Archive> void archive(Archive& bytes)`; ByteWriter
// turns them into bytes and ByteReader reads them back. The bytes are those of the machine (little endian on
// every platform this builds on) and are meant to be read by the same version; a checksum tells a damaged or
// shortened file.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sinterscope/core/error.h"

namespace sinterscope {

class ByteWriter {
 public:
  static constexpr bool reading = false;

  template <typename T>
  void operator()(const T& value) {
    if constexpr (std::is_trivially_copyable_v<T>)
      bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    else
      const_cast<T&>(value).archive(*this);  // archive() reads only, when it is given a writer
  }
  template <typename T>
  void operator()(const std::vector<T>& values) {
    (*this)(static_cast<std::uint64_t>(values.size()));
    for (const T& value : values) (*this)(value);
  }
  /// The bytes with their checksum in front.
  std::string finish() const;

 private:
  std::string bytes_;
};

class ByteReader {
 public:
  static constexpr bool reading = true;

  /// Throws Error where the checksum does not fit.
  explicit ByteReader(std::string_view bytes);

  template <typename T>
  void operator()(T& value) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      need(sizeof value);
      std::memcpy(static_cast<void*>(&value), bytes_.data(), sizeof value);
      bytes_.remove_prefix(sizeof value);
    } else {
      value.archive(*this);
    }
  }
  template <typename T>
  void operator()(std::vector<T>& values) {
    std::uint64_t size = 0;
    (*this)(size);
    need(size);  // every element takes one byte or more
    values.resize(size);
    for (T& value : values) (*this)(value);
  }
  /// Throws Error unless every byte was read.
  void finish() const;

 private:
  void need(std::uint64_t count) const;
  std::string_view bytes_;
};

}  // namespace sinterscope
