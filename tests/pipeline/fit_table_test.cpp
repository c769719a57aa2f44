// SPDX-License-Identifier: GPL-3.0-or-later
// The inference from a table of holds alone, as people use it whose particles come from another program.

#include "sinterscope/pipeline/fit_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folders.h"
#include "sinterscope/core/error.h"
#include "sinterscope/pipeline/json_reader.h"

namespace sinterscope {
namespace {

using testing::HasSubstr;

class FitTable : public testing::Test {
 protected:
  /// fit.json of a table.
  nlohmann::json fit(const std::string& table) {
    request_.inventory = write_text(folder_ / "holds.csv", table);
    request_.out = folder_ / "out";
    printed_ = fit_table(request_);
    return read_json_file(folder_ / "out" / "fit.json");
  }
  std::string refusal(const std::string& table) {
    try {
      fit(table);
    } catch (const Error& error) {
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown for\n" << table;
    return "";
  }

  static bool says(const nlohmann::json& json, const std::string& code) {
    for (const nlohmann::json& message : json.at("messages"))
      if (message.at("code") == code) return true;
    return false;
  }

  TemporaryFolder folder_;
  FitTableRequest request_;
  std::string printed_;
};

const char* const counts = "hold,temperature_c,support_area_nm2,particles,diameter_mean_nm\n";
const char* const concentrations = "hold,temperature_c,support_area_nm2,c_np,c_np_se,c_np_upper95\n";

/// A reversible cycle: 36 particles when cold, none at 500 C.
const std::string cycle =
    std::string(counts) +
    "0,200,40000,36,2.05\n1,300,40000,17,2.05\n2,350,40000,9,2.05\n3,400,40000,4,2.05\n4,500,40000,0,\n"
    "5,400,40000,4,2.05\n6,300,40000,17,2.05\n7,200,40000,36,2.05\n";

TEST_F(FitTable, WritesEverythingTheFitRestsOn) {
  const nlohmann::json json = fit(cycle);
  EXPECT_LT(json["dh_ev"]["interval95"][0].get<double>(), -0.16);
  EXPECT_GT(json["dh_ev"]["interval95"][1].get<double>(), -0.16);
  ASSERT_EQ(json["holds"].size(), 8U);
  EXPECT_EQ(json["holds"][0]["detected"], 36);
  EXPECT_NEAR(json["holds"][0]["detections_expected"].get<double>(), 36.0, 12.0);  // two Poisson errors
  EXPECT_EQ(json["regions"][0]["c_ad"], json["c_ad"]);
  EXPECT_EQ(json["priors"]["calibration_log_sd"], 0.3);
  EXPECT_TRUE(json["priors"]["loading_per_site"].is_null());
  EXPECT_GT(json["returning_share"]["interval95"][1].get<double>(), 0.9);
  EXPECT_TRUE(says(json, "returning_share"));  // what the comparison of models has to say
  std::vector<std::string> assumptions;
  for (const nlohmann::json& line : json["sensitivity"]) assumptions.push_back(line["assumption"]);
  for (const char* one :
       {"site density", "shape factor", "particles are Pd", "entropy per atom", "temperatures"})
    EXPECT_THAT(assumptions, testing::Contains(HasSubstr(one)));
  EXPECT_THAT(printed_, HasSubstr("preferred model"));
}

TEST_F(FitTable, FitsConcentrationsCountedElsewhere) {
  const nlohmann::json json =
      fit(std::string(concentrations) +
          "0,200,40000,0.0128,0.0025,\n1,300,40000,0.0060,0.0017,\n"
          "2,400,40000,0.0015,0.0008,\n3,500,40000,0,,0.0011\n4,200,40000,0.0128,0.0025,\n");
  EXPECT_EQ(json["dh_ev"]["bounded"], "both");
  EXPECT_LT(json["dh_ev"]["interval95"][0].get<double>(), -0.16);
  EXPECT_GT(json["dh_ev"]["interval95"][1].get<double>(), -0.16);
  EXPECT_EQ(json["holds"][0]["c_np"], 0.0128);
  EXPECT_EQ(json["holds"][3]["observed"], "dispersed");
}

TEST_F(FitTable, AKnownLoadingBoundsWhatTheHoldsAloneDoNot) {
  const std::string same =
      std::string(counts) + "0,200,40000,36,2.05\n1,350,40000,36,2.05\n2,500,40000,36,2.05\n";
  EXPECT_EQ(fit(same)["dh_ev"]["bounded"], "none");
  request_.loading_wt_percent = 0.7;
  request_.surface_area_m2_g = 280.0;  // 0.0207 Pd per surface cation of CeO2(100)
  const nlohmann::json json = fit(same);
  EXPECT_EQ(json["dh_ev"]["bounded"], "above");
  EXPECT_NEAR(json["priors"]["loading_per_site"].get<double>(), 0.0207, 0.0001);
  request_.surface_area_m2_g.reset();
  EXPECT_THAT(refusal(same), HasSubstr("--surface-area-m2-g"));
}

TEST_F(FitTable, TakesTheOptionsOfTheStage) {
  request_.options = write_text(folder_ / "options.json", R"({"calibration_log_sd": 0.1})");
  EXPECT_EQ(fit(cycle)["priors"]["calibration_log_sd"], 0.1);
  request_.options = write_text(folder_ / "options.json", R"({"calibration_sd": 0.1})");
  EXPECT_THAT(refusal(cycle), HasSubstr("calibration_log_sd"));
}

TEST_F(FitTable, TakesKelvinOrdersOfRowsAndOtherLineEnds) {
  const nlohmann::json usual = fit(std::string(counts) + "0,200,40000,36,2.05\n1,500,40000,0,\n");
  EXPECT_EQ(fit(std::string(counts) + "1,500,40000,0,\r\n0,200,40000,36,2.05\r\n")["dh_ev"], usual["dh_ev"]);
  EXPECT_EQ(fit("\xEF\xBB\xBFtemperature_k,support_area_nm2,particles,diameter_mean_nm\n"
                "473.15,40000,36,2.05\n773.15,40000,0,\n")["dh_ev"],
            usual["dh_ev"]);
  EXPECT_THAT(refusal("hold,temperature_c,temperature_k,support_area_nm2,particles\n0,200,200,4000,0\n"),
              HasSubstr("they disagree"));
}

TEST_F(FitTable, SaysWhatItHadToAssumeAndWhatLooksMistaken) {
  const nlohmann::json usual = fit(cycle);
  EXPECT_TRUE(says(usual, "assumed_limit"));
  EXPECT_FALSE(says(usual, "kelvin_as_celsius"));
  EXPECT_TRUE(
      says(fit(std::string(counts) + "0,473,40000,36,2.05\n1,773.15,40000,0,\n"), "kelvin_as_celsius"));
  EXPECT_FALSE(says(fit("hold,temperature_c,support_area_nm2,particles,diameter_mean_nm,d50_nm\n"
                        "0,200,40000,36,2.05,1.1\n1,500,40000,0,,1.1\n"),
                    "assumed_limit"));
}

TEST_F(FitTable, CountsTheParticlesOfAListOnce) {
  const std::string holds = "hold,temperature_c,support_area_nm2\n0,200,4000\n1,500,4000\n";
  request_.particles = write_text(folder_ / "list.csv", "hold,diameter_nm\n0,2.0\n0,2.2\n0,1.9\n");
  const nlohmann::json json = fit(holds);
  EXPECT_EQ(json["holds"][0]["detected"], 3);
  EXPECT_EQ(json["holds"][1]["detected"], 0);  // no row: nothing was there
  EXPECT_THAT(refusal(std::string(counts) + "0,200,4000,5,2.0\n1,500,4000,0,\n"),
              testing::AllOf(HasSubstr("particles is 5"), HasSubstr("lists 3")));
  write_text(folder_ / "list.csv", "frame,hold,diameter_nm\n0,0,2.0\n1,0,2.0\n");
  EXPECT_THAT(refusal(holds), testing::AllOf(HasSubstr("list.csv"), HasSubstr("several frames")));
  write_text(folder_ / "list.csv", "hold,diameter_nm\n7,2.0\n");
  EXPECT_THAT(refusal(holds), HasSubstr("hold 7 of region '1' is not in the table of holds"));
}

TEST_F(FitTable, SaysNotConstrainedWhereTheTableIs) {
  const std::string head = counts;
  EXPECT_TRUE(says(fit(head + "0,200,40000,36,2.05\n"), "unconstrained"));
  const nlohmann::json one_temperature =
      fit(head + "0,200,40000,36,2.05\n1,200,40000,30,2.05\n2,200,40000,33,2.05\n");
  EXPECT_TRUE(says(one_temperature, "unconstrained"));
  EXPECT_TRUE(one_temperature["dh_ev"]["estimate"].is_null());
  EXPECT_EQ(one_temperature["preferred"], "undecided");
  EXPECT_TRUE(says(fit(head + "0,,40000,36,2.05\n1,,40000,0,\n"), "unconstrained"));
}

TEST_F(FitTable, RefusesRowsThatCannotBe) {
  const std::string head = counts;
  EXPECT_THAT(refusal(head + "0.5,200,4000,3,2\n"), HasSubstr("hold is 0.5"));
  EXPECT_THAT(refusal(head + "-1,200,4000,3,2\n"), HasSubstr("hold is -1"));
  EXPECT_THAT(refusal(head + "0,200,-4000,3,2\n"), HasSubstr("support_area_nm2 is -4000"));
  EXPECT_THAT(refusal(head + "0,200,nan,3,2\n"), HasSubstr("support_area_nm2"));
  EXPECT_THAT(refusal(head + "0,200,4000,nan,2\n"), HasSubstr("particles"));
  EXPECT_THAT(refusal(head + "0,200,4000,,2\n"), HasSubstr("says nothing of the particles"));
  EXPECT_THAT(refusal(head + "0,200,4000,3,-2\n"), HasSubstr("diameter_mean_nm is -2"));
  EXPECT_THAT(refusal(head + "0,-300,4000,3,2\n"), HasSubstr("temperature"));
  EXPECT_THAT(refusal(head + "0,200,4000,3,2\n0,500,4000,0,\n"), HasSubstr("hold 0 stands twice"));
  EXPECT_THAT(refusal(head), HasSubstr("no rows"));
  EXPECT_THAT(refusal(head + "0,200,4000,2.5,2\n"), HasSubstr("particles is 2.5"));
  EXPECT_THAT(refusal(head + "0,200,4000,3,2050\n"), HasSubstr("times its support area"));
  EXPECT_THAT(refusal("hold,temperature_c,support_area_nm2,particles,diameter_mean_nm,diameter_sd_nm\n"
                      "0,200,4000,3,2,-1\n"),
              HasSubstr("diameter_sd_nm is -1"));
  EXPECT_THAT(refusal("hold;temperature_c;support_area_nm2;particles\n0;200;4000;0\n"),
              HasSubstr("semicolons"));
  EXPECT_THAT(refusal("hold,T,support_area_nm2,particles\n0,200,4000,0\n"),
              testing::AllOf(HasSubstr("holds.csv"), HasSubstr("temperature_c")));
  EXPECT_THAT(refusal(head + "0,warm,4000,0,\n"), testing::AllOf(HasSubstr("holds.csv"), HasSubstr("row 1")));
  EXPECT_THAT(refusal(std::string(concentrations) + "0,200,4000,0.01,,\n"), HasSubstr("c_np_se"));
  EXPECT_THAT(refusal(std::string(concentrations) + "0,200,4000,-0.01,0.1,\n"), HasSubstr("c_np"));
  EXPECT_THAT(refusal(std::string(concentrations) + "0,200,4000,0,,\n"), HasSubstr("c_np_upper95"));
}

}  // namespace
}  // namespace sinterscope
