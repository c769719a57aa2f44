// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Frames of a TIFF or BigTIFF file: 8, 16, 32 and 64 bit integers and floats, strips or tiles, every
// compression that libtiff decodes without loss and 8-bit JPEG; multi-page files and ImageJ's stacks of one
// directory with contiguous pixels. White-is-zero images are inverted, palettes read as indices (microscopes
// paint overlays with them), RGB reduced to gray; thumbnails and pages of another shape are left out.

#include <filesystem>
#include <memory>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

std::unique_ptr<FrameSource> open_tiff(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace sinterscope
