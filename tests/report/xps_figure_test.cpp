// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/xps_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/svg_checks.h"
#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

using testing::HasSubstr;

XpsFit two_spectra() {
  XpsFit fit;
  for (const char* name : {"hot <1>", "cold"}) {
    XpsSpectrumFit spectrum;
    spectrum.name = name;
    spectrum.temperature_K = 773.15;
    for (int i = 0; i < 20; ++i) {
      spectrum.curves.binding_energy_eV.push_back(335.0 + 0.1 * i);
      spectrum.curves.counts.push_back(i % 7);
      spectrum.curves.fit.push_back(3.0);
      spectrum.curves.background.push_back(1.0);
      spectrum.curves.particle.push_back(1.5);
      spectrum.curves.interfacial.push_back(0.5);
    }
    spectrum.fraction.interval95 = {0.2, 0.7};
    fit.spectra.push_back(spectrum);
  }
  fit.spectra[1].fraction.estimate = 0.4;
  return fit;
}

TEST(XpsFigure, ShowsEveryChannelWithItsResidual) {
  const std::string svg = xps_spectrum_svg(two_spectra().spectra[0]);
  EXPECT_TRUE(well_formed(svg));
  EXPECT_EQ(occurrences(svg, "<circle"), 2 * 20);
  for (const char* word : {"hot &lt;1&gt;",
                           "500 \xC2\xB0"
                           "C",
                           "interfacial", "background", "residual"})
    EXPECT_THAT(svg, HasSubstr(word));
  EXPECT_THROW(xps_spectrum_svg({}), Error);
}

// A fraction without estimate is an interval without a point.
TEST(XpsFigure, ShowsAnIntervalForEverySpectrumAndAPointWhereThereIsAnEstimate) {
  const std::string svg = xps_fractions_svg(two_spectra());
  EXPECT_TRUE(well_formed(svg));
  EXPECT_EQ(occurrences(svg, "<circle"), 1);
  EXPECT_THROW(xps_fractions_svg({}), Error);
}

}  // namespace
}  // namespace sinterscope
