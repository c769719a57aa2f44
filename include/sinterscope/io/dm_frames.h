// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Images and stacks of Gatan DigitalMicrograph files (DM3, DM4): the images that are not thumbnails, with
// scale, frame interval (a stack axis in seconds) and detector. Complex, RGB, spectra, spectrum images and
// diffraction patterns are refused by name.

#include <filesystem>
#include <memory>
#include <string_view>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

std::unique_ptr<FrameSource> open_dm(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace sinterscope
