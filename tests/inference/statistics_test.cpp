// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

TEST(NormalQuadrature, IntegratesPolynomialsExactly) {
  // Moments of the standard normal: 1, 0, 1, 0, 3, 0, 15, 0, 105; nine nodes are exact up to degree 17.
  const NormalQuadrature rule = normal_quadrature(9);
  const double moments[] = {1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945};
  for (int power = 0; power <= 10; ++power) {
    double sum = 0.0;
    for (std::size_t i = 0; i < rule.node.size(); ++i) sum += rule.weight[i] * std::pow(rule.node[i], power);
    EXPECT_NEAR(sum, moments[power], 1e-9 * std::max(1.0, moments[power])) << power;
  }
}

TEST(LogSumExp, SurvivesHugeNumbers) {
  const double values[] = {-1e4, -1e4 + std::log(2.0)};
  EXPECT_NEAR(log_sum_exp(values), -1e4 + std::log(3.0), 1e-9);
  EXPECT_EQ(log_sum_exp({}), -std::numeric_limits<double>::infinity());
}

TEST(ChiSquareSurvival, HasTheTabulatedPercentagePoints) {
  // 5 % points of standard tables.
  const std::pair<int, double> points[] = {{1, 3.8415}, {2, 5.9915},  {3, 7.8147},
                                           {4, 9.4877}, {7, 14.0671}, {10, 18.3070}};
  for (const auto& [degrees, point] : points)
    EXPECT_NEAR(chi_square_survival(point, degrees), 0.05, 1e-5) << degrees;
  EXPECT_EQ(chi_square_survival(5.0, 0), 1.0);
  EXPECT_EQ(chi_square_survival(0.0, 3), 1.0);
}

TEST(DensityQuantile, OfATriangleIsTheRootOfItsArea) {
  std::vector<double> axis, density;
  for (int i = 0; i <= 1000; ++i) {
    axis.push_back(i / 1000.0);
    density.push_back(i / 1000.0);
  }
  for (const double p : {0.025, 0.5, 0.9})
    EXPECT_NEAR(density_quantile(axis, density, p), std::sqrt(p), 1e-3);
  EXPECT_THROW(density_quantile({}, {}, 0.5), Error);
}

TEST(WeightedQuantile, CountsWeightsAndNotValues) {
  const double values[] = {1.0, 2.0, 3.0};
  const double weights[] = {1.0, 8.0, 1.0};
  EXPECT_EQ(weighted_quantile(values, weights, 0.5), 2.0);
  EXPECT_EQ(weighted_quantile(values, weights, 0.05), 1.0);
  EXPECT_EQ(weighted_quantile(values, weights, 0.99), 3.0);
}

}  // namespace
}  // namespace sinterscope
