// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From a path to frames, whatever wrote the file.
//
// The format is told by the first bytes, never by the name: an exported file is often renamed, and a wrong
// guess costs a wrong pixel size. A folder or a glob pattern (a path whose last part holds '*' or '?') is a
// sequence of images in natural order (img9 before img10). Nothing but headers is read here: a frame is read
// when it is asked for.

#include <filesystem>
#include <memory>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

/// The frames of a file, folder or glob pattern; load(i) may be called from many threads at once.
/// Throws Error with file, format, field and what to do: no such file, unknown or unsupported content, a size
/// that the file cannot hold, data that are no real-space images (diffraction, spectra, complex numbers).
std::unique_ptr<FrameSource> open_frames(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace sinterscope
