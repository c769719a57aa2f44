// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cctype>
#include <string>

namespace sinterscope {

/// A region's name as part of a file name.
inline std::string file_part(const std::string& region) {
  std::string part;
  for (const char c : region) part += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ? c : '_';
  return part;
}

}  // namespace sinterscope
