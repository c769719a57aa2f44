// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <string>
#include <vector>

#include "report/made_up_experiment.h"
#include "report/svg_checks.h"
#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> all_figures(const ReportData& data) {
  const EntropyFit* fit = data.fit ? &*data.fit : nullptr;
  std::vector<std::string> figures{programme_svg(data.history, data.holds), inventory_svg(data.holds, fit)};
  for (const SizeHistogram& histogram : data.histograms) figures.push_back(size_histogram_svg(histogram));
  for (const RegionCompleteness& region : data.completeness)
    figures.push_back(completeness_svg(region.curve, data.calibration.pixel_size_nm()));
  if (data.phase_map) figures.push_back(phase_map_svg(*data.phase_map, fit));
  if (data.free_energy) figures.push_back(free_energy_svg(*data.free_energy, fit));
  if (fit != nullptr) figures.push_back(profile_svg(*fit)), figures.push_back(interval_svg(*fit));
  return figures;
}

TEST(Figures, AreWellFormedAndFreeOfNonNumbers) {
  made_up::Scene nothing;
  nothing.particles = 0;
  for (const ReportData& data :
       {made_up::experiment(), made_up::experiment(nothing), made_up::uncalibrated()})
    for (const std::string& svg : all_figures(data)) {
      EXPECT_TRUE(well_formed(svg)) << svg.substr(0, 200);
      EXPECT_THAT(svg, Not(HasSubstr("nan")));
      EXPECT_THAT(svg, Not(HasSubstr("\"inf")));
      EXPECT_THAT(svg, Not(HasSubstr("\"-inf")));
    }
}

TEST(Figures, NameQuantityAndUnitOnTheirAxes) {
  const ReportData data = made_up::experiment();
  const EntropyFit* fit = &*data.fit;
  EXPECT_THAT(size_histogram_svg(data.histograms[1]), HasSubstr("diameter (nm)"));
  EXPECT_THAT(inventory_svg(data.holds, fit), HasSubstr("temperature (°C)"));
  EXPECT_THAT(phase_map_svg(*data.phase_map, fit), HasSubstr("dh (eV)"));
  EXPECT_THAT(free_energy_svg(*data.free_energy, fit), HasSubstr("\xCE\x94G (eV)"));
  EXPECT_THAT(completeness_svg(data.completeness[0].curve, std::nullopt), HasSubstr("diameter (px)"));
}

TEST(Figures, EscapeTheirText) {
  ReportData data = made_up::experiment();
  data.free_energy->curves[0].label = "</svg><script>";
  EXPECT_THAT(free_energy_svg(*data.free_energy, nullptr), Not(HasSubstr("<script>")));
}

TEST(ProgrammeFigure, DrawsDotsThatLieOnEachOtherOnce) {
  ThermalHistory history = make_thermal_history({{"1", 20000, 0, 0.1, 473.15}});
  const std::vector<int> counts(20000, 7);
  const int dots = occurrences(programme_svg(history, {}, counts), "r=\"1.6\"");
  EXPECT_GT(dots, 600);  // two for each of the some 540 px of the panel
  EXPECT_LT(dots, 1300);
}

TEST(InventoryFigure, DrawsAnUpperLimitAsAnArrowAndNotAsAPoint) {
  HoldInventory empty;
  empty.temperature_K = 773.15;
  empty.c_np = 0.0;
  empty.c_np_upper95 = 0.002;
  const std::string svg = inventory_svg(std::vector<HoldInventory>{empty}, nullptr);
  EXPECT_THAT(svg, HasSubstr("v14m-3 -4l3 4l3 -4"));  // the arrow
  EXPECT_THAT(svg, Not(HasSubstr("<circle")));
}

TEST(InventoryFigure, NamesTheDhOfItsCStarOrTheBoundOfIt) {
  ReportData data = made_up::experiment();
  EXPECT_THAT(inventory_svg(data.holds, &*data.fit), HasSubstr(">c*, dh = -0.160 eV<"));
  data.fit->dh_eV = {std::nullopt, {}, {std::nullopt, -0.053}, {}, "above"};
  EXPECT_THAT(inventory_svg(data.holds, &*data.fit), HasSubstr(">c* &lt; that of dh = -0.053 eV<"));
  data.fit->dh_eV = {};
  EXPECT_THAT(inventory_svg(data.holds, &*data.fit), Not(HasSubstr(">c*")));
}

TEST(InventoryFigure, DrawsCStarWhereTheFitHasIt) {
  ReportData data = made_up::experiment();
  HoldInventory hold = data.holds[1];
  data.fit->c_ad = {};
  // A c_np of just c* at the temperature of the hold lies on the line: its dot is one of the points of the
  // path. The line has 80 steps over a range of 2.12 K around the one temperature.
  hold.c_np = made_up::c_star(-0.1602, *hold.temperature_K);
  hold.c_np_se.reset();
  data.fit->dh_eV = {-0.1602, {}, {-0.1602, -0.1602}, {}, "both"};
  const std::string svg = inventory_svg(std::vector{hold}, &*data.fit);
  std::smatch dot;
  ASSERT_TRUE(std::regex_search(svg, dot, std::regex(R"r(<circle cx="([\d.]+)" cy="([\d.]+)" r="3.4")r")));
  EXPECT_THAT(svg, HasSubstr("L" + dot[1].str() + " " + dot[2].str()));
}

TEST(FreeEnergyFigure, LeavesOutNamesThatWouldLieOnEachOther) {
  FreeEnergyCurves curves{-0.16, 6000, {}};
  for (int i = 0; i < 8; ++i)
    curves.curves.push_back({std::to_string(200 + i) + " °C", {0.0, 0.1, 0.2}, {0.0, 1.0, -5.0 + 0.01 * i}});
  const std::string svg = free_energy_svg(curves, nullptr);
  EXPECT_THAT(svg, HasSubstr("200 °C"));
  EXPECT_THAT(svg, Not(HasSubstr("207 °C")));
}

TEST(IntervalFigure, TakesAnInfiniteEndAsOpen) {
  EntropyFit fit;
  fit.redispersion_temperature_K = {std::nullopt, {-INFINITY, 900.0}, {600.0, INFINITY}, {NAN, NAN}, "below"};
  const std::string svg = interval_svg(fit);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf\"")));
}

TEST(IntervalFigure, DrawsAnOpenEndAsAnArrow) {
  EntropyFit closed;
  closed.dh_eV = {-0.16, {-0.18, -0.14}, {-0.2, -0.12}, {}, "both"};
  EntropyFit open = closed;
  open.dh_eV.interval95.low.reset();
  const auto arrows = [](const EntropyFit& fit) {
    const std::string svg = interval_svg(fit);
    std::size_t count = 0;
    for (std::size_t at = svg.find("l6 -5M"); at != std::string::npos; at = svg.find("l6 -5M", at + 1))
      ++count;
    return count;
  };
  EXPECT_EQ(arrows(closed), 0U);
  EXPECT_EQ(arrows(open), 1U);
  EXPECT_THAT(interval_svg(closed), HasSubstr("not bounded by the data"));  // c_ad of this fit
}

TEST(PhaseMapFigure, RefusesAMapWhoseShapeIsWrong) {
  SolvusMap map = *made_up::experiment().phase_map;
  map.dh_eV.pop_back();
  EXPECT_THROW(phase_map_svg(map, nullptr), Error);
}

TEST(SizeHistogramFigure, SaysThatNothingWasSeen) {
  EXPECT_THAT(size_histogram_svg(SizeHistogram{}), HasSubstr("no particle seen"));
}

}  // namespace
}  // namespace sinterscope
