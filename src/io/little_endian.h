// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Numbers as little-endian bytes, for writers.

#include <string>

#include "sinterscope/io/input_file.h"

namespace sinterscope {

template <typename Number>
std::string little(Number value) {
  if (machine_order == ByteOrder::big) value = swap_bytes(value);
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

}  // namespace sinterscope
