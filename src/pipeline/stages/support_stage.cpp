// SPDX-License-Identifier: GPL-3.0-or-later
#include "../region_average.h"
#include "sinterscope/imaging/support.h"
#include "sinterscope/imaging/variance_stabilisation.h"
#include "stages.h"

namespace sinterscope {
namespace {

class SupportStage : public StageWith<SupportOptions> {
 public:
  std::string name() const override { return "support"; }
  std::string summary() const override {
    return "where particles can sit: the support without vacuum and facet edges, and its area";
  }
  void run(Products& products, const RunContext& context) const override {
    context.progress.start(name(), products.regions.size());
    for (RegionProducts& region : products.regions) {
      const RegionAverage average = region_average(region, context.threads);
      region.support = find_support(
          average.pixels, averaged_noise(region.noise, static_cast<double>(average.frames)), options_);
      if (cv::countNonZero(region.support.mask) == 0)
        context.warn(products, "region '" + region.name +
                                   "': no support found; nothing is searched there (stage support, "
                                   "method \"none\" takes the whole frame)");
      context.progress.advance();
    }
  }
  bool keep(Products& products, Archive& archive) const override {
    for (RegionProducts& region : products.regions) archive(region.support);
    return true;
  }
};

}  // namespace

std::unique_ptr<Stage> make_support_stage() { return std::make_unique<SupportStage>(); }

}  // namespace sinterscope
