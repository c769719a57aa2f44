// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/theory/phase_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

TEST(PhaseMap, HoldsTheCriticalConcentrationAtItsNodes) {
  PhaseMapOptions options;
  options.temperature_min_K = 300.0;
  options.temperature_max_K = 773.0;
  options.temperature_steps = 2;
  options.dh_min_eV = -0.65;
  options.dh_max_eV = -0.16;
  options.dh_steps = 2;
  const PhaseMap map = critical_concentration_map(options);
  EXPECT_NEAR(map.value(0, 1), std::log10(2.13e-5), 0.002);  // the paper's three cases
  EXPECT_NEAR(map.value(1, 1), std::log10(0.0322), 0.002);
  EXPECT_NEAR(map.value(1, 0), std::log10(7.54e-4), 0.002);
}

TEST(PhaseMap, RefusesAxesInTheWrongOrder) {
  PhaseMapOptions options;
  options.dh_min_eV = -0.1;
  options.dh_max_eV = -0.5;
  EXPECT_THROW(critical_concentration_map(options), Error);
  options = {};
  options.dh_steps = 1;
  EXPECT_THROW(critical_concentration_map(options), Error);
}

TEST(PhaseMap, ContoursLieBetweenTheNodesTheyCross) {
  const PhaseMap map = critical_concentration_map();
  const std::vector<Contour> lines = contours(map, {1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 0.5});
  ASSERT_EQ(lines.size(), 8U);
  EXPECT_TRUE(lines.back().dh_eV.empty());  // c* never reaches one half
  for (std::size_t l = 0; l + 1 < lines.size(); ++l) {
    const Contour& line = lines[l];
    ASSERT_FALSE(line.dh_eV.empty()) << line.level;
    for (std::size_t p = 0; p < line.dh_eV.size(); ++p) {
      const auto j = static_cast<std::size_t>(
          std::find(map.temperature_K.begin(), map.temperature_K.end(), line.temperature_K[p]) -
          map.temperature_K.begin());
      std::size_t i = 1;
      while (i + 1 < map.dh_eV.size() && map.dh_eV[i] < line.dh_eV[p]) ++i;
      EXPECT_LE(map.value(i - 1, j), std::log10(line.level) + 1e-12);
      EXPECT_GE(map.value(i, j), std::log10(line.level) - 1e-12);
    }
  }
}

TEST(FreeEnergyCurve, PeaksAtTheCriticalConcentration) {
  const FreeEnergyCurve curve = free_energy_curve(1600, -0.16, 773.0, 0.2, 1000);
  ASSERT_EQ(curve.atoms.size(), 320U);  // every whole N up to 0.2 M: fewer than the points asked for
  const auto top =
      std::max_element(curve.delta_g_eV.begin(), curve.delta_g_eV.end()) - curve.delta_g_eV.begin();
  EXPECT_DOUBLE_EQ(curve.atoms[static_cast<std::size_t>(top)], 51.0);
  EXPECT_DOUBLE_EQ(curve.concentration[static_cast<std::size_t>(top)], 51.0 / 1600.0);
  EXPECT_NEAR(curve.delta_g_eV[static_cast<std::size_t>(top)], 2.80919, 1e-5);
}

TEST(FreeEnergyCurve, NeedsSitesAndARange) {
  EXPECT_THROW(free_energy_curve(0, -0.16, 773.0), Error);
  EXPECT_THROW(free_energy_curve(1600, -0.16, 773.0, 1.5), Error);
}

}  // namespace
}  // namespace sinterscope
