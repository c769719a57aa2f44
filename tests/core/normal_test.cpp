// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/core/normal.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

TEST(NormalQuantile, KnowsTheTabulatedValues) {
  // Abramowitz and Stegun, table 26.5, extended in multiple precision.
  EXPECT_EQ(normal_quantile(0.5), 0.0);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-14);
  EXPECT_NEAR(normal_quantile(0.84), 0.994457883209753, 1e-14);
  EXPECT_NEAR(normal_quantile(1e-10), -6.361340902404056, 1e-13);
}

TEST(NormalQuantile, InvertsTheDistributionFunction) {
  // In the far tail a relative error of 1e-13 of p is 1e-14 of z: rounding only.
  for (double log_p = -300.0; log_p < -0.01; log_p += 0.37) {
    const double p = std::exp(log_p);
    EXPECT_NEAR(0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0)) / p, 1.0, 1e-12) << p;
  }
}

TEST(NormalQuantile, EndsAtInfinityAndRefusesWhatIsNoProbability) {
  EXPECT_EQ(normal_quantile(0.0), -INFINITY);
  EXPECT_EQ(normal_quantile(1.0), INFINITY);
  EXPECT_THROW(normal_quantile(-0.1), Error);
  EXPECT_THROW(normal_quantile(1.1), Error);
  EXPECT_THROW(normal_quantile(std::nan("")), Error);
}

}  // namespace
}  // namespace sinterscope
