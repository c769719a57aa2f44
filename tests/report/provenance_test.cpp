// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/provenance.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

TEST(RunJson, ReadsBackWhatWasPutIn) {
  Provenance run;
  run.version = "0.1.0";
  run.seed = 18446744073709551615U;  // the largest seed must survive: no detour over double
  run.options_json = R"({"stages": {"detect": {"sigma_px": 1.5}}})";
  run.inputs = {{"a \"b\".tif", 5000000000U, "abc"}};
  run.timings = {{"detect", 1.5, 2.5, true}};
  run.warnings = {"line\nbreak"};
  run.notes = {{"host", "x"}};
  const auto json = nlohmann::json::parse(run_json(run));
  EXPECT_EQ(json["version"], "0.1.0");
  EXPECT_EQ(json["seed"].get<std::uint64_t>(), run.seed);
  EXPECT_EQ(json["options"]["stages"]["detect"]["sigma_px"], 1.5);
  EXPECT_EQ(json["inputs"][0]["path"], "a \"b\".tif");
  EXPECT_EQ(json["inputs"][0]["bytes"], 5000000000U);
  EXPECT_TRUE(json["timings"][0]["resumed"]);
  EXPECT_EQ(json["warnings"][0], "line\nbreak");
  EXPECT_EQ(json["notes"]["host"], "x");
}

TEST(RunJson, SurvivesBrokenUtf8) {
  Provenance run;
  run.warnings = {"bad \xFF byte"};
  EXPECT_NO_THROW(nlohmann::json::parse(run_json(run)));
}

TEST(RunJson, RefusesOptionsThatAreNotJson) {
  Provenance run;
  run.options_json = "{";
  EXPECT_THROW(run_json(run), Error);
}

}  // namespace
}  // namespace sinterscope
