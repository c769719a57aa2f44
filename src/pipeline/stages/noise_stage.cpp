// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "sinterscope/imaging/noise.h"
#include "stages.h"

namespace sinterscope {
namespace {

constexpr std::size_t looked_at_frames = 8;
constexpr double noticeable_share = 1e-3;  ///< of clipped pixels

/// Clipped particles are flagged one by one; a frame with many clipped pixels deserves a word.
void warn_of_clipping(Products& products, RegionProducts& region, const RunContext& context) {
  const std::size_t size = region.raw->size(), n = std::min(looked_at_frames, size);
  double sum = 0.0;
  for (std::size_t k = 0; k < n; ++k)
    sum += clipped_share(region.raw->load(k * size / n).pixels, region.noise);
  region.clipped_share = sum / static_cast<double>(n);
  if (region.clipped_share > noticeable_share)
    context.warn(products, fmt::format("region '{}': {:.2g} % of the pixels are clipped at {:.6g} counts; "
                                       "particles there are flagged saturated",
                                       region.name, 100.0 * region.clipped_share, region.noise.saturation));
}

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
      warn_of_clipping(products, region, context);
      context.progress.advance();
    }
  }
  bool keep(Products& products, Archive& archive) const override {
    for (RegionProducts& region : products.regions) archive(region.noise, region.clipped_share);
    return true;
  }
};

}  // namespace

std::unique_ptr<Stage> make_noise_stage() { return std::make_unique<NoiseStage>(); }

}  // namespace sinterscope
