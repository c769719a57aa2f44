// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/denoise.h"

#include "shared_products.h"
#include "sinterscope/imaging/frame_average.h"
#include "stages.h"

namespace sinterscope {
namespace {

class DenoiseStage : public StageWith<DenoiseOptions> {
 public:
  /// The search is a matched filter and smooths by itself: any smoothing before it costs small particles
  /// (mean F1 on six real micrographs 0.63 with a Gaussian of 1 px, 0.72 without: bench/accuracy/RESULTS.md).
  DenoiseStage() { options_.method = "none"; }
  std::string name() const override { return "denoise"; }
  std::string summary() const override {
    return "the frames the search looks at; sizes are always measured on raw pixels";
  }
  /// Lazy: each frame is cleaned when it is searched.
  void run(Products& products, const RunContext&) const override {
    for (std::size_t r = 0; r < products.regions.size(); ++r) {
      RegionProducts& region = products.regions[r];
      region.denoise = options_;
      if (averages_frames(options_))
        region.clean = std::make_unique<HoldAverages>(
            *region.steady, region.drift, first_frames_of_holds(products, r),
            options_.method == "hold_average" ? std::optional<int>() : options_.half_window);
      else
        region.clean = std::make_unique<DenoisedFrames>(*region.steady, region.noise, options_);
    }
  }
};

}  // namespace

std::unique_ptr<Stage> make_denoise_stage() { return std::make_unique<DenoiseStage>(); }

}  // namespace sinterscope
