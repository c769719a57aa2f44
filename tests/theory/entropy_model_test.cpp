// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/theory/entropy_model.h"

#include <ceres/jet.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sinterscope/core/error.h"
#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

// Values without a derivation were computed beforehand in double precision with SciPy, independently of this
// code.
constexpr double reference_accuracy = 1e-9;

void expect_relative(double value, double expected, double tolerance = reference_accuracy) {
  EXPECT_NEAR(value / expected, 1.0, tolerance) << value << " against " << expected;
}

TEST(CriticalConcentration, HasThePublishedValues) {
  // Zhu et al. print 0.032, 2.1e-5 and 7.6e-4; the last rounds to 7.5e-4 with today's Boltzmann constant.
  EXPECT_NEAR(critical_concentration(-0.16, 773.0), 0.0322, 0.00005);
  EXPECT_NEAR(critical_concentration(-0.65, 773.0), 2.13e-5, 0.005e-5);
  EXPECT_NEAR(critical_concentration(-0.16, 300.0), 7.54e-4, 0.005e-4);
}

TEST(CriticalConcentration, AgreesWithReferenceValues) {
  expect_relative(critical_concentration(-0.16, 773.0), 0.03223395042063186);
  expect_relative(critical_concentration(-0.65, 773.0), 2.1274000396756995e-05);
  expect_relative(critical_concentration(-0.16, 300.0), 7.542166983836389e-04);
  expect_relative(critical_concentration(-0.16, 473.15), 0.007216275067527348);
  expect_relative(critical_concentration(-0.3, 773.15, 0.0), 0.0109563399299732);
  expect_relative(critical_concentration(-2.0, 300.0), 9.272231837979825e-35);
}

TEST(CriticalConcentration, HasTheLimitsOfTheModel) {
  EXPECT_DOUBLE_EQ(critical_concentration(0.0, 500.0), 1.0 / (1.0 + std::exp(1.0)));
  EXPECT_NEAR(critical_concentration(-0.1, 1e9), 1.0 / (1.0 + std::exp(1.0)), 1e-6);
  for (double temperature = 250.0; temperature < 1200.0; temperature += 50.0)
    EXPECT_LT(critical_concentration(-0.2, temperature), critical_concentration(-0.2, temperature + 50.0));
}

TEST(CriticalConcentration, StaysExactWhereItUnderflows) {
  // dh/kT = -1000: ln c* = -(sigma + 1000) to double precision.
  const double dh = -1000.0 * boltzmann_eV_per_K * 300.0;
  EXPECT_NEAR(log_critical_concentration(dh, 300.0), -1001.0, 1e-9);
}

TEST(CriticalConcentration, IsInvertedByItsEnthalpy) {
  for (const double c : {1e-7, 1e-4, 0.03, 0.2})
    expect_relative(critical_concentration(enthalpy_for_critical_concentration(c, 650.0), 650.0), c, 1e-12);
  EXPECT_THROW(enthalpy_for_critical_concentration(0.0, 650.0), Error);
}

TEST(RedispersionTemperature, AgreesWithReferenceValues) {
  expect_relative(redispersion_temperature(-0.16, 0.03).value(), 749.8581971313976);
  expect_relative(redispersion_temperature(-0.3, 0.003).value(), 724.356039692505);
  expect_relative(redispersion_temperature(-0.65, 1e-4).value(), 918.7230144289902);
  expect_relative(redispersion_temperature(-0.25, 0.008).value(), 759.4020180491409);
}

TEST(RedispersionTemperature, IsWhereTheCriticalConcentrationReachesTheTotal) {
  for (const double c : {1e-5, 1e-3, 0.02, 0.2})
    expect_relative(critical_concentration(-0.3, redispersion_temperature(-0.3, c).value()), c, 1e-12);
}

TEST(RedispersionTemperature, DoesNotExistAboveTheCeilingOrWithoutBinding) {
  EXPECT_FALSE(redispersion_temperature(-0.16, 0.2690).has_value());
  EXPECT_FALSE(redispersion_temperature(0.0, 0.01).has_value());
  EXPECT_TRUE(redispersion_temperature(-0.16, 0.2689).has_value());
}

TEST(DeltaG, AgreesWithReferenceValues) {
  EXPECT_NEAR(delta_g_eV(50, 1600, -0.16, 773.0), 2.808379241269881, 1e-9);
  EXPECT_NEAR(delta_g_eV(1, 1600, -0.16, 773.0), -0.22661198611529104, 1e-9);
  EXPECT_NEAR(delta_g_eV(128, 1600, -0.16, 773.0), -0.006851530722311594, 1e-9);
  EXPECT_NEAR(delta_g_eV(50, 1600, -0.65, 773.0), -21.691620758730117, 1e-9);
  EXPECT_NEAR(delta_g_eV(50, 1600, -0.16, 300.0), -3.80528619355632, 1e-9);
}

TEST(DeltaG, IsLargestAtTheModeOfTheBinomial) {
  // Brute force over every N, at the published cases and at random ones.
  Rng rng(11);
  for (int trial = 0; trial < 60; ++trial) {
    const long sites = trial < 2 ? 1600 : 200 + static_cast<long>(rng.below(3000));
    const double dh = trial == 0 ? -0.16 : trial == 1 ? -0.05 : rng.uniform(-0.3, 0.0);
    const double temperature = trial < 2 ? 773.0 : rng.uniform(300.0, 1000.0);
    long best = 1;
    for (long n = 1; n <= sites; ++n)
      if (delta_g_eV(static_cast<double>(n), static_cast<double>(sites), dh, temperature) >
          delta_g_eV(static_cast<double>(best), static_cast<double>(sites), dh, temperature) + 1e-12)
        best = n;
    const long mode = most_stable_dispersed_atoms(sites, dh, temperature);
    if (mode >= 1)
      EXPECT_EQ(mode, best) << sites << " sites, dh " << dh << ", " << temperature << " K";
    else
      EXPECT_EQ(best, 1);
  }
  EXPECT_EQ(most_stable_dispersed_atoms(1600, -0.16, 773.0), 51);
  EXPECT_EQ(most_stable_dispersed_atoms(1600, -0.65, 773.0), 0);
  EXPECT_EQ(most_stable_dispersed_atoms(1600, -0.16, 300.0), 1);
  EXPECT_EQ(most_stable_dispersed_atoms(100000, -0.16, 773.0), 3223);
}

TEST(DeltaG, MirrorsTheFreeEnergyOfCoexistence) {
  // n dispersed beside one particle of N_t - n atoms: minimising that free energy is maximising DeltaG(n),
  // because their sum does not depend on n.
  const double dh = -0.16, temperature = 773.0, sites = 1600, total = 100;
  const double kT = boltzmann_eV_per_K * temperature;
  const auto coexistence = [&](double n) {
    const double log_choose = std::lgamma(sites + 1) - std::lgamma(n + 1) - std::lgamma(sites - n + 1);
    return (total - n) * (dh - kT) - kT * std::log(sites) - kT * log_choose;
  };
  const double sum = coexistence(20) + delta_g_eV(20, sites, dh, temperature);
  for (double n = 1; n < total; n += 1.0)
    EXPECT_NEAR(coexistence(n) + delta_g_eV(n, sites, dh, temperature), sum, 1e-9);
}

TEST(DeltaG, HasStirlingsFormForManyAtoms) {
  // Stirling's series: what is left out is kT/2 ln(2 pi M c(1-c)), to 1/N.
  const double sites = 1e6, atoms = 3e4, kT = boltzmann_eV_per_K * 773.0;
  const double left_out = 0.5 * kT * std::log(2.0 * pi * atoms * (1.0 - atoms / sites));
  EXPECT_NEAR(delta_g_stirling_eV(atoms, sites, -0.16, 773.0) - delta_g_eV(atoms, sites, -0.16, 773.0),
              left_out, kT / atoms);
}

TEST(DeltaG, ChangesSignTwiceOrNever) {
  const auto crossings = delta_g_zero_crossings(1600, -0.16, 773.0);
  ASSERT_TRUE(crossings.has_value());
  EXPECT_NEAR(crossings->first, 2.0394025502617046, 1e-6);
  EXPECT_NEAR(crossings->second, 127.89316105461798, 1e-6);
  EXPECT_FALSE(delta_g_zero_crossings(1600, -0.65, 773.0).has_value());
  EXPECT_FALSE(delta_g_zero_crossings(1600, -0.16, 300.0).has_value());
}

TEST(ZeroCrossing, AgreesWithReferenceValuesAndTendsToETimesCStar) {
  expect_relative(zero_crossing_concentration(-0.16, 773.0), 0.0865899257260576);
  expect_relative(zero_crossing_concentration(-0.65, 773.0), 5.7828286859918804e-05);
  expect_relative(zero_crossing_concentration(-0.16, 300.0), 0.0020496180065259465);
  expect_relative(zero_crossing_concentration(-0.05, 773.0), 0.3790709004121631);
  expect_relative(zero_crossing_concentration(-1.0, 300.0) / critical_concentration(-1.0, 300.0),
                  std::exp(1.0), 1e-6);
}

TEST(LargestLoss, BoundsEveryEnthalpy) {
  const LargestLoss loss = largest_loss(473.15, 773.15);
  EXPECT_NEAR(loss.concentration, 0.052286, 1e-6);
  EXPECT_NEAR(loss.dh_eV, -0.06378, 1e-5);
  for (double dh = -0.8; dh <= 0.0; dh += 0.001)
    EXPECT_LE(critical_concentration(dh, 773.15) - critical_concentration(dh, 473.15),
              loss.concentration + 1e-15);
  EXPECT_NEAR(largest_loss(298.15, 773.15).concentration, 0.0981, 1e-4);
  EXPECT_THROW(largest_loss(500.0, 400.0), Error);
}

double particle_concentration(double dh, double c_tot, double temperature, double spread, double sites) {
  return std::exp(log_particle_concentration(dh, std::log(c_tot), spread, temperature, sites));
}

TEST(SmoothSolvus, AgreesWithReferenceValues) {
  expect_relative(particle_concentration(-0.16, 0.02, 473.15, 0.3, 6000), 0.012785078400883394);
  expect_relative(particle_concentration(-0.16, 0.02, 623.15, 0.3, 6000), 0.003309169919590748);
  expect_relative(particle_concentration(-0.16, 0.02, 673.15, 0.3, 6000), 0.0014808080745968605);
  expect_relative(particle_concentration(-0.16, 0.02, 773.15, 0.3, 6000), 2.0273882001984895e-04);
  expect_relative(particle_concentration(-0.16, 0.02, 773.15, 0.05, 6000), 6.5192640280446375e-12, 1e-6);
  expect_relative(particle_concentration(-0.25, 0.008, 773.15, 0.3, 6000), 8.305131695550966e-04);
}

TEST(SmoothSolvus, IsTheMeanOverUnequalFacets) {
  // Lognormal total against lognormal capacity, by simulation: 4e5 draws leave a standard error of 0.2 to 0.5
  // %.
  const double c_tot = 0.02, spread = 0.3, sites = 6000;
  for (const double temperature : {473.15, 623.15}) {
    const double c_star = critical_concentration(-0.16, temperature);
    const double capacity_spread = std::sqrt((1.0 - c_star) / (sites * c_star));
    Rng rng(5);
    double sum = 0.0;
    constexpr int draws = 400000;
    for (int i = 0; i < draws; ++i) {
      const double total = c_tot * std::exp(spread * rng.normal() - 0.5 * spread * spread);
      const double capacity =
          c_star * std::exp(capacity_spread * rng.normal() - 0.5 * capacity_spread * capacity_spread);
      sum += std::max(0.0, total - capacity);
    }
    expect_relative(particle_concentration(-0.16, c_tot, temperature, spread, sites), sum / draws, 0.02);
  }
}

TEST(SmoothSolvus, TendsToTheKink) {
  for (const double temperature : {400.0, 500.0, 600.0}) {
    const double kink = 0.02 - critical_concentration(-0.16, temperature);
    ASSERT_GT(kink, 0.0);
    expect_relative(particle_concentration(-0.16, 0.02, temperature, 1e-4, 1e12), kink, 1e-6);
  }
  EXPECT_LT(particle_concentration(-0.16, 0.02, 700.0, 1e-3, 1e12), 1e-100);
}

TEST(SmoothSolvus, IsFiniteWithFiniteDerivativesOverTheWholeRange) {
  using Jet = ceres::Jet<double, 3>;
  for (double scaled = -1000.0; scaled <= 0.0; scaled += 12.5)
    for (const double log_c : {std::log(1e-7), std::log(1e-3), std::log(0.5)})
      for (const double spread : {0.02, 0.3, 1.5}) {
        const double temperature = 300.0;
        const double dh = scaled * boltzmann_eV_per_K * temperature;
        const Jet value =
            log_particle_concentration(Jet(dh, 0), Jet(log_c, 1), Jet(spread, 2), temperature, 6000.0);
        ASSERT_TRUE(std::isfinite(value.a)) << scaled << " " << log_c << " " << spread;
        ASSERT_TRUE(value.v.allFinite()) << scaled << " " << log_c << " " << spread;
        EXPECT_LE(value.a, log_c + 1e-12);  // particles never hold more than there is
      }
}

TEST(SmoothSolvus, HasTheDerivativesOfItsDifferences) {
  using Jet = ceres::Jet<double, 3>;
  constexpr double step = 1e-5;  // central differences: relative error about step^2 over the scale kT squared
  for (const double temperature : {473.15, 623.15, 773.15}) {
    const double dh = -0.16, log_c = std::log(0.02), spread = 0.3;
    const Jet value =
        log_particle_concentration(Jet(dh, 0), Jet(log_c, 1), Jet(spread, 2), temperature, 6000.0);
    const auto plain = [&](double a, double b, double c) {
      return log_particle_concentration(a, b, c, temperature, 6000.0);
    };
    const double by_dh = (plain(dh + step, log_c, spread) - plain(dh - step, log_c, spread)) / (2 * step);
    const double by_c = (plain(dh, log_c + step, spread) - plain(dh, log_c - step, spread)) / (2 * step);
    const double by_spread = (plain(dh, log_c, spread + step) - plain(dh, log_c, spread - step)) / (2 * step);
    expect_relative(value.v[0], by_dh, 1e-5);
    expect_relative(value.v[1], by_c, 1e-5);
    expect_relative(value.v[2], by_spread, 1e-5);
  }
}

TEST(SmoothSolvus, HasNoStepWhereTheTailTakesOver) {
  // d1 passes the switch of the two forms between these temperatures; ln c_NP is smooth in T, so its second
  // difference stays near that of its neighbours.
  double largest = 0.0;
  std::vector<double> values;
  for (double temperature = 640.0; temperature < 700.0; temperature += 0.05)
    values.push_back(log_particle_concentration(-0.16, std::log(0.02), 1e-2, temperature, 1e6));
  for (std::size_t i = 1; i + 1 < values.size(); ++i)
    largest = std::max(largest, std::abs(values[i - 1] - 2.0 * values[i] + values[i + 1]));
  EXPECT_LT(largest, 1e-2);
}

}  // namespace
}  // namespace sinterscope
