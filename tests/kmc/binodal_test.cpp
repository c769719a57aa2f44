// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/binodal.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sinterscope/core/units.h"

using namespace sinterscope;

// Of the flat lattice with 50 atoms a bond is dh / 1.70.
TEST(Binodal, HasTheKnownValues) {
  EXPECT_NEAR(*lattice_gas_binodal(0.65 / 1.70, 773.0), 1.0469e-5, 1e-9);
  EXPECT_NEAR(*lattice_gas_binodal(0.16 / 1.70, 300.0), 7.6968e-4, 1e-8);
}

TEST(Binodal, EndsInTheCriticalPoint) {
  const double critical_K = 0.1 / (boltzmann_eV_per_K * 2.0 * std::log(1.0 + std::sqrt(2.0)));
  EXPECT_FALSE(lattice_gas_binodal(0.1, critical_K * 1.0001));
  // The density difference falls as an eighth root: at 1e-4 below, still 0.4 apart of the 0.5 in the middle.
  const double below = *lattice_gas_binodal(0.1, critical_K * 0.9999);
  EXPECT_GT(below, 0.2);
  EXPECT_LT(below, 0.5);
}

// Far below the critical point the gas is single atoms: c = exp(-2x), each leaves behind four broken half
// bonds.
TEST(Binodal, IsAnIdealGasInTheCold) {
  const double x = 25.0;
  EXPECT_NEAR(*lattice_gas_binodal(x * boltzmann_eV_per_K * 300.0, 300.0) / std::exp(-2.0 * x), 1.0, 1e-9);
}
