// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/raster.h"

#include <gtest/gtest.h>

#include <string>

#include "report/made_up_experiment.h"
#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

/// A big-endian number in the header of a PNG.
int png_number(const std::string& png, std::size_t at) {
  int value = 0;
  for (std::size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(png[i]);
  return value;
}

TEST(PngOfSvg, HasTheSizeThatItsDotsPerInchAskFor) {
  const std::optional<std::string> png =
      png_of_svg(size_histogram_svg(made_up::experiment().histograms[1]), 192);
  if (!png) GTEST_SKIP() << "rsvg-convert is not installed";
  EXPECT_EQ(png_number(*png, 16), 680);  // 340 px at 96 per inch, drawn at 192
  EXPECT_EQ(png_number(*png, 20), 480);
}

TEST(PngOfSvg, SaysThatAFigureCouldNotBeDrawn) {
  if (!png_of_svg("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>"))
    GTEST_SKIP() << "rsvg-convert is not installed";
  EXPECT_THROW(png_of_svg("no figure"), Error);
}

TEST(ReportFigures, AreAllDrawnByAnotherProgramToo) {
  for (const NamedFigure& figure : report_figures(made_up::experiment())) {
    const std::optional<std::string> png = png_of_svg(figure.svg, 96);
    if (!png) GTEST_SKIP() << "rsvg-convert is not installed";
    EXPECT_GT(png->size(), 1000U) << figure.name;
  }
}

}  // namespace
}  // namespace sinterscope
