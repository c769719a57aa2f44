// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The SHA-256 of a file: says which bytes a result was made from.

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>

namespace sinterscope {

/// 64 hexadecimal digits, of the whole file or of its first bytes. Throws Error where it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path,
                           std::uintmax_t most_bytes = std::numeric_limits<std::uintmax_t>::max());

std::string sha256_of_text(std::string_view text);

}  // namespace sinterscope
