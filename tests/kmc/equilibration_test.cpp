// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/equilibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sinterscope/core/error.h"
#include "sinterscope/core/random.h"

using namespace sinterscope;

namespace {

/// A first-order autoregressive series of variance 1: tau = 1/2 + phi / (1 - phi).
std::vector<double> correlated(std::size_t n, double phi, Rng rng) {
  std::vector<double> series(n);
  double value = rng.normal();
  for (double& sample : series) {
    sample = value;
    value = phi * value + std::sqrt(1.0 - phi * phi) * rng.normal();
  }
  return series;
}

}  // namespace

TEST(Equilibration, FindsTheCorrelationTimeOfAKnownSeries) {
  // tau = 0.5 + 0.9 / 0.1 = 9.5; its statistical error with window W ~ 5 tau is tau sqrt(2 (2 W + 1) / n) =
  // 0.19.
  EXPECT_NEAR(mean_of_series(correlated(200000, 0.9, Rng(1))).correlation_samples, 9.5, 0.8);
  EXPECT_NEAR(mean_of_series(correlated(200000, 0.0, Rng(2))).correlation_samples, 0.5, 0.03);
}

TEST(Equilibration, GivesErrorBarsThatHold) {
  // 300 series of mean 0: the pulls have a standard deviation of 1 within 1 / sqrt(600) and the window's bias
  // (few %).
  double squares = 0.0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const SeriesMean mean = mean_of_series(correlated(4000, 0.8, Rng(10).stream("series", i)));
    squares += std::pow(mean.mean / mean.standard_error, 2);
  }
  EXPECT_NEAR(std::sqrt(squares / 300.0), 1.0, 0.17);
}

TEST(Equilibration, SaysWhenASeriesIsTooShortToKnow) {
  EXPECT_TRUE(mean_of_series(correlated(4000, 0.5, Rng(3))).reliable);
  EXPECT_FALSE(mean_of_series(correlated(200, 0.95, Rng(4))).reliable);
  EXPECT_FALSE(mean_of_series(std::vector<double>(5, 1.0)).reliable);
  const SeriesMean constant = mean_of_series(std::vector<double>(100, 0.1));
  EXPECT_EQ(constant.mean, 0.1);
  EXPECT_EQ(constant.standard_error, 0.0);
  EXPECT_THROW(mean_of_series({}), Error);
}

TEST(Equilibration, FindsWhereASeriesSettles) {
  std::vector<double> series = correlated(8000, 0.5, Rng(5));
  EXPECT_LT(settled_from(series), 4000u);
  for (std::size_t i = 0; i < series.size(); ++i)
    series[i] += 30.0 * std::exp(-static_cast<double>(i) / 300.0);
  // The drift sinks below the error of the mean after 300 ln(30 / 0.02) = 2200 samples and below the scatter
  // after 1000.
  EXPECT_GT(settled_from(series), 700u);
  EXPECT_LT(settled_from(series), 5000u);
}

TEST(Equilibration, CombinesRunsByTheirScatter) {
  const SeriesMean a{1.0, 0.1, 0.5, 100, true}, b{3.0, 0.1, 0.5, 100, true};
  const std::vector<SeriesMean> both = {a, b};
  EXPECT_DOUBLE_EQ(mean_of_runs(both).mean, 2.0);
  EXPECT_DOUBLE_EQ(mean_of_runs(both).standard_error, 1.0) << "sd sqrt(2) over sqrt(2)";
  EXPECT_DOUBLE_EQ(mean_of_runs(std::span(both).first(1)).standard_error, 0.1);
  EXPECT_THROW(mean_of_runs({}), Error);
}
