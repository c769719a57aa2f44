// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/scan_distortion.h"

#include <fmt/format.h>

#include "shared_products.h"
#include "stages.h"

namespace sinterscope {
namespace {

class ScanDistortionStage : public StageWith<ScanDistortionOptions> {
 public:
  std::string name() const override { return "scan_distortion"; }
  std::string summary() const override {
    return "frames bent by a slow scan, laid on the mean of their hold for the search; off by default; sizes "
           "are always measured on raw pixels";
  }
  void run(Products& products, const RunContext& context) const override {
    if (options_.method == "none") return;
    for (std::size_t r = 0; r < products.regions.size(); ++r) {
      RegionProducts& region = products.regions[r];
      context.progress.start(name(), region.raw->size());
      auto frames = std::make_unique<StraightenedFrames>(std::move(region.steady), region.drift,
                                                         first_frames_of_holds(products, r), options_,
                                                         context.progress, context.threads);
      context.warn(products,
                   fmt::format("region '{}': frames are bent by {:.2f} px rms; straightened for the "
                               "search, not for the measurement",
                               region.name, frames->rms_px()));
      region.steady = std::move(frames);
    }
  }
};

}  // namespace

std::unique_ptr<Stage> make_scan_distortion_stage() { return std::make_unique<ScanDistortionStage>(); }

}  // namespace sinterscope
