// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Image series of FEI/Thermo Fisher TIA (.ser), with what the .emi file beside it says: frame time, camera,
// imaging mode. An .emi file opens the .ser files of its name.
//
// Rows are stored bottom-up and turned here. An aborted series announces more frames than it holds: the valid
// ones count. A .ser of a diffraction pattern gives its pixel size in metres all the same; sizes above 1 mm,
// and the mode in the .emi, tell.

#include <filesystem>
#include <memory>
#include <string_view>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

/// Whether these first bytes are those of such a file.
bool is_ser(std::string_view head);

std::unique_ptr<FrameSource> open_ser(const std::filesystem::path& path, const OpenOptions& options = {});
/// The .ser file of this .emi, chosen by its number ("1") or detector where there are several.
std::unique_ptr<FrameSource> open_emi(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace sinterscope
