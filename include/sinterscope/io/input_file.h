// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A file read at given offsets: every read is checked against the file's size before anything is allocated,
// and an error names file, format, field and offset. Reading is by position (pread), so many threads share
// one InputFile.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "sinterscope/core/error.h"

namespace sinterscope {

enum class ByteOrder { little, big };

inline constexpr ByteOrder machine_order =
    std::endian::native == std::endian::little ? ByteOrder::little : ByteOrder::big;

/// The same number with its bytes in the opposite order.
template <typename Number>
Number swap_bytes(Number value) {
  auto bytes = std::bit_cast<std::array<unsigned char, sizeof(Number)>>(value);
  for (std::size_t i = 0; i < bytes.size() / 2; ++i) std::swap(bytes[i], bytes[bytes.size() - 1 - i]);
  return std::bit_cast<Number>(bytes);
}

/// A number out of memory, in the given byte order.
template <typename Number>
Number number_from(const void* bytes, ByteOrder order) {
  Number value;
  std::memcpy(&value, bytes, sizeof(Number));
  return order == machine_order ? value : swap_bytes(value);
}

class InputFile {
 public:
  /// Opens for reading. Throws Error where there is no such file, it is a folder or it may not be read.
  explicit InputFile(std::filesystem::path path, std::string format = "");
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }

  /// `count` bytes at `offset` into `target`; Error naming `field` where the file ends before.
  void read(std::uint64_t offset, void* target, std::uint64_t count, std::string_view field) const;
  /// The same as a string.
  std::string text(std::uint64_t offset, std::uint64_t count, std::string_view field) const;
  template <typename Number>
  Number number(std::uint64_t offset, ByteOrder order, std::string_view field) const {
    std::array<unsigned char, sizeof(Number)> bytes;
    read(offset, bytes.data(), bytes.size(), field);
    return number_from<Number>(bytes.data(), order);
  }
  /// Throws Error unless [offset, offset + count) lies inside the file.
  void require(std::uint64_t offset, std::uint64_t count, std::string_view field) const;

  /// An Error about this file: "path: format: message".
  Error error(std::string_view message) const;

 private:
  std::filesystem::path path_;
  std::string format_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// The whole of a small text file. Throws Error where it is missing or larger than max_bytes.
std::string read_text_file(const std::filesystem::path& path, std::uint64_t max_bytes = 64U << 20U);

}  // namespace sinterscope
