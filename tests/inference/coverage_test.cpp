// SPDX-License-Identifier: GPL-3.0-or-later
// A short version of bench/accuracy/inference_coverage: do the intervals hold the truth as often as they say?

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "inference/simulated_holds.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/statistics.h"

namespace sinterscope {
namespace {

constexpr int experiments = 24;

TEST(Coverage, NinetyFivePercentIntervalsHoldTheTruth) {
  // The study finds 97 % here. Of 24 fewer than 20 would happen once in 200 at 95 %.
  int held = 0;
  double bias = 0.0;
  for (int i = 0; i < experiments; ++i) {
    Rng rng = Rng(41).stream("cycle", static_cast<std::uint64_t>(i));
    simulated::Programme programme;
    programme.celsius = simulated::up_and_down;
    programme.kappa = 0.3 * rng.normal();
    const EntropyFit fit = fit_entropy_model(simulated::run(programme, simulated::pdo_on_ceria(), rng),
                                             simulated::pdo_on_ceria());
    const Interval& interval = fit.dh_eV.interval95;
    if (interval.low.value_or(-1.0) <= programme.dh_eV && programme.dh_eV <= interval.high.value_or(0.0))
      ++held;
    bias += (fit.posterior_median_dh_eV - programme.dh_eV) / experiments;
  }
  EXPECT_GE(held, 20);
  EXPECT_LT(std::abs(bias), 0.026);  // the s.d. of one experiment is 40 meV, of the mean 8: the study's bound
}

TEST(Coverage, TruthsFromThePriorFallEvenlyIntoThePosterior) {
  // The posterior probability below the truth is uniform if prior and likelihood are what was simulated: its
  // mean is 1/2 within 0.29/sqrt(24) = 0.06, its s.d. 0.29.
  double mean = 0.0, square = 0.0;
  for (int i = 0; i < experiments; ++i) {
    Rng rng = Rng(43).stream("prior", static_cast<std::uint64_t>(i));
    FitOptions options;
    options.c_ad_min = 1e-3;
    options.c_ad_max = 0.05;
    simulated::Programme programme;
    programme.celsius = simulated::up_and_down;
    programme.kappa = 0.3 * rng.normal();
    programme.dh_eV = rng.uniform(options.dh_min_eV, 0.0);
    programme.c_tot = std::exp(rng.uniform(std::log(options.c_ad_min), std::log(options.c_ad_max)));
    programme.facet_spread = 0.3 * std::exp(0.7 * std::clamp(rng.normal(), -2.4, 2.0));
    const EntropyFit fit = fit_entropy_model(simulated::run(programme, simulated::pdo_on_ceria(), rng),
                                             simulated::pdo_on_ceria(), options);
    double below = 0.0;
    for (std::size_t k = 1; k < fit.grid_dh_eV.size() && fit.grid_dh_eV[k] <= programme.dh_eV; ++k)
      below += 0.5 * (fit.posterior_density[k] + fit.posterior_density[k - 1]) *
               (fit.grid_dh_eV[k] - fit.grid_dh_eV[k - 1]);
    mean += below / experiments;
    square += below * below / experiments;
  }
  EXPECT_NEAR(mean, 0.5, 0.18);  // three standard errors
  EXPECT_NEAR(std::sqrt(square - mean * mean), 0.29, 0.1);
}

}  // namespace
}  // namespace sinterscope
