// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What each imaging stage saw, for people who want to check it: written on request ("check_images": true in
// the pipeline file) under check/ of the output directory.

#include <filesystem>

#include "sinterscope/pipeline/products.h"

namespace sinterscope {

/// Per region, in files whose names begin with the region's:
/// - noise.png: squared deviation from the smoothed first frame over the variance of the noise model, grey
///   from 0 to 2; even mid-grey where the model is right and the specimen smooth, brighter at structure.
/// - drift.csv, drift.png: the shift of each frame with its standard error; unreliable frames in red.
/// - support.png: the registered average with the searched area's outline (green) and the vacuum (blue).
/// - hold_N_raw.png, hold_N_clean.png, hold_N_searched.png, hold_N_background.png: the first frame of each
/// hold as recorded, as
///   searched, and its smooth background.
void write_check_images(const Products& products, const std::filesystem::path& folder,
                        const RunContext& context);

}  // namespace sinterscope
