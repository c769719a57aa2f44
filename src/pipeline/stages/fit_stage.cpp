// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "sinterscope/inference/around_small.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/local_verdict.h"
#include "sinterscope/inference/model_comparison.h"
#include "stages.h"

namespace sinterscope {
namespace {

class FitStage : public StageWith<FitOptions> {
 public:
  std::string name() const override { return "fit"; }
  std::string summary() const override {
    return "dh and c_ad from all holds, rival models, observed against predicted";
  }
  void run(Products& products, const RunContext& context) const override {
    context.progress.start(name(), 2);
    if (!products.config.sample || !calibrated(products)) return;
    const bool by_part = products.locality && small_ones_return(*products.locality, products.inventory);
    const std::vector<HoldInventory> fitted =
        known_holds(by_part ? around_small(*products.locality, products.inventory) : products.inventory,
                    products, context);
    if (fitted.empty()) return;
    products.fit = fit_entropy_model(fitted, *products.config.sample, options_);
    if (by_part)
      products.fit->messages.push_back(
          {"around_small",
           "The sizes form two groups, and small particles come back on cooling: dh and c_ad "
           "are those of the support around the small ones, and so is the comparison of "
           "models. The large ones are judged by neighbourhood."});
    context.progress.advance();
    products.models = compare_models(fitted, *products.config.sample, options_);
    withhold_refuted(*products.fit, *products.models);
    judge_locally(products);
    if (by_part) judge_whole_holds(products.fit->holds, products.local_verdicts, products.inventory);
    context.progress.advance();
  }
  bool keep(Products& products, Archive& archive) const override {
    archive(products.fit, products.models, products.local_verdicts);
    return true;
  }

 private:
  static std::vector<HoldInventory> known_holds(const std::vector<HoldInventory>& holds, Products& products,
                                                const RunContext& context) {
    std::vector<HoldInventory> known;
    for (const HoldInventory& hold : holds) {
      if (!hold.temperature_K) continue;
      if (std::isfinite(hold.limit.d50_nm))
        known.push_back(hold);
      else
        context.warn(products,
                     fmt::format("region '{}', hold {}: what would have been found there is not known (stage "
                                 "completeness); left out of the fit",
                                 hold.region, hold.hold));
    }
    return known;
  }
  /// The neighbourhoods of a sample with large and small particles, by the posterior of all holds.
  static void judge_locally(Products& products) {
    if (!products.locality) return;
    products.local_verdicts =
        judge_neighbourhoods(*products.locality, products.inventory, *products.config.sample, *products.fit);
    for (FitMessage& message : local_messages(products.local_verdicts, *products.locality))
      products.fit->messages.push_back(std::move(message));
  }
  static bool calibrated(const Products& products) {
    for (const RegionProducts& region : products.regions)
      if (!region.pixel_size_nm()) return false;
    return true;
  }
};

}  // namespace

std::unique_ptr<Stage> make_fit_stage() { return std::make_unique<FitStage>(); }

}  // namespace sinterscope
