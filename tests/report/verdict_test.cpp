// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace sinterscope {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Hold 1: at 500 °C, without particles.
HoldVerdict hot_hold() {
  HoldVerdict hold;
  hold.hold = 1;
  hold.region = "1";
  hold.temperature_K = 773.15;
  hold.c_star = 0.0322;
  hold.observed = hold.predicted = "dispersed";
  hold.agrees = true;
  hold.probability_dispersed = 0.98;
  return hold;
}

/// At 200 °C, with particles.
HoldVerdict cold_hold(int number) {
  HoldVerdict hold = hot_hold();
  hold.hold = number;
  hold.temperature_K = 473.15;
  hold.c_star = 0.0072;
  hold.observed = hold.predicted = "particles";
  hold.probability_dispersed = 0.002;
  return hold;
}

EntropyFit fit_of(const std::vector<HoldVerdict>& holds) {
  EntropyFit fit;
  fit.dh_eV = {-0.16, {-0.18, -0.14}, {-0.2, -0.12}, {}, "both"};
  fit.c_ad = {0.021, {}, {0.015, 0.03}, {}, "both"};
  fit.holds = holds;
  return fit;
}

TEST(Verdict, SaysThatAHoldRedispersesAsPredicted) {
  EXPECT_EQ(verdict(fit_of({cold_hold(0), hot_hold()})).holds.at(1),
            "500 °C: redisperses as predicted: c_ad 0.021 < c* 0.032");
}

TEST(Verdict, SaysNothingOfRedispersionWhereNoParticleWasBefore) {
  EXPECT_EQ(verdict(fit_of({hot_hold(), cold_hold(2)})).holds.at(0),
            "500 °C: no particles, as predicted: c_ad 0.021 < c* 0.032");
}

TEST(Verdict, CountsParticlesOfAHoldWithoutTemperature) {
  HoldInventory prepared;
  prepared.region = "1";
  prepared.c_np = 0.012;
  prepared.c_np_se = 0.003;
  const EntropyFit fit = fit_of({hot_hold()});
  EXPECT_THAT(verdict(fit, std::vector{prepared}).holds.at(0), HasSubstr("redisperses as predicted"));
  prepared.c_np_se = 0.01;  // as likely noise
  EXPECT_THAT(verdict(fit, std::vector{prepared}).holds.at(0), HasSubstr("no particles, as predicted"));
  prepared.c_np_se = 0.003;
  prepared.region = "2";
  EXPECT_THAT(verdict(fit, std::vector{prepared}).holds.at(0), HasSubstr("no particles, as predicted"));
}

TEST(Verdict, TellsReturningParticlesFromStandingOnes) {
  const Verdict words = verdict(fit_of({cold_hold(0), hot_hold(), cold_hold(2), cold_hold(3)}));
  EXPECT_THAT(words.holds.at(0), HasSubstr("holds particles as predicted"));
  EXPECT_THAT(words.holds.at(2), HasSubstr("forms particles as predicted"));
  EXPECT_THAT(words.holds.at(3), HasSubstr("holds particles as predicted"));
}

TEST(Verdict, SaysWhatTheConcentrationsAreOfWhereLargeParticlesStay) {
  HoldVerdict hold = hot_hold();
  hold.observed = hold.predicted = "particles";
  hold.of_large = true;
  EXPECT_EQ(verdict(fit_of({cold_hold(0), hold})).holds.at(1),
            "500 °C: only large particles stay, as predicted: around the others c_ad 0.021 < c* 0.032");
}

TEST(Verdict, SaysThatNothingComesBack) {
  HoldVerdict cold = cold_hold(2);
  cold.observed = "dispersed";
  cold.agrees = false;
  EXPECT_EQ(verdict(fit_of({cold_hold(0), hot_hold(), cold})).judgements.at(2),
            "stays dispersed, though particles are predicted");
}

TEST(Verdict, NamesARivalThatIsPreferred) {
  ModelComparison models;
  models.preferred = "sintering";
  const EntropyFit fit = fit_of({cold_hold(0)});
  EXPECT_THAT(
      verdict(fit, {}, &models).headline,
      HasSubstr("The data prefer another model: sintering (particles grow, none of their atoms disperse)."));
  models.preferred = "undecided";
  EXPECT_THAT(verdict(fit, {}, &models).headline, Not(HasSubstr("another model")));
}

TEST(Verdict, ClaimsNoPredictionWhereEveryDhFits) {
  EntropyFit fit = fit_of({hot_hold()});
  fit.dh_eV = {};
  EXPECT_EQ(verdict(fit).headline,
            "dh: no estimate (not bounded by the data). Every dh of the entropy model allows what is seen: "
            "it is not "
            "tested.");
  EXPECT_EQ(verdict(fit).holds.at(0), "500 °C: no particles seen; every dh allows it");
  fit.holds[0].agrees = false;  // no dh fits: that is a result
  EXPECT_THAT(verdict(fit).headline, HasSubstr("in 0 of 1 holds"));
}

TEST(Verdict, TellsTheBoundOfCStarWhereDhIsBoundedOnOneSide) {
  EntropyFit fit = fit_of({cold_hold(0)});
  fit.dh_eV = {std::nullopt, {}, {std::nullopt, -0.1}, {}, "above"};
  fit.holds[0].c_star_interval95 = {std::nullopt, 0.0307};
  EXPECT_EQ(
      verdict(fit).holds.at(0),
      "200 °C: holds particles as predicted: c_ad 0.021, c* below 0.031, dispersed with probability < 0.01");
}

TEST(Verdict, SaysWhereThePredictionFails) {
  HoldVerdict hold = hot_hold();
  hold.observed = "particles";
  hold.agrees = false;
  const Verdict words = verdict(fit_of({hold, hot_hold()}));
  EXPECT_EQ(words.holds.at(0),
            "500 °C: keeps particles, though redispersion is predicted: c_ad 0.021 < c* 0.032");
  EXPECT_THAT(words.headline, HasSubstr("in 1 of 2 holds"));
}

TEST(Verdict, DoesNotClaimAPredictionThatOnlyTheSpreadAllows) {
  HoldVerdict hold = hot_hold();
  hold.predicted = "particles";
  hold.c_star = 0.019;  // a little below c_ad, yet nothing seen is no surprise
  EXPECT_EQ(verdict(fit_of({hold})).holds.at(0),
            "500 °C: no particles seen, which the prediction allows: c_ad 0.021 > c* 0.019");
}

TEST(Verdict, TakesTheConcentrationOfTheRegion) {
  HoldVerdict other = hot_hold();
  other.region = "cube-2";
  EntropyFit fit = fit_of({hot_hold(), other});
  fit.regions = {{"1", fit.c_ad, {}}, {"cube-2", {0.027, {}, {}, {}, "both"}, {}}};
  EXPECT_THAT(verdict(fit).holds.at(0), HasSubstr("c_ad 0.021 <"));
  EXPECT_THAT(verdict(fit).holds.at(1), HasSubstr("c_ad 0.027 <"));
}

TEST(Verdict, KeepsTheZerosOfWhatItCompares) {
  EntropyFit fit = fit_of({hot_hold()});
  fit.c_ad.estimate = 0.02;
  EXPECT_THAT(verdict(fit).holds.at(0), HasSubstr("c_ad 0.020 < c* 0.032"));
}

TEST(Verdict, WritesAsManyDigitsAsKeepTwoNumbersApart) {
  EntropyFit fit = fit_of({hot_hold()});
  fit.c_ad.estimate = 0.03214;
  EXPECT_THAT(verdict(fit).holds.at(0), HasSubstr("c_ad 0.0321 < c* 0.0322"));
}

TEST(Verdict, TellsABoundWhereThereIsNoEstimate) {
  EntropyFit fit = fit_of({hot_hold()});
  fit.c_ad = {std::nullopt, {}, {0.0128, std::nullopt}, {}, "below"};
  EXPECT_THAT(verdict(fit).holds.at(0),
              HasSubstr("c_ad above 0.013, c* 0.032, dispersed with probability 0.98"));
}

TEST(Verdict, NamesTheRegionWhereThereAreSeveral) {
  HoldVerdict other = hot_hold();
  other.region = "cube-2";
  EXPECT_THAT(verdict(fit_of({hot_hold(), other})).holds.at(1), HasSubstr("500 °C (region cube-2)"));
}

TEST(LocalSentence, SaysWhatHappensAroundLargeAndSmallParticles) {
  LocalVerdict one;
  one.region = "1";
  one.temperature_K = 773.15;
  one.size_class = "small";
  one.neighbourhoods = 18;
  one.c_ad = {0.0183, {}, {0.0157, 0.0214}, {}, "both"};
  one.c_star = 0.0322;
  one.c_star_interval95 = {0.0276, 0.0374};
  one.observed = one.predicted = "dispersed";
  one.agrees = true;
  EXPECT_EQ(local_sentence(one, false),
            "500 °C: around the 18 small particles: redisperses as predicted: c_ad 0.018 < c* 0.032");
  one.size_class = "large";
  one.neighbourhoods = 1;
  one.c_ad.estimate = 0.2;
  one.observed = one.predicted = "particles";
  EXPECT_EQ(
      local_sentence(one, true),
      "500 °C (region 1): around the 1 large particle: keeps particles as predicted: c_ad 0.20 > c* 0.032");
  one.predicted = "dispersed";
  one.agrees = false;
  EXPECT_THAT(local_sentence(one, false), HasSubstr("keeps particles, though redispersion is predicted"));
  one.c_star_interval95.low.reset();
  EXPECT_EQ(local_sentence(one, false), "");
}

ModelComparison left(std::vector<std::string> names) {
  ModelComparison models;
  if (names.size() == 1) models.preferred = names.front();
  models.not_excluded = std::move(names);
  return models;
}

TEST(Verdict, MakesNoClaimForEntropyWhereARivalExplainsTheData) {
  const ModelComparison models = left({"irreversible"});
  HoldVerdict cold = hot_hold();
  cold.observed = "particles";
  const Verdict words = verdict(fit_of({hot_hold(), cold}), {}, &models);
  EXPECT_EQ(words.holds.at(0), "500 °C: no particles seen");
  EXPECT_EQ(words.holds.at(1), "500 °C: particles seen");
  EXPECT_THAT(words.headline, HasSubstr("speaks for irreversible, not for the entropy model"));
  EXPECT_THAT(words.headline, testing::Not(HasSubstr("predicts")));
}

TEST(EstimateSentence, TellsOpenEndsInWords) {
  EXPECT_EQ(estimate_sentence("dh", "eV", {std::nullopt, {}, {std::nullopt, -0.053}, {}, "above"}),
            "dh: no estimate (95 %: below -0.053 eV, no lower bound)");
  EXPECT_EQ(estimate_sentence("dh", "eV", {-0.2, {}, {-0.4, std::nullopt}, {}, "below"}),
            "dh = -0.2 eV (95 %: above -0.4 eV, no upper bound)");
  EXPECT_EQ(estimate_sentence("c_ad", "", {}), "c_ad: no estimate (not bounded by the data)");
  EXPECT_EQ(estimate_sentence("T", "K", {std::nullopt, {}, {INFINITY, std::nullopt}, {}, "none"}),
            "T: no estimate (not bounded by the data)");
}

}  // namespace
}  // namespace sinterscope
