// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Frames of an HDF5 file: the kinds that microscopes and their programs write (Velox, EMD, HyperSpy, DM5) by
// their own rules; else of a dataset of a file of no particular kind: (rows, columns), (frames, rows,
// columns), or more axes of length 1 in front. Without a name there must be exactly one such dataset.
//
// Attributes of the dataset or of the groups above it are honoured where they say their unit: `scale` or
// `pixel_size` with `scale_unit`, `pixel_size_unit`, `units` or `unit`; `pixel_size_nm`, `pixel_size_um`,
// `pixel_size_m`; `element_size_um` (z, y, x); `frame_interval_s`. A scale without unit is no scale.
//
// The library itself breaks down on some damaged files: a child process opens each file first and reads its
// first, middle and last frame.

#include <filesystem>
#include <memory>
#include <string_view>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/io/hdf5_file.h"
#include "sinterscope/io/open_options.h"

namespace sinterscope {

std::unique_ptr<FrameSource> open_hdf5(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace sinterscope
