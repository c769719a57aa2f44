// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The SHA-256 of a file: says which bytes a result was made from.

#include <filesystem>
#include <string>

namespace sinterscope {

/// 64 hexadecimal digits. Throws Error where the file cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace sinterscope
