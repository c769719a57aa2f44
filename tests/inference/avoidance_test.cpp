// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/avoidance.h"

#include <gtest/gtest.h>

#include <cmath>

namespace sinterscope {
namespace {

constexpr double pixel_nm = 0.5;
constexpr int side_px = 200;  // 100 nm

/// Four large particles of 5 to 8 nm; small ones with density 1 - exp(-(edge / depletion)^2), in threes
/// within 6 nm where `clustered`.
AvoidanceField field_of(Rng rng, int small, double depletion_nm, bool clustered) {
  AvoidanceField field;
  field.support = cv::Mat1b(side_px, side_px, static_cast<unsigned char>(255));
  const auto anywhere = [&] {
    const double x = rng.uniform(0.0, side_px - 1.0), y = rng.uniform(0.0, side_px - 1.0);
    return cv::Point2d(x, y);
  };
  for (int i = 0; i < 4; ++i) {
    const double diameter_nm = rng.uniform(5.0, 8.0);
    field.large.push_back({anywhere(), diameter_nm / pixel_nm});
  }
  const auto free = [&](cv::Point2d place) {
    double edge_nm = 1e9;
    for (const LargeParticle& large : field.large)
      edge_nm = std::min(edge_nm, (cv::norm(place - large.place_px) - 0.5 * large.diameter_px) * pixel_nm);
    return edge_nm > 0.0 &&
           (depletion_nm == 0.0 || rng.uniform() > std::exp(-std::pow(edge_nm / depletion_nm, 2)));
  };
  cv::Point2d centre = anywhere();
  while (static_cast<int>(field.returned.size()) < small) {
    if (field.returned.size() % 3 == 0) centre = anywhere();
    cv::Point2d place = centre;
    if (clustered) place += cv::Point2d(6.0 / pixel_nm * rng.normal(), 6.0 / pixel_nm * rng.normal());
    if (!clustered) centre = anywhere();
    if (place.x < 0.0 || place.y < 0.0 || place.x > side_px - 1.0 || place.y > side_px - 1.0 ||
        !free(place)) {
      centre = anywhere();
      continue;
    }
    field.returned.push_back(place);
  }
  return field;
}

/// Share of experiments of three fields with p below 5 %.
double rejected(int experiments, double depletion_nm, bool clustered) {
  AvoidanceOptions options;
  options.replicates = 99;
  int small_p = 0;
  for (int experiment = 0; experiment < experiments; ++experiment) {
    const Rng rng(static_cast<std::uint64_t>(experiment) + 1);
    std::vector<AvoidanceField> fields;
    for (std::uint64_t f = 0; f < 3; ++f)
      fields.push_back(field_of(rng.stream("field", f), 20, depletion_nm, clustered));
    small_p += test_avoidance(fields, pixel_nm, options, rng.stream("test"))->p_value <= 0.05 ? 1 : 0;
  }
  return static_cast<double>(small_p) / experiments;
}

TEST(Avoidance, RejectsAtItsLevelWhetherTheReturnedParticlesClusterOrNot) {
  // 120 experiments: five per cent have a standard error of two; 0.05 + 3.3 x 0.02.
  EXPECT_LE(rejected(120, 0.0, false), 0.115);
  EXPECT_LE(rejected(120, 0.0, true), 0.115);
}

TEST(Avoidance, IsSeenWhereADepletedZoneIsAsWideAsTheLargeParticles) {
  // A prototype of the test, with twice the effort, found a power of 0.68 at 10 nm in three fields of 20.
  EXPECT_GE(rejected(60, 10.0, false), 0.45);
  EXPECT_GE(rejected(30, 15.0, false), 0.8);
}

TEST(Avoidance, IsNegativeExcessAndAttractionIsPositive) {
  AvoidanceField field;
  field.support = cv::Mat1b(side_px, side_px, static_cast<unsigned char>(255));
  field.large.push_back({{50.0, 50.0}, 12.0});
  field.returned = {{150.0, 150.0}, {140.0, 155.0}};
  const std::vector<AvoidanceField> far{field};
  EXPECT_NEAR(test_avoidance(far, pixel_nm, {}, Rng(1))->excess, -1.0, 0.05);  // 4.5 ranges away and more
  field.returned = {{66.0, 50.0}, {50.0, 68.0}};
  const std::vector<AvoidanceField> near{field};
  const auto attracted = test_avoidance(near, pixel_nm, {}, Rng(1));
  EXPECT_GT(attracted->excess, 1.0);
  EXPECT_GT(attracted->p_value, 0.9);
}

TEST(Avoidance, LeavesOutWhatStandsInACollar) {
  AvoidanceField field;
  field.support = cv::Mat1b(side_px, side_px, static_cast<unsigned char>(255));
  field.large.push_back({{50.0, 50.0}, 12.0});
  field.returned = {{57.0, 50.0}};  // 0.5 nm off the outline
  EXPECT_FALSE(test_avoidance(std::vector<AvoidanceField>{field}, pixel_nm, {}, Rng(1)).has_value());
}

}  // namespace
}  // namespace sinterscope
