// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// MRC2014 files (also .map, .mrcs) with extended headers; modes 0 (int8 or uint8), 1, 2, 6, 12 in either byte
// order. Cheng et al., J. Struct. Biol. 192, 146 (2015), doi:10.1016/j.jsb.2015.04.002. Rows stay in file
// order. A cell that is not positive is no scale (STEM and direct-detector files carry such); then the pixel
// size of a Thermo Fisher extended header counts (FEI1, FEI2), whose blocks also give the time of every
// section.

#include <filesystem>
#include <memory>
#include <string_view>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

/// Whether these first bytes are those of such a file.
bool is_mrc(std::string_view head);

std::unique_ptr<FrameSource> open_mrc(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace sinterscope
