// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/scan_lines.h"

#include <fmt/format.h>

#include "stages.h"

namespace sinterscope {
namespace {

class ScanLinesStage : public StageWith<ScanLineOptions> {
 public:
  std::string name() const override { return "scan_lines"; }
  std::string summary() const override {
    return "row noise and displaced rows of a scanned image, set right for registration and search; sizes "
           "are "
           "always measured on raw pixels";
  }
  void run(Products& products, const RunContext& context) const override {
    context.progress.start(name(), products.regions.size());
    for (RegionProducts& region : products.regions) {
      auto frames = std::make_unique<ScanLineFrames>(*region.raw, region.noise, options_);
      region.scan_lines = frames->report();
      region.steady = std::move(frames);
      if (region.scan_lines.row_noise_removed)
        context.warn(products, fmt::format("region '{}': row noise of {:.3g} counts seen; removed for the "
                                           "search, not for the measurement",
                                           region.name, region.scan_lines.row_noise_sd));
      if (region.scan_lines.jitter_corrected)
        context.warn(products, fmt::format("region '{}': rows are displaced by {:.2f} px rms; moved back for "
                                           "the search, not for the measurement",
                                           region.name, region.scan_lines.jitter_sd_px));
      context.progress.advance();
    }
  }
};

}  // namespace

std::unique_ptr<Stage> make_scan_lines_stage() { return std::make_unique<ScanLinesStage>(); }

}  // namespace sinterscope
