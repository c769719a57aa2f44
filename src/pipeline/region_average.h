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

/// Registered average, in specimen coordinates, of at most `most` of these frames, spread over them: 24 are
/// enough to see rim and edges of the support.
inline RegionAverage average_of(const FrameSource& source, const Drift& drift,
                                const std::vector<std::size_t>& frames, std::size_t most = 24) {
  const std::size_t n = std::min(most, frames.size());
  std::vector<std::size_t> chosen;
  Drift shifts;
  for (std::size_t k = 0; k < n; ++k) {
    chosen.push_back(frames[k * frames.size() / n]);
    shifts.push_back(drift[chosen.back()]);
  }
  return {average_frames(FrameSelection(source, chosen), shifts, 0, n).frame.pixels, n};
}

/// What stays through all holds of a region: the support. With three holds or more their averages' median,
/// from which a particle that stands in fewer than half of them is gone without a trace; in a mean it would
/// stay as a faint spot, and one beside an edge would be taken for a part of the edge, so that the support
/// would end just where particles are. With fewer holds the mean of frames spread over them.
inline RegionAverage region_average(const Products& products, std::size_t r) {
  const RegionProducts& region = products.regions[r];
  const std::vector<const Hold*> holds = products.history.holds_of_region(static_cast<int>(r));
  const auto numbers = [&products](const std::vector<int>& global) {
    std::vector<std::size_t> result;
    for (const int frame : global)
      result.push_back(
          static_cast<std::size_t>(products.history.frames[static_cast<std::size_t>(frame)].region_frame));
    return result;
  };
  if (holds.size() < 3)
    return average_of(*region.steady, region.drift,
                      numbers(products.history.frames_of_region(static_cast<int>(r))));
  constexpr std::size_t most_holds = 15, most_frames = 30;
  const std::size_t n = std::min(most_holds, holds.size());
  std::vector<cv::Mat1f> averages;
  double frames = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    const RegionAverage one = average_of(*region.steady, region.drift,
                                         numbers(holds[k * holds.size() / n]->frames), most_frames / n);
    averages.push_back(one.pixels);
    frames += static_cast<double>(one.frames);
  }
  cv::Mat1f pixels(averages.front().size());
  std::vector<float> values(n);
  for (int row = 0; row < pixels.rows; ++row)
    for (int column = 0; column < pixels.cols; ++column) {
      for (std::size_t k = 0; k < n; ++k) values[k] = averages[k](row, column);
      std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(n / 2), values.end());
      pixels(row, column) = values[n / 2];
    }
  // A median of normal values scatters as a mean of fewer: by pi / 2.
  return {pixels, std::max<std::size_t>(1, static_cast<std::size_t>(frames / 1.57))};
}

}  // namespace sinterscope
