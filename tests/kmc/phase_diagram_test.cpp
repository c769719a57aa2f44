// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/phase_diagram.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sinterscope/core/error.h"

using namespace sinterscope;

namespace {

PhaseOptions around_the_transition() {
  PhaseOptions options;
  options.from_K = 350.0;
  options.to_K = 500.0;
  options.temperatures = 4;
  options.from_dh_eV = -0.16;
  options.enthalpies = 1;
  options.events = 1e7;
  return options;
}

}  // namespace

TEST(PhaseDiagram, FindsTheKnownTransitionOfFiftyAtoms) {
  // 425(5) K flat and 420(5) K stacked, by independent Monte Carlo. Between points 50 K apart the curve is
  // not straight: 8 K for that.
  for (const auto& [flat, expected_K] : {std::pair{true, 425.0}, {false, 420.0}}) {
    KmcOptions lattice;
    lattice.flat = flat;
    NoProgress silent;
    const PhaseDiagram diagram = map_phases(lattice, around_the_transition(), Rng(1), 2, silent);
    ASSERT_EQ(diagram.points.size(), 4u);
    ASSERT_TRUE(diagram.transitions.at(0).temperature_K);
    EXPECT_NEAR(*diagram.transitions[0].temperature_K, expected_K,
                8.0 + 3.0 * std::hypot(5.0, *diagram.transitions[0].standard_error_K));
    for (std::size_t i = 1; i < 4; ++i)
      EXPECT_LT(diagram.points[i].particle_fraction.mean, diagram.points[i - 1].particle_fraction.mean);
  }
}

TEST(PhaseDiagram, DependsOnEnthalpyOverTemperatureOnly) {
  // Without a diffusion barrier only dh / kT counts: twice the enthalpy at twice the temperature is the same
  // lattice.
  PhaseOptions options;
  options.from_K = 400.0;
  options.to_K = 800.0;
  options.temperatures = 2;
  options.from_dh_eV = -0.15;
  options.to_dh_eV = -0.30;
  options.enthalpies = 2;
  options.events = 4e6;
  options.runs = 2;
  NoProgress silent;
  const PhaseDiagram diagram = map_phases(KmcOptions{}, options, Rng(2), 0, silent);
  const PhasePoint &a = diagram.points.at(0), &b = diagram.points.at(3);
  EXPECT_NEAR(a.pair_energy_eV * 2.0, b.pair_energy_eV, 1e-12);
  // Two runs a point give errors of their own with one degree of freedom; the floor is what four such points
  // scatter by.
  EXPECT_NEAR(
      a.particle_fraction.mean, b.particle_fraction.mean,
      0.03 + 4.0 * std::hypot(a.particle_fraction.standard_error, b.particle_fraction.standard_error));
}

TEST(PhaseDiagram, NamesNoTransitionWhereThereIsNone) {
  PhaseOptions options = around_the_transition();
  options.from_K = 700.0;
  options.to_K = 800.0;
  options.temperatures = 2;
  options.events = 1e5;
  NoProgress silent;
  EXPECT_FALSE(map_phases(KmcOptions{}, options, Rng(1), 1, silent).transitions.at(0).temperature_K);
  options.to_K = 600.0;
  EXPECT_THROW(map_phases(KmcOptions{}, options, Rng(1), 1, silent), Error);
}
