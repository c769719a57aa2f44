// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// PNG files of 1 to 16 bits through libpng: gray, palette, RGB, alpha ignored, interlaced or not.

#include <filesystem>
#include <memory>
#include <string_view>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

/// Whether these first bytes are those of a PNG file.
bool is_png(std::string_view head);

std::unique_ptr<FrameSource> open_png(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace sinterscope
