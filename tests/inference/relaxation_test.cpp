// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/relaxation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "sinterscope/core/error.h"
#include "sinterscope/core/random.h"

namespace sinterscope {
namespace {

std::vector<AmountInTime> observe(int frames, double sd, const std::function<double(double)>& amount,
                                  Rng rng) {
  std::vector<AmountInTime> series;
  for (int frame = 0; frame < frames; ++frame) {
    const double time_s = 10.0 * frame;
    series.push_back({time_s, amount(time_s) + sd * rng.normal(), sd * sd});
  }
  return series;
}

TEST(Relaxation, CallsAConstantHoldSettled) {
  int unsettled = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed)
    for (const int frames : {4, 8, 20})
      unsettled += fit_relaxation(observe(
                                      frames, 0.05, [](double) { return 1.0; }, Rng(seed)))
                           ->settled
                       ? 0
                       : 1;
  // 1 % each for exact errors; with four frames the errors are taken from one degree of freedom, but never
  // made smaller.
  EXPECT_LE(unsettled, 15 + 12);
}

TEST(Relaxation, RecoversTheRateAndThePlateau) {
  double log_rate = 0.0, plateau = 0.0;
  const int trials = 200;
  for (std::uint64_t seed = 0; seed < trials; ++seed) {
    const auto series = observe(
        20, 0.02, [](double t) { return 1.0 + std::exp(-0.03 * t); }, Rng(seed));
    const Relaxation fit = *fit_relaxation(series);
    ASSERT_TRUE(fit.rate_per_s.has_value());
    EXPECT_TRUE(fit.settled);  // e^(-0.03 * 190) = 0.3 % is still to come
    log_rate += std::log(*fit.rate_per_s / 0.03) / trials;
    plateau += fit.plateau / trials;
  }
  EXPECT_NEAR(log_rate, 0.0, 0.06);  // half a step of the grid of rates
  EXPECT_NEAR(plateau, 1.0, 0.01);
}

TEST(Relaxation, FlagsAHoldThatStillChanges) {
  int slow = 0, straight = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    slow += fit_relaxation(observe(
                               20, 0.02, [](double t) { return 1.0 + std::exp(-0.005 * t); }, Rng(seed)))
                ->settled;
    straight += fit_relaxation(observe(
                                   8, 0.02, [](double t) { return 2.0 - 0.01 * t; }, Rng(seed)))
                    ->settled;
  }
  EXPECT_LE(slow, 2);
  EXPECT_EQ(straight, 0);
}

TEST(Relaxation, DoesNotDependOnTheUnitsOfAmountAndTheOriginOfTime) {
  const auto series = observe(
      12, 0.02, [](double t) { return 1.0 + std::exp(-0.02 * t); }, Rng(3));
  std::vector<AmountInTime> other = series;
  for (AmountInTime& one : other) {
    one.time_s += 1024.0;
    one.amount *= 4.0;
    one.variance *= 16.0;
  }
  const Relaxation a = *fit_relaxation(series), b = *fit_relaxation(other);
  EXPECT_NEAR(*a.rate_per_s, *b.rate_per_s, 1e-12);
  EXPECT_NEAR(4.0 * a.plateau, b.plateau, 1e-9);
  EXPECT_EQ(a.settled, b.settled);
}

TEST(Relaxation, SaysNothingOfFewFramesOrOfNothing) {
  EXPECT_FALSE(fit_relaxation(observe(
                                  3, 0.1, [](double) { return 1.0; }, Rng(1)))
                   .has_value());
  EXPECT_FALSE(fit_relaxation(observe(
                                  8, 0.0, [](double) { return 0.0; }, Rng(1)))
                   .has_value());
}

TEST(Relaxation, RefusesTimesThatDoNotRise) {
  std::vector<AmountInTime> series = observe(
      5, 0.1, [](double) { return 1.0; }, Rng(1));
  series[2].time_s = series[1].time_s;
  EXPECT_THROW(fit_relaxation(series), Error);
}

}  // namespace
}  // namespace sinterscope
