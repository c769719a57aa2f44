// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/local_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "inference/mixed_field.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/normal.h"

namespace sinterscope {
namespace {

using simulated::large_count;
using simulated::large_stay_small_return;
using simulated::MixedField;
using simulated::small_count;
using testing::HasSubstr;

/// A posterior that knows dh to 5 meV and the calibration to `calibration_sd`, about the given values.
EntropyFit fit_about(double dh_eV, double log_calibration = 0.0, double calibration_sd = 0.1) {
  EntropyFit fit;
  constexpr int draws = 200;
  for (int i = 0; i < draws; ++i) {
    const double z = normal_quantile((i + 0.5) / draws);
    const double other = normal_quantile(((i * 77) % draws + 0.5) / draws);  // an order of its own
    fit.draws.push_back({dh_eV + 0.005 * z, log_calibration + calibration_sd * other});
  }
  fit.posterior_median_dh_eV = dh_eV;
  fit.dh_eV = {dh_eV, {dh_eV - 0.005, dh_eV + 0.005}, {dh_eV - 0.01, dh_eV + 0.01}, {}, "both"};
  return fit;
}

const LocalVerdict& of(const std::vector<LocalVerdict>& verdicts, int hold, const std::string& size_class) {
  for (const LocalVerdict& one : verdicts)
    if (one.hold == hold && one.size_class == size_class) return one;
  throw Error("no such verdict");
}

TEST(LocalVerdict, LargeStayWhereTheMetalIsDenseAndSmallVanishWhereItIsThin) {
  const MixedField field = large_stay_small_return();
  const std::vector<LocalVerdict> verdicts =
      judge_neighbourhoods(field.locality(), field.inventories, field.sample, fit_about(-0.16));
  ASSERT_EQ(verdicts.size(), 4U);  // two holds besides the reference, two classes
  const LocalVerdict& large = of(verdicts, 1, "large");
  EXPECT_EQ(large.neighbourhoods, large_count);
  EXPECT_EQ(large.with_particle, large_count);
  EXPECT_EQ(large.observed, "particles");
  EXPECT_EQ(large.predicted, "particles");
  EXPECT_TRUE(large.agrees);
  EXPECT_GT(*large.c_ad.interval95.low, *large.c_star_interval95.high);
  const LocalVerdict& small = of(verdicts, 1, "small");
  EXPECT_EQ(small.neighbourhoods, small_count);
  EXPECT_EQ(small.with_particle, 0);
  EXPECT_EQ(small.observed, "dispersed");
  EXPECT_EQ(small.predicted, "dispersed");
  EXPECT_TRUE(small.agrees);
  EXPECT_LT(*small.c_ad.interval95.high, *small.c_star_interval95.low);
  EXPECT_GT(small.probability_dispersed, 0.95);
  EXPECT_LT(small.with_particle_expected, 1.0);
  const LocalVerdict& returned = of(verdicts, 2, "small");
  EXPECT_EQ(returned.with_particle, small_count);  // by place: no track is the same
  EXPECT_EQ(returned.predicted, "particles");
  EXPECT_TRUE(returned.agrees);
}

/// Atoms per site that the small particles of the first hold put on their catchments.
double in_small_particles(const MixedField& field, const Locality& locality) {
  double atoms = 0.0, area = 0.0;
  for (const LocalParticle& one : locality.holds[0].particles)
    if (!one.large) {
      atoms += field.sample.atoms(one.diameter_nm);
      area += one.cell_area_nm2;
    }
  return atoms / (area * field.sample.site_density_nm2);
}

TEST(LocalVerdict, WholeHoldsAreOfTheLargeWhereTheSmallVanish) {
  const MixedField field = large_stay_small_return();
  std::vector<LocalVerdict> local =
      judge_neighbourhoods(field.locality(), field.inventories, field.sample, fit_about(-0.16));
  const LocalVerdict& large = of(local, 1, "large");
  HoldVerdict around_small;
  around_small.hold = large.hold;
  around_small.region = large.region;
  around_small.observed = around_small.predicted = "dispersed";
  around_small.agrees = true;
  std::vector<HoldVerdict> holds{around_small};
  judge_whole_holds(holds, local, field.inventories);
  EXPECT_EQ(holds[0].observed, "particles");
  EXPECT_EQ(holds[0].predicted, "particles");
  EXPECT_TRUE(holds[0].of_large);

  holds = {around_small};  // small ones stay, too, though they should not
  holds[0].observed = "particles";
  holds[0].agrees = false;
  judge_whole_holds(holds, local, field.inventories);
  EXPECT_FALSE(holds[0].of_large);
  EXPECT_FALSE(holds[0].agrees);
}

TEST(LocalVerdict, AddsWhatIsDispersedInTheReferenceToTheAtomsOfTheCatchments) {
  const MixedField field = large_stay_small_return();
  const Locality locality = field.locality();
  const double dispersed = critical_concentration(-0.16, 473.15);
  const double in_particles = in_small_particles(field, locality);
  const auto total = [&](double log_calibration) {
    const EntropyFit fit = fit_about(-0.16, log_calibration, 1e-6);
    return *of(judge_neighbourhoods(locality, field.inventories, field.sample, fit), 1, "small")
                .c_ad.estimate;
  };
  // 18 sizes of 2.5 % make the median of the mean uncertain by 3 * 2.5 % / sqrt(18 * 200), and lognormal
  // atoms are 0.3 % above their median.
  EXPECT_NEAR(total(0.0), in_particles + dispersed, 0.01 * in_particles);
  EXPECT_NEAR(total(std::log(2.0)), 0.5 * in_particles + dispersed, 0.01 * in_particles);
}

TEST(LocalVerdict, ATotalAtTheSolvusIsAsLikelyDispersedAsNot) {
  const MixedField field = large_stay_small_return();
  const Locality locality = field.locality();
  const EntropyFit fit = fit_about(-0.16);
  const double total =
      *of(judge_neighbourhoods(locality, field.inventories, field.sample, fit), 1, "small").c_ad.estimate;
  // The dh whose c* at 500 C is this total; c*(200 C) within the total follows it: iterate.
  double dh = enthalpy_for_critical_concentration(total, 773.15);
  for (int i = 0; i < 20; ++i)
    dh = enthalpy_for_critical_concentration(
        total - critical_concentration(-0.16, 473.15) + critical_concentration(dh, 473.15), 773.15);
  const LocalVerdict at_solvus =
      of(judge_neighbourhoods(locality, field.inventories, field.sample, fit_about(dh)), 1, "small");
  // Catchments differ by a few percent in area, against 10 % of calibration: near one half.
  EXPECT_NEAR(at_solvus.probability_dispersed, 0.5, 0.15);
  EXPECT_GT(at_solvus.with_particle_expected_sd, 3.0);  // the calibration is common: all or none
}

TEST(LocalVerdict, SaysWhereTheSmallStayThoughTheyShouldVanish) {
  MixedField field = large_stay_small_return();
  field.add_small(1);
  const LocalVerdict small = of(
      judge_neighbourhoods(field.locality(), field.inventories, field.sample, fit_about(-0.16)), 1, "small");
  EXPECT_EQ(small.observed, "particles");
  EXPECT_EQ(small.predicted, "dispersed");
  EXPECT_FALSE(small.agrees);
}

TEST(LocalVerdict, WhatIsTooSmallToBeSeenDoesNotContradict) {
  // Deeper bound, the small keep most of their atoms at 500 C, but this hold would see none below 4 nm.
  MixedField field = large_stay_small_return();
  const auto small_at_500 = [&] {
    return of(judge_neighbourhoods(field.locality(), field.inventories, field.sample, fit_about(-0.3)), 1,
              "small");
  };
  EXPECT_FALSE(small_at_500().agrees);
  field.inventories[1].limit.d50_nm = 4.0;
  EXPECT_EQ(small_at_500().predicted, "particles");
  EXPECT_LT(small_at_500().with_particle_expected, 0.1);
  EXPECT_TRUE(small_at_500().agrees);
}

TEST(LocalVerdict, DoesNotMissAParticleThatDriftedToTheBorder) {
  // The specimen moves by 37 nm: the large particles at 40 nm, 4 nm in radius, lie on the border of hold 1,
  // where a search on facets counts nothing.
  MixedField field = large_stay_small_return();
  std::erase_if(field.inventories[1].particles, [](const SizedParticle& one) { return one.x_nm < 50.0; });
  Drift drift(3);
  drift[1].shift_px = {-37.0 / simulated::pixel_nm, 0.0};
  LocalityOptions options;
  options.replicates = 19;
  const std::vector<Drift> drifts{drift};
  const Locality locality = find_locality(field.inventories, field.tracks, field.history, field.sample,
                                          field.supports, drifts, simulated::pixel_nm, options, Rng(1));
  const std::vector<LocalVerdict> verdicts =
      judge_neighbourhoods(locality, field.inventories, field.sample, fit_about(-0.16));
  EXPECT_TRUE(std::none_of(verdicts.begin(), verdicts.end(), [](const LocalVerdict& one) {
    return one.hold == 1 && one.size_class == "large";
  }));
  EXPECT_EQ(of(verdicts, 2, "large").with_particle, large_count);
  EXPECT_EQ(of(verdicts, 1, "small").neighbourhoods, small_count);
}

TEST(LocalVerdict, SaysItInASentence) {
  const MixedField field = large_stay_small_return();
  const Locality locality = field.locality();
  const std::vector<FitMessage> messages = local_messages(
      judge_neighbourhoods(locality, field.inventories, field.sample, fit_about(-0.16)), locality);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].code, "local");
  EXPECT_THAT(messages[0].text,
              testing::AllOf(HasSubstr("hold 1 (500 C)"), HasSubstr("around the 4 large c_ad 0.2"),
                             HasSubstr("> c* 0.032"), HasSubstr("4 keep a particle"),
                             HasSubstr("around the 18 small c_ad 0.018"), HasSubstr("< c* 0.032"),
                             HasSubstr("none keeps a particle")));
  EXPECT_EQ(messages[1].code, "local_return");
}

TEST(LocalVerdict, LeavesOpenWhatDhLeavesOpen) {
  const MixedField field = large_stay_small_return();
  const Locality locality = field.locality();
  EntropyFit fit = fit_about(-0.16);
  fit.dh_eV = {{}, {-0.17, {}}, {-0.18, {}}, {}, "below"};
  const auto verdicts = judge_neighbourhoods(locality, field.inventories, field.sample, fit);
  EXPECT_FALSE(of(verdicts, 1, "small").c_ad.estimate.has_value());
  EXPECT_FALSE(of(verdicts, 1, "small").c_ad.interval95.high.has_value());
  EXPECT_TRUE(of(verdicts, 1, "small").c_ad.interval95.low.has_value());
  EXPECT_FALSE(of(verdicts, 1, "small").c_star_interval95.high.has_value());
  EXPECT_TRUE(local_messages(verdicts, locality).empty());
}

TEST(LocalVerdict, HasNothingToSayOfOneGroupOfSizes) {
  MixedField field;
  for (const std::size_t hold : {0U, 2U}) field.add_small(hold);
  EXPECT_TRUE(
      judge_neighbourhoods(field.locality(), field.inventories, field.sample, fit_about(-0.16)).empty());
}

TEST(LocalVerdict, RefusesALocalityOfOtherHolds) {
  const MixedField field = large_stay_small_return();
  Locality locality = field.locality();
  locality.holds.pop_back();
  EXPECT_THROW(judge_neighbourhoods(locality, field.inventories, field.sample, fit_about(-0.16)), Error);
}

TEST(LocalVerdict, HoldsTheTruthOfASimulatedMixedField) {
  // The posterior of a simulated cycle of the same sample judges a field whose small particles hold 0.011
  // and whose large ones hold 0.21 atoms per site: the first go at 500 C, the second stay.
  Rng rng(3);
  simulated::Programme programme;
  programme.celsius = simulated::up_and_down;
  const EntropyFit fit =
      fit_entropy_model(simulated::run(programme, simulated::pdo_on_ceria(), rng), simulated::pdo_on_ceria());
  ASSERT_EQ(fit.draws.size(), 1000U);
  const MixedField field = large_stay_small_return();
  const Locality locality = field.locality();
  const auto verdicts = judge_neighbourhoods(locality, field.inventories, field.sample, fit);
  for (const LocalVerdict& verdict : verdicts)
    EXPECT_TRUE(verdict.agrees) << verdict.size_class << verdict.hold;
  const LocalVerdict& small = of(verdicts, 1, "small");
  const double truth = in_small_particles(field, locality) + critical_concentration(-0.16, 473.15);
  EXPECT_LT(*small.c_ad.interval95.low, truth);
  EXPECT_GT(*small.c_ad.interval95.high, truth);
  EXPECT_LT(small.c_star_interval95.low.value(), critical_concentration(-0.16, 773.15));
  EXPECT_GT(small.c_star_interval95.high.value(), critical_concentration(-0.16, 773.15));
}

}  // namespace
}  // namespace sinterscope
