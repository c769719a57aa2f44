// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/core/binomial.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace sinterscope {
namespace {

TEST(Binomial, TailOfAFairCoin) {
  EXPECT_NEAR(binomial_tail(10, 6, 0.5), 386.0 / 1024.0, 1e-12);
  EXPECT_DOUBLE_EQ(binomial_tail(10, 0, 0.3), 1.0);
  EXPECT_DOUBLE_EQ(binomial_tail(10, 11, 0.3), 0.0);
  EXPECT_DOUBLE_EQ(binomial_tail(10, 10, 1.0), 1.0);
}

TEST(Binomial, TwoCorrelatedTriesMeetSheppardsFormula) {
  // P(both below their median) = 1/4 + asin(rho) / (2 pi) (W. F. Sheppard, Phil. Trans. A 192, 101, 1899).
  for (const double rho : {0.1, 0.5, 0.9})
    EXPECT_NEAR(correlated_binomial_tail(2, 2, 0.5, rho), 0.25 + std::asin(rho) / (2.0 * std::numbers::pi),
                1e-4);
}

TEST(Binomial, CorrelationLeavesTheMeanNumberOfSuccesses) {
  // The mean is the sum of the tails, and is n p whatever the tries share.
  for (const double p : {0.03, 0.4, 0.9})
    for (const double rho : {0.0, 0.3, 0.95}) {
      double mean = 0.0;
      for (int least = 1; least <= 6; ++least) mean += correlated_binomial_tail(6, least, p, rho);
      EXPECT_NEAR(mean, 6.0 * p, 1e-3) << p << " " << rho;
    }
}

TEST(Binomial, TriesOfOneLuckAreOneTry) {
  // What is left of their own, 0.1 of a standard deviation, moves the best or worst of eight by 0.14 of one:
  // 0.05 in probability.
  EXPECT_NEAR(correlated_binomial_tail(8, 8, 0.6, 0.99), 0.6 - 0.05, 0.02);
  EXPECT_NEAR(correlated_binomial_tail(8, 1, 0.6, 0.99), 0.6 + 0.05, 0.02);
}

}  // namespace
}  // namespace sinterscope
