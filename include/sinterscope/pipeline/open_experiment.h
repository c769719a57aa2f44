// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From the pipeline file to frames, holds and calibration: everything that is checked before any pixel is
// worked on.

#include "sinterscope/pipeline/products.h"

namespace sinterscope {

/// Opens every file of the pipeline (headers only), joins them into regions and holds, and settles the pixel
/// size: acquisition.pixel_size_nm wins over the files, and a disagreement of more than 2 % is a warning that
/// names both. Of the frames that were loaded last as many are kept as `threads` work on at a time. Throws
/// where a file is missing, of another size than its region's, or of another pixel size.
Products open_experiment(const PipelineConfig& config, Progress& progress, int threads = 1);

}  // namespace sinterscope
