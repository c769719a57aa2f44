// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The format of a file by its first bytes.

#include <filesystem>
#include <string>

namespace sinterscope {

enum class FileFormat { unknown, tiff, png, jpeg, bmp, hdf5, dm, ser, emi, mrc };

/// Reads the first bytes. Throws Error where the file cannot be read or is empty.
FileFormat file_format(const std::filesystem::path& path);

/// The name of a format that is known but not read, with the way out ("GIF: save it as TIFF"); "" otherwise.
std::string unsupported_format(const std::filesystem::path& path);

}  // namespace sinterscope
