// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/lattice_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "report/svg_checks.h"
#include "sinterscope/core/error.h"
#include "sinterscope/report/lattice_picture.h"

namespace sinterscope {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

cv::Mat1i one_of_each_level() {
  cv::Mat1i heights = cv::Mat1i::zeros(5, 5);
  for (int h = 1; h <= 4; ++h) heights(h, h) = h;
  return heights;
}

/// The pixel in the middle of a site.
cv::Vec3b middle(const cv::Mat3b& picture, int site_row, int site_column, int pixels) {
  return picture(site_row * pixels + pixels / 2, site_column * pixels + pixels / 2);
}

TEST(LatticePicture, ShowsEveryAtomOnItsSiteInTheColourOfItsLevel) {
  for (const int pixels : {1, 3, 6, 16}) {
    const cv::Mat1i heights = one_of_each_level();
    const cv::Mat3b picture = lattice_picture(heights, pixels);
    ASSERT_EQ(picture.size(), cv::Size(5 * pixels, 5 * pixels));
    const cv::Vec3b bare = middle(picture, 0, 4, pixels);
    std::set<std::vector<int>> colours;
    for (int row = 0; row < 5; ++row)
      for (int column = 0; column < 5; ++column) {
        const cv::Vec3b pixel = middle(picture, row, column, pixels);
        EXPECT_EQ(pixel != bare, heights(row, column) > 0) << row << " " << column << " at " << pixels;
        colours.insert({pixel[0], pixel[1], pixel[2]});
      }
    EXPECT_EQ(colours.size(), 5u) << "the support and four levels";
  }
}

TEST(LatticePicture, TakesWholePixelsPerSite) {
  EXPECT_EQ(pixels_per_site(40, 480), 12);
  EXPECT_EQ(pixels_per_site(1024, 480), 1);
  EXPECT_EQ(pixels_per_site(4, 4096), 32);
}

TEST(LatticePicture, LeavesThePictureAsItIsUnderACaption) {
  const cv::Mat3b picture = lattice_picture(one_of_each_level(), 16);
  const cv::Mat3b before = picture.clone(), with = with_caption(picture, "773 K");
  EXPECT_GT(with.rows, picture.rows);
  EXPECT_EQ(cv::norm(with.rowRange(0, picture.rows), before, cv::NORM_INF), 0.0);
  EXPECT_EQ(cv::norm(picture, before, cv::NORM_INF), 0.0);
  double darkest = 255.0;
  cv::minMaxLoc(with.rowRange(picture.rows, with.rows).clone().reshape(1), &darkest);
  EXPECT_LT(darkest, 100.0) << "words";
}

TEST(LatticeFigures, AreWellFormed) {
  std::vector<LatticePanel> panels(
      5, LatticePanel{"A", "773 K, 4\xC2\xB7\x31\x30^{8} hops", one_of_each_level()});
  LatticeCourse course{{0, 1e6, 4e8}, {0.1, 0.9, 1.0}, {0.9, 0.1, 0.0}, {300, 500, 773}};
  LatticeComparison comparison;
  comparison.logarithmic = true;
  comparison.y_label = "c";
  comparison.points = {{"flat", {{300, 1e-3, 1e-5}, {400, 0.0, 0.1}}}, {"stacked", {{350, 2e-3, 1.0}}}};
  comparison.lines = {{"Eq. (4)", {300, 400}, {1e-3, 1e-2}}};
  LatticePhases phases;
  phases.temperature_K = {300, 400, 500};
  phases.dh_eV = {-0.3, -0.2};
  phases.particle_share = cv::Mat1d(2, 3, 0.5);
  phases.transitions = {{450, -0.25, 5.0}};
  phases.lines = {{"formula", {0, 1000}, {0, -1}}};
  const std::vector<std::string> figures{lattice_snapshots_svg(panels), lattice_course_svg(course),
                                         lattice_comparison_svg(comparison), lattice_phases_svg(phases)};
  for (const std::string& svg : figures) {
    EXPECT_TRUE(well_formed(svg)) << svg.substr(0, 200);
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
  }
  EXPECT_EQ(occurrences(figures[0], "<image"), 5);
  EXPECT_THAT(figures[1], HasSubstr("T (K)"));
  course.temperature_K = {300, 300, 300};
  EXPECT_THAT(lattice_course_svg(course), Not(HasSubstr("T (K)"))) << "nothing to tell";
  EXPECT_THAT(figures[2], HasSubstr("Eq. (4)"));
  EXPECT_THAT(figures[3], HasSubstr("lattice, half"));
}

TEST(LatticeFigures, SayWhatIsMissing) {
  EXPECT_THROW(lattice_snapshots_svg({}), Error);
  EXPECT_THROW(lattice_course_svg({}), Error);
  EXPECT_THROW(lattice_comparison_svg({}), Error);
  EXPECT_THROW(lattice_phases_svg({}), Error);
}

}  // namespace
}  // namespace sinterscope
