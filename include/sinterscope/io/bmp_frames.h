// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Windows bitmaps of 8 (palette), 24 or 32 bits a pixel, not compressed, bottom-up or top-down.

#include <filesystem>
#include <memory>
#include <string_view>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

/// Whether these first bytes are those of a BMP file.
bool is_bmp(std::string_view head);

std::unique_ptr<FrameSource> open_bmp(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace sinterscope
