// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <utility>
#include <vector>

#include "sinterscope/imaging/frame_average.h"
#include "sinterscope/imaging/support.h"
#include "sinterscope/imaging/variance_stabilisation.h"
#include "stages.h"

namespace sinterscope {
namespace {

constexpr std::size_t averaged_frames = 24;  ///< enough to see rim and edges of the support

/// Registered average of frames spread over all holds: the support stays, particles that come and go fade.
/// Also the number of frames behind it.
std::pair<cv::Mat1f, std::size_t> region_average(const RegionProducts& region) {
  const std::size_t size = region.raw->size(), n = std::min(averaged_frames, size);
  std::vector<std::size_t> frames;
  Drift drift;
  for (std::size_t k = 0; k < n; ++k) {
    frames.push_back(k * size / n);
    drift.push_back(region.drift[frames.back()]);
  }
  return {average_frames(FrameSelection(*region.raw, frames), drift, 0, n).frame.pixels, n};
}

class SupportStage : public StageWith<SupportOptions> {
 public:
  std::string name() const override { return "support"; }
  std::string summary() const override {
    return "where particles can sit: the support without vacuum and facet edges, and its area";
  }
  void run(Products& products, const RunContext& context) const override {
    context.progress.start(name(), products.regions.size());
    for (RegionProducts& region : products.regions) {
      const auto [average, frames] = region_average(region);
      region.support =
          find_support(average, averaged_noise(region.noise, static_cast<double>(frames)), options_);
      if (cv::countNonZero(region.support.mask) == 0)
        context.warn(products, "region '" + region.name +
                                   "': no support found; nothing is searched there (stage support, "
                                   "method \"none\" takes the whole frame)");
      context.progress.advance();
    }
  }
};

}  // namespace

std::unique_ptr<Stage> make_support_stage() { return std::make_unique<SupportStage>(); }

}  // namespace sinterscope
