// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/noise.h"
#include "stages.h"

namespace sinterscope {
namespace {

class NoiseStage : public StageWith<NoiseOptions> {
 public:
  std::string name() const override { return "noise"; }
  std::string summary() const override {
    return "gain, offset and read noise of each region, from its own frames";
  }
  void run(Products& products, const RunContext& context) const override {
    context.progress.start(name(), products.regions.size());
    for (RegionProducts& region : products.regions) {
      region.noise =
          in_context("region '" + region.name + "'", [&] { return estimate_noise(*region.raw, options_); });
      context.progress.advance();
    }
  }
};

}  // namespace

std::unique_ptr<Stage> make_noise_stage() { return std::make_unique<NoiseStage>(); }

}  // namespace sinterscope
