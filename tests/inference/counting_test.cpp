// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/counting.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sinterscope {
namespace {

TEST(Counting, GammaQuantilesAgreeWithTheChiSquareTables) {
  // Half of the quantiles of chi-square with 2 and 10 degrees of freedom at 95 % (5.9915, 18.3070, four
  // decimals).
  EXPECT_NEAR(gamma_quantile(1.0, 0.95), 5.9915 / 2.0, 5e-5);
  EXPECT_NEAR(gamma_quantile(5.0, 0.95), 18.3070 / 2.0, 5e-5);
  EXPECT_NEAR(gamma_quantile(1e4, 0.5), 1e4 - 1.0 / 3.0, 1e-2);  // median of a gamma variable of large shape
}

TEST(Counting, NothingSeenLeavesRoomForThreeEvents) {
  EXPECT_NEAR(weighted_count_upper(0.0, 0.0, 2.0, 0.95), 2.0 * 2.9957, 1e-3);
  EXPECT_DOUBLE_EQ(weighted_count_lower(0.0, 0.0, 0.025), 0.0);
}

TEST(Counting, EqualWeightsGiveTheExactPoissonLimits) {
  // Garwood's 95 % interval for ten events: 4.795 to 18.391.
  EXPECT_NEAR(weighted_count_lower(10.0, 10.0, 0.025), 4.795, 1e-3);
  EXPECT_NEAR(weighted_count_upper(10.0, 10.0, 1.0, 0.975), 18.391, 1e-3);
}

}  // namespace
}  // namespace sinterscope
