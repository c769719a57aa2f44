// SPDX-License-Identifier: GPL-3.0-or-later
// The stage `fit` on inventories made by hand: what it joins and what stands in fit.json then.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "inference/mixed_field.h"
#include "sinterscope/pipeline/outputs.h"
#include "sinterscope/pipeline/registry.h"

namespace sinterscope {
namespace {

/// fit.json after the stage has run on these products.
nlohmann::json run_fit(Products& products) {
  NoProgress progress;
  const std::vector<std::unique_ptr<Stage>> stages = make_stages();
  const auto fit = std::find_if(stages.begin(), stages.end(),
                                [](const std::unique_ptr<Stage>& stage) { return stage->name() == "fit"; });
  (*fit)->run(products, RunContext{1, Rng(1), progress});
  return fit_json(products);
}

/// A mixed field, and a region of the same material without large particles that ties dh down.
Products mixed_sample() {
  const simulated::MixedField field = simulated::large_stay_small_return();
  Products products;
  products.config.sample = field.sample;
  products.inventory = field.inventories;
  products.locality = field.locality();
  Rng rng(3);
  simulated::Programme programme;
  programme.celsius = simulated::up_and_down;
  programme.region = "thin";
  for (const HoldInventory& hold : simulated::run(programme, field.sample, rng)) {
    products.inventory.push_back(hold);
    HoldLocality& locality = products.locality->holds.emplace_back();
    locality.hold = hold.hold;
    locality.region = hold.region;
    locality.particles.resize(hold.particles.size());  // no mask: no catchments
  }
  return products;
}

TEST(FitStage, JudgesTheNeighbourhoodsOfAMixedSample) {
  Products products = mixed_sample();
  const nlohmann::json json = run_fit(products);
  ASSERT_EQ(json["holds"].size(), 12U);
  ASSERT_EQ(json["local"].size(), 4U);  // the mixed field: two holds besides the reference, two classes
  for (const nlohmann::json& local : json["local"]) {
    EXPECT_EQ(local["region"], "1");
    EXPECT_EQ(local["reference_hold"], 0);
    for (const char* key : {"temperature_k", "neighbourhoods", "with_particle", "with_particle_expected",
                            "with_particle_expected_sd", "c_star", "c_star_interval95", "observed",
                            "predicted", "agrees", "probability_dispersed"})
      EXPECT_TRUE(local.contains(key)) << key;
    EXPECT_LT(local["c_ad"]["interval95"][0].get<double>(), local["c_ad"]["estimate"].get<double>());
  }
  EXPECT_EQ(json["local"][0]["size_class"], "large");
  EXPECT_EQ(json["local"][0]["observed"], "particles");
  EXPECT_EQ(json["local"][1]["observed"], "dispersed");
  EXPECT_GT(json["local"][0]["c_ad"]["estimate"].get<double>(),
            5.0 * json["local"][1]["c_ad"]["estimate"].get<double>());
  const auto says = [&](const char* code) {
    return std::any_of(json["messages"].begin(), json["messages"].end(),
                       [&](const nlohmann::json& message) { return message["code"] == code; });
  };
  EXPECT_TRUE(says("local"));
  EXPECT_TRUE(says("local_return"));
}

TEST(FitStage, HasNoLocalVerdictsWithoutLocality) {
  Products products = mixed_sample();
  products.locality.reset();
  const nlohmann::json json = run_fit(products);
  EXPECT_TRUE(json["local"].empty());
  EXPECT_EQ(json["holds"].size(), 12U);
}

}  // namespace
}  // namespace sinterscope
