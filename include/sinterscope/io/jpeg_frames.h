// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// JPEG files through libjpeg. Lossy: the noise of the picture is no longer that of the detector, which a
// warning says. A file cut short is an error, not a picture with a gray bottom.

#include <filesystem>
#include <memory>
#include <string_view>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

/// Whether these first bytes are those of a JPEG file.
bool is_jpeg(std::string_view head);

std::unique_ptr<FrameSource> open_jpeg(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace sinterscope
