// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/locality.h"

#include "shared_products.h"
#include "stages.h"

namespace sinterscope {
namespace {

class LocalityStage : public StageWith<LocalityOptions> {
 public:
  std::string name() const override { return "locality"; }
  std::string summary() const override {
    return "size classes, local concentration, and whether returning particles avoid large ones";
  }
  void run(Products& products, const RunContext& context) const override {
    context.progress.start(name(), 1);
    // Where no length or no sample is known there are no atoms.
    if (products.inventory.empty() || !products.inventory.front().c_np) return;
    std::vector<SupportArea> supports;
    for (const RegionProducts& region : products.regions) supports.push_back(region.support);
    products.locality = find_locality(
        products.inventory, products.tracks, products.history, *products.config.sample, supports,
        drifts_of(products), *products.regions.front().pixel_size_nm(), options_, context.rng.stream(name()));
    context.progress.advance();
  }
  bool keep(Products& products, Archive& archive) const override {
    archive(products.locality);
    return true;
  }
};

}  // namespace

std::unique_ptr<Stage> make_locality_stage() { return std::make_unique<LocalityStage>(); }

}  // namespace sinterscope
