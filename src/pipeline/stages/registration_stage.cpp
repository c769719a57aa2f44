// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>

#include "sinterscope/imaging/registration.h"
#include "stages.h"

namespace sinterscope {
namespace {

class RegistrationStage : public StageWith<RegistrationOptions> {
 public:
  std::string name() const override { return "register"; }
  std::string summary() const override {
    return "drift of the specimen through all frames of a region, holds included";
  }
  void run(Products& products, const RunContext& context) const override {
    for (RegionProducts& region : products.regions) {
      context.progress.start(name(), region.raw->size());
      region.drift =
          estimate_drift(*region.steady, region.noise, options_, context.progress, context.threads);
      const auto unreliable = std::count_if(region.drift.begin(), region.drift.end(),
                                            [](const FrameShift& shift) { return !shift.reliable; });
      if (unreliable > 0)
        context.warn(products,
                     fmt::format("region '{}': {} of {} frames could not be registered; their place is "
                                 "interpolated with a larger error",
                                 region.name, unreliable, region.drift.size()));
    }
  }
  bool keep(Products& products, Archive& archive) const override {
    for (RegionProducts& region : products.regions) archive(region.drift);
    return true;
  }
};

}  // namespace

std::unique_ptr<Stage> make_registration_stage() { return std::make_unique<RegistrationStage>(); }

}  // namespace sinterscope
