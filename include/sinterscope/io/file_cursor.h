// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Walks through a file of many small fields in order, through a window of 64 kB, with the checks of
// InputFile.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "sinterscope/io/input_file.h"

namespace sinterscope {

class FileCursor {
 public:
  explicit FileCursor(const InputFile& file, std::uint64_t position = 0)
      : file_(&file), position_(position) {}

  const InputFile& file() const { return *file_; }
  std::uint64_t position() const { return position_; }
  void seek(std::uint64_t position) { position_ = position; }

  /// Steps over bytes. Throws Error where the file ends before.
  void skip(std::uint64_t count, std::string_view field) {
    file_->require(position_, count, field);
    position_ += count;
  }
  template <typename Number>
  Number number(ByteOrder order, std::string_view field) {
    fill(sizeof(Number), field);
    const Number value = number_from<Number>(window_.data() + (position_ - window_start_), order);
    position_ += sizeof(Number);
    return value;
  }
  /// Bytes as text; at most a window.
  std::string text(std::uint64_t count, std::string_view field) {
    if (count > window_bytes) throw file_->error("a text field is too long: damaged");
    fill(count, field);
    std::string result = window_.substr(position_ - window_start_, count);
    position_ += count;
    return result;
  }

 private:
  static constexpr std::uint64_t window_bytes = 64U << 10U;

  void fill(std::uint64_t count, std::string_view field) {
    if (position_ >= window_start_ && position_ - window_start_ + count <= window_.size()) return;
    file_->require(position_, count, field);
    window_start_ = position_;
    window_ = file_->text(position_, std::min(window_bytes, file_->size() - position_), field);
  }

  const InputFile* file_;
  std::uint64_t position_;
  std::uint64_t window_start_ = 0;
  std::string window_;
};

}  // namespace sinterscope
