// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A folder or a glob pattern of images as one stack, in natural order of their paths (img9 before img10).
// In-situ cameras write folders of folders (Hour_00/Minute_00/Second_00/*_Frame_0000.dm4): folders are walked
// to the bottom, and such names give the time of every frame.

#include <filesystem>
#include <memory>
#include <vector>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

/// Whether the last part of the path is a pattern and no file of that name exists.
bool is_glob_pattern(const std::filesystem::path& path);

/// The image files of a folder (to the bottom) or of a pattern, in natural order. Files of no known format
/// are passed over in a folder, and an error in a pattern. Throws Error where none is left or where formats
/// are mixed.
std::vector<std::filesystem::path> image_files(const std::filesystem::path& folder_or_pattern);

/// One frame a file. The first file gives size, type and calibration; a file of another size or scale or
/// with several frames is an Error when it is loaded.
std::unique_ptr<FrameSource> open_image_sequence(const std::filesystem::path& folder_or_pattern,
                                                 const OpenOptions& options = {});

}  // namespace sinterscope
