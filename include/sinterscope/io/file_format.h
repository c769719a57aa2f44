// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The format of a file by its first bytes.

#include <filesystem>

namespace sinterscope {

enum class FileFormat { unknown, tiff, png, jpeg, bmp, hdf5, dm, ser, emi, mrc };

/// Reads the first bytes. Throws Error where the file cannot be read or is empty.
FileFormat file_format(const std::filesystem::path& path);

}  // namespace sinterscope
