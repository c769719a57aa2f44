// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "sinterscope/imaging/frame_average.h"
#include "sinterscope/pipeline/products.h"

namespace sinterscope {

/// A registered average and the number of frames that went into it.
struct RegionAverage {
  cv::Mat1f pixels;
  cv::Mat1b shown;  ///< 255 where one of them shows the specimen
  std::size_t frames = 0;
};

/// Registered average, in specimen coordinates, of at most 24 of these frames, spread over them: enough to
/// see rim and edges of the support.
inline RegionAverage average_of(const FrameSource& source, const Drift& drift,
                                const std::vector<std::size_t>& frames, int threads) {
  const std::size_t n = std::min<std::size_t>(24, frames.size());
  std::vector<std::size_t> chosen;
  Drift shifts;
  for (std::size_t k = 0; k < n; ++k) {
    chosen.push_back(frames[k * frames.size() / n]);
    shifts.push_back(drift[chosen.back()]);
  }
  const FrameAverage average = average_frames(FrameSelection(source, chosen), shifts, 0, n, {}, threads);
  return {average.frame.pixels, average.weight > 0.5F, n};
}

/// Average of frames spread over all holds of a region: the support stays, particles that come and go fade.
inline RegionAverage region_average(const RegionProducts& region, int threads) {
  std::vector<std::size_t> frames(region.steady->size());
  std::iota(frames.begin(), frames.end(), std::size_t{0});
  return average_of(*region.steady, region.drift, frames, threads);
}

}  // namespace sinterscope
