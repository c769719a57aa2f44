// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/height_maps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sinterscope/core/error.h"
#include "sinterscope/io/open_frames.h"
#include "sinterscope/io/tiff_writer.h"

namespace sinterscope {

cv::Mat1i matrix_of(const HeightMap& heights) {
  cv::Mat1i matrix(heights.side, heights.side);
  std::copy(heights.height.begin(), heights.height.end(), matrix.begin());
  return matrix;
}

HeightMap height_map_of(const cv::Mat1i& heights) {
  if (heights.rows != heights.cols)
    throw usage_error(fmt::format("height map has {} rows and {} columns: a lattice is square", heights.rows,
                                  heights.cols));
  HeightMap map(heights.rows);
  std::copy(heights.begin(), heights.end(), map.height.begin());
  return map;
}

void write_height_maps(const std::filesystem::path& path, const std::vector<HeightMap>& maps) {
  TiffStackFormat format;
  format.frames = maps.size();
  format.deflate = true;
  TiffStackWriter writer(path, format);
  for (const HeightMap& map : maps) {
    if (*std::max_element(map.height.begin(), map.height.end()) > std::numeric_limits<std::uint16_t>::max())
      throw Error(fmt::format("{}: a column has more than 65535 atoms: cannot be written", path.string()));
    cv::Mat1w pixels;
    matrix_of(map).convertTo(pixels, CV_16U);
    writer.write(pixels);
  }
  writer.finish();
}

cv::Mat1i read_height_map(const std::filesystem::path& path, std::optional<int> index) {
  const auto source = open_frames(path);
  const auto count = static_cast<int>(source->size());
  const int chosen = index.value_or(count - 1);
  if (chosen < 0 || chosen >= count)
    throw usage_error(
        fmt::format("{}: there is no map {}; it holds maps 0 to {}", path.string(), chosen, count - 1));
  const cv::Mat native = source->load_native(static_cast<std::size_t>(chosen));
  cv::Mat1d values;
  native.convertTo(values, CV_64F);
  for (const double value : values)
    if (!(value >= 0.0 && value <= 1e9) || value != std::floor(value))
      throw usage_error(
          fmt::format("{}: map {} has a pixel of {}: height maps hold whole numbers of atoms, 0 or more",
                      path.string(), chosen, value));
  cv::Mat1i heights;
  values.convertTo(heights, CV_32S);
  return heights;
}

}  // namespace sinterscope
