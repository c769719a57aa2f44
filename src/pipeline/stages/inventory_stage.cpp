// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <cmath>

#include "shared_products.h"
#include "sinterscope/inference/mass_balance.h"
#include "stages.h"

namespace sinterscope {
namespace {

/// Where no length is known there is still a count.
std::vector<HoldInventory> count_only(const Products& products) {
  std::vector<HoldInventory> holds;
  for (const Hold& hold : products.history.holds) {
    HoldInventory one;
    one.hold = hold.hold;
    one.region = products.history.regions[static_cast<std::size_t>(hold.region)];
    one.temperature_K = hold.temperature_K;
    one.start_s = hold.start_s;
    one.end_s = hold.end_s;
    one.frames = static_cast<int>(hold.frames.size());
    double found = 0.0;
    for (const Particle& particle : products.particles)
      if (particle.region == hold.region && particle.hold == hold.hold) found += 1.0;
    one.particles_per_frame = found / one.frames;
    holds.push_back(one);
  }
  return holds;
}

/// The pixel size all regions share; empty where one has none.
std::optional<double> common_pixel_size(const Products& products) {
  const std::optional<double> first = products.regions.front().pixel_size_nm();
  for (const RegionProducts& region : products.regions) {
    const std::optional<double> own = region.pixel_size_nm();
    if (!own || !first) return std::nullopt;
    if (std::abs(*own / *first - 1.0) > 1e-6)
      throw Error(fmt::format(
          "regions '{}' and '{}' have {} and {} nm per pixel: analyse them in pipelines of their own",
          products.regions.front().name, region.name, *first, *own));
  }
  return first;
}

class InventoryStage : public StageWith<InventoryOptions> {
 public:
  std::string name() const override { return "inventory"; }
  std::string summary() const override {
    return "number, size, coverage and atoms in particles of each hold, with upper limits";
  }
  void run(Products& products, const RunContext& context) const override {
    context.progress.start(name(), 1);
    const std::optional<double> pixel_size_nm = common_pixel_size(products);
    if (!pixel_size_nm || !products.config.sample) {
      if (pixel_size_nm)
        context.warn(products, "the pipeline file names no sample: no inventory of atoms and no fit");
      products.inventory = count_only(products);
      return;
    }
    std::vector<SupportArea> supports;
    for (const RegionProducts& region : products.regions) supports.push_back(region.support);
    products.inventory =
        take_inventory(products.particles, products.tracks, products.history, *products.config.sample,
                       supports, products.completeness, drifts_of(products), *pixel_size_nm, options_);
    context.progress.advance();
  }
  bool keep(Products& products, Archive& archive) const override {
    archive(products.inventory);
    return true;
  }
  bool reads_sample() const override { return true; }
};

}  // namespace

std::unique_ptr<Stage> make_inventory_stage() { return std::make_unique<InventoryStage>(); }

}  // namespace sinterscope
