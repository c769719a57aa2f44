// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Height maps of a lattice on their way to and from image files.

#include <filesystem>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

#include "sinterscope/kmc/lattice.h"

namespace sinterscope {

cv::Mat1i matrix_of(const HeightMap& heights);
/// Throws usage_error where the map is not square.
HeightMap height_map_of(const cv::Mat1i& heights);

/// A stack of maps as TIFF that ImageJ opens, one page a map: 16-bit whole numbers.
void write_height_maps(const std::filesystem::path& path, const std::vector<HeightMap>& maps);

/// Map `index` (the last where absent) of any image file that open_frames reads. Throws usage_error naming
/// file and map where there is no such map or a pixel is not a whole number of atoms.
cv::Mat1i read_height_map(const std::filesystem::path& path, std::optional<int> index);

}  // namespace sinterscope
