// SPDX-License-Identifier: GPL-3.0-or-later
// Two temperatures bound dh to an interval and no more: the programme 500 / 200 / 500 C with particles only
// when cold.

#include <gtest/gtest.h>

#include <cmath>

#include "inference/simulated_holds.h"
#include "sinterscope/core/normal.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/statistics.h"

namespace sinterscope {
namespace {

std::vector<HoldInventory> programme(double area_nm2, int particles) {
  std::vector<HoldInventory> holds;
  for (int i = 0; i < 3; ++i) {
    holds.push_back(simulated::empty_hold(area_nm2));
    holds.back().hold = i;
    holds.back().temperature_K = kelvin_from_celsius(i == 1 ? 200 : 500);
  }
  for (int k = 0; k < particles; ++k)
    holds[1].particles.push_back({2.05 * std::exp(0.18 * normal_quantile((k + 0.5) / particles)), 0.1});
  return holds;
}

struct Case {
  double area_nm2;
  int particles;
  double loading;  ///< 0 = unknown
  double profile_low, profile_high, bayes_low, bayes_high, median;
};

// Computed beforehand with SciPy by an independent implementation; the tolerance is a tenth of the interval's
// width.
const Case cases[] = {{4e3, 4, 0.0, -0.290, -0.018, -0.739, -0.053, -0.198},
                      {4e3, 12, 0.0, -0.176, -0.034, -0.607, -0.046, -0.118},
                      {4e4, 4, 0.0, -0.429, -0.013, -0.684, -0.072, -0.280},
                      {4e4, 12, 0.0, -0.313, -0.024, -0.319, -0.068, -0.204},
                      {4e4, 40, 0.0, -0.213, -0.036, -0.213, -0.060, -0.139},
                      {4e4, 120, 0.0, -0.142, -0.045, -0.145, -0.054, -0.097},
                      {4e5, 120, 0.0, -0.278, -0.034, -0.269, -0.077, -0.191},
                      {4e5, 400, 0.0, -0.197, -0.043, -0.194, -0.064, -0.132},
                      {4e4, 40, 0.02, -0.201, -0.110, -0.200, -0.115, -0.156},
                      {4e4, 40, 0.04, -0.159, -0.074, -0.162, -0.080, -0.117}};

TEST(TwoTemperatures, BoundTheEnthalpyAsInTheReferenceStudy) {
  for (const Case& expected : cases) {
    Sample sample = simulated::pdo_on_ceria();
    if (expected.loading > 0.0) sample.loading_per_site = expected.loading;
    const EntropyFit fit = fit_entropy_model(programme(expected.area_nm2, expected.particles), sample);
    const auto quantile = [&](double p) {
      return density_quantile(fit.grid_dh_eV, fit.posterior_density, p);
    };
    const double tolerance = 0.1 * (expected.bayes_high - expected.bayes_low);
    SCOPED_TRACE(expected.particles);
    EXPECT_NEAR(quantile(0.025), expected.bayes_low, tolerance);
    EXPECT_NEAR(quantile(0.975), expected.bayes_high, tolerance);
    EXPECT_NEAR(quantile(0.5), expected.median, tolerance);
    const double profile_tolerance = 0.1 * (expected.profile_high - expected.profile_low);
    EXPECT_NEAR(*fit.dh_eV.profile95.low, expected.profile_low, profile_tolerance);
    EXPECT_NEAR(*fit.dh_eV.profile95.high, expected.profile_high, profile_tolerance);
  }
}

TEST(TwoTemperatures, OneParticleLeavesBothEndsOpen) {
  const EntropyFit fit = fit_entropy_model(programme(4e3, 1), simulated::pdo_on_ceria());
  EXPECT_EQ(fit.dh_eV.bounded, "none");
  EXPECT_FALSE(fit.dh_eV.estimate.has_value());
}

TEST(TwoTemperatures, AHundredfoldAreaHardlyHelpsAndALoadingHalves) {
  const auto width = [](const EntropyFit& fit) {
    return *fit.dh_eV.interval95.high - *fit.dh_eV.interval95.low;
  };
  const double usual = width(fit_entropy_model(programme(4e4, 40), simulated::pdo_on_ceria()));
  EXPECT_GT(width(fit_entropy_model(programme(4e5, 400), simulated::pdo_on_ceria())), 0.7 * usual);
  Sample loaded = simulated::pdo_on_ceria();
  loaded.loading_per_site = 0.02;
  EXPECT_LT(width(fit_entropy_model(programme(4e4, 40), loaded)), 0.65 * usual);
}

}  // namespace
}  // namespace sinterscope
