// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/theory_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "report/svg_checks.h"
#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

DeltaGCurve hill(const std::string& label, double peak) {
  DeltaGCurve curve;
  curve.label = label;
  curve.c_star = peak;
  for (int i = 1; i <= 50; ++i) {
    const double c = 0.002 * i;
    curve.concentration.push_back(c);
    curve.delta_g_eV.push_back(3.0 - std::pow((c - peak) / 0.02, 2));
  }
  return curve;
}

TEST(DeltaGFigure, NamesEveryCurveAndMarksItsTopWhereItIsShown) {
  const std::string svg = delta_g_svg({hill("773 K", 0.03), hill("300 K <&>", 0.5)});
  EXPECT_TRUE(well_formed(svg));
  EXPECT_THAT(svg, HasSubstr("773 K: c* = 0.03"));
  EXPECT_THAT(svg, HasSubstr("300 K &lt;&amp;&gt;: c* = 0.5"));
  EXPECT_EQ(occurrences(svg, "<circle"), 1) << "the second top lies beyond the axis";
  EXPECT_THROW(delta_g_svg({}), Error);
}

// All curves below zero, all flat: the axis must still have two ends.
TEST(DeltaGFigure, HasAnAxisForEveryKindOfCurve) {
  DeltaGCurve flat{"flat", {0.0, 0.1}, {0.0, 0.0}, {}, 0.05},
      falling{"falling", {0.1, 0.2}, {-1.0, -90.0}, {}, 0.0};
  for (const DeltaGCurve& curve : {flat, falling}) {
    const std::string svg = delta_g_svg({curve});
    EXPECT_TRUE(well_formed(svg));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
}

TEST(SolvusFigure, DrawsItsLinesCasesAndScale) {
  SolvusMap map{{300, 600, 900}, {-0.5, 0.0}, cv::Mat1d(2, 3, 1e-3)};
  map.c_star(0, 0) = 0.0;  // underflow: as light as can be
  const LevelLine line{1e-4, {300, 600, 900}, {-0.1, -0.3, -0.45}};
  const std::string svg = solvus_svg(map, {line}, {{"A", 773, -0.16}, {"B", 773, -0.65}});
  EXPECT_TRUE(well_formed(svg));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_EQ(occurrences(svg, "class=\"contour\""), 1);
  EXPECT_EQ(occurrences(svg, "<circle"), 2);
  EXPECT_EQ(occurrences(svg, "<image"), 2) << "map and scale";
  EXPECT_THAT(svg, HasSubstr("temperature (K)"));
  map.dh_eV.pop_back();
  EXPECT_THROW(solvus_svg(map, {}, {}), Error);
}

}  // namespace
}  // namespace sinterscope
