// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/line_shape.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "inference/simulated_spectra.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/random.h"
#include "sinterscope/inference/shirley.h"
#include "xps_model.h"

namespace sinterscope {
namespace {

const LineProfile both[] = {LineProfile::pseudo_voigt, LineProfile::voigt};

TEST(LineShape, HasTheIntegralOfItsValues) {
  constexpr double step = 1e-3;
  for (const LineProfile profile : both)
    for (const double lorentz : {0.0, 0.25, 0.5, 1.0}) {
      const LineShape<double> line(profile, 1.3, lorentz);
      double sum = line.integral(-4.0);
      for (double x = -4.0; x < 4.0 - 0.5 * step; x += step) sum += step * line.value(x + 0.5 * step);
      EXPECT_NEAR(sum, line.integral(4.0), 1e-6);  // midpoint rule: step^2/24 of the slopes at the ends
      EXPECT_NEAR(line.integral(0.0), 0.5, 1e-12);
      EXPECT_NEAR(line.integral(1e7), 1.0, 1e-6);
    }
}

TEST(LineShape, IsHalfAsHighHalfItsWidthOff) {
  for (const double lorentz : {0.0, 0.3, 1.0}) {
    const LineShape<double> pseudo(LineProfile::pseudo_voigt, 1.3, lorentz);
    EXPECT_NEAR(pseudo.value(0.65) / pseudo.value(0.0), 0.5, 1e-12);
    // The width of a Voigt profile is an approximation too, good to 0.02 % of it; the shape to 0.2 % of its
    // height.
    const LineShape<double> voigt(LineProfile::voigt, 1.3, lorentz);
    EXPECT_NEAR(voigt.value(0.65) / voigt.value(0.0), 0.5, 3e-3);
  }
}

// Ida, Ando and Toraya give 0.12 % of the height up to moderate Lorentzian shares; the simulated profile is
// summed.
TEST(LineShape, IsAVoigtProfile) {
  for (const double lorentz : {0.1, 0.3, 0.5}) {
    const double gauss_eV = 1.2 * (1.0 - lorentz), lorentz_eV = 1.2 * lorentz;
    const simulated::TrueVoigt truth(gauss_eV, lorentz_eV);
    const double fwhm =
        0.5346 * lorentz_eV + std::sqrt(0.2166 * lorentz_eV * lorentz_eV + gauss_eV * gauss_eV);
    const LineShape<double> line(LineProfile::voigt, fwhm, lorentz);
    for (double x = -5.0; x <= 5.0; x += 0.05) {
      EXPECT_NEAR(line.value(x), truth.value(x), 1.2e-3 * truth.value(0.0)) << lorentz << " " << x;
      EXPECT_NEAR(line.integral(x), truth.integral(x), 2e-3);
    }
  }
}

// The sum of squares is twice the difference of two Poisson log-likelihoods, taken here from lgamma.
TEST(DevianceResidual, IsThePoissonLikelihood) {
  const auto log_poisson = [](double y, double m) { return y * std::log(m) - m - std::lgamma(y + 1.0); };
  for (const double counts : {1.0, 17.0, 4000.0})
    for (const double ratio : {0.3, 0.9, 0.9799, 0.9801, 1.01, 1.0199, 1.0201, 2.5}) {
      const double m = counts * ratio;
      const double wanted = 2.0 * (log_poisson(counts, counts) - log_poisson(counts, m));
      const double residual = deviance_residual(counts, m);
      EXPECT_NEAR(residual * residual, wanted, 1e-9 * counts) << counts << " " << ratio;  // digits of lgamma
      EXPECT_EQ(residual > 0.0, m < counts);
    }
  EXPECT_NEAR(std::pow(deviance_residual(0.0, 3.0), 2), 6.0, 1e-12);
  EXPECT_EQ(deviance_residual(40.0, 40.0), 0.0);
}

// A background that is exactly Shirley's is found again, its ends flat. The trapezoid rule is off by step^2 /
// 12 times the slope of the line, 0.9 per eV^2 where it is steepest: 300 * 0.1^2 / 12 * 0.9 = 0.23 counts.
TEST(ShirleyBackground, IsFoundBehindALine) {
  std::vector<double> energy, counts, truth;
  const LineShape<double> line(LineProfile::pseudo_voigt, 1.2, 0.0);
  for (int i = 0; i <= 160; ++i) {
    energy.push_back(330.0 + 0.1 * i);
    truth.push_back(500.0 + 300.0 * line.integral(energy.back() - 338.0));
    counts.push_back(truth.back() + 4000.0 * line.value(energy.back() - 338.0));
  }
  const std::vector<double> found = shirley_background(energy, counts);
  for (std::size_t i = 0; i < energy.size(); ++i) EXPECT_NEAR(found[i], truth[i], 0.3);
}

TEST(ShirleyBackground, IsTheLevelWhereNothingStandsAboveIt) {
  const std::vector<double> energy = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, flat(12, 7.0);
  for (const double value : shirley_background(energy, flat)) EXPECT_DOUBLE_EQ(value, 7.0);
  EXPECT_THROW(shirley_background(energy, {}), Error);
  EXPECT_THROW(shirley_background(std::vector<double>(12, 1.0), flat), Error);
}

}  // namespace
}  // namespace sinterscope
