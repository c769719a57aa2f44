// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Values to bytes and back, exactly: doubles bit for bit, images pixel for pixel.
//
// One Archive works one way: made on an output stream it writes what it is given, made on an input stream it
// fills it, so one list of products serves for both. Plain structs are walked field by field (core/fields.h).
// The bytes are those of this machine and this build of the program; the store keeps both in its keys.

#include <cstdint>
#include <iosfwd>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sinterscope/core/fields.h"

namespace sinterscope {

class Archive {
 public:
  explicit Archive(std::ostream& out) : out_(&out) {}
  explicit Archive(std::istream& in) : in_(&in) {}

  bool reading() const { return in_ != nullptr; }

  /// Writes the values, or reads them in the same order. Throws Error where the stream ends early or fails.
  template <typename... T>
  void operator()(T&... values) {
    (exchange(values), ...);
  }

 private:
  template <typename T>
  void exchange(T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>)
      raw(&value, sizeof value);
    else if constexpr (std::is_base_of_v<cv::Mat, T>)
      image(value);
    else
      with_fields(value, [this](auto&... fields) { (exchange(fields), ...); });
  }
  void exchange(std::string& text) {
    text.resize(size(text.size()));
    raw(text.data(), text.size());
  }
  void exchange(std::vector<bool>& values) {
    values.resize(size(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      bool one = values[i];
      exchange(one);
      values[i] = one;
    }
  }
  template <typename T>
  void exchange(std::vector<T>& values) {
    values.resize(size(values.size()));
    if constexpr (std::is_arithmetic_v<T>)
      raw(values.data(), values.size() * sizeof(T));
    else
      for (T& one : values) exchange(one);
  }
  template <typename T>
  void exchange(std::optional<T>& value) {
    bool there = value.has_value();
    exchange(there);
    if (reading()) value = there ? std::optional<T>(T{}) : std::nullopt;
    if (there) exchange(*value);
  }
  template <typename A, typename B>
  void exchange(std::pair<A, B>& value) {
    exchange(value.first);
    exchange(value.second);
  }
  template <typename T>
  void exchange(cv::Point_<T>& point) {
    exchange(point.x);
    exchange(point.y);
  }
  template <typename T>
  void exchange(cv::Rect_<T>& rect) {
    exchange(rect.x);
    exchange(rect.y);
    exchange(rect.width);
    exchange(rect.height);
  }

  std::size_t size(std::size_t value) {
    auto count = static_cast<std::uint64_t>(value);
    exchange(count);
    return static_cast<std::size_t>(count);
  }
  void image(cv::Mat& pixels);
  void raw(void* bytes, std::size_t count);

  std::ostream* out_ = nullptr;
  std::istream* in_ = nullptr;
};

}  // namespace sinterscope
