// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "sinterscope/imaging/frame_average.h"
#include "sinterscope/pipeline/products.h"

namespace sinterscope {

/// A registered average and the number of frames that went into it.
struct RegionAverage {
  cv::Mat1f pixels;
  std::size_t frames = 0;
};

/// Average of frames spread over all holds of a region, in specimen coordinates: the support stays, particles
/// that come and go fade.
inline RegionAverage region_average(const RegionProducts& region) {
  constexpr std::size_t enough = 24;  // to see rim and edges of the support
  const std::size_t size = region.steady->size(), n = std::min(enough, size);
  std::vector<std::size_t> frames;
  Drift drift;
  for (std::size_t k = 0; k < n; ++k) {
    frames.push_back(k * size / n);
    drift.push_back(region.drift[frames.back()]);
  }
  return {average_frames(FrameSelection(*region.steady, frames), drift, 0, n).frame.pixels, n};
}

}  // namespace sinterscope
