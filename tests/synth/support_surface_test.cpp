// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/support_surface.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "sinterscope/core/error.h"
#include "synth/scenes.h"

namespace sinterscope {
namespace {

SupportSurface surface_of(const Scene& scene, int threads = 1) {
  return build_support(scene, cv::Rect(-4, -6, scene.optics.width_px + 10, scene.optics.height_px + 9),
                       Rng(5), threads);
}

// 300 nm at a correlation length of 1.6 nm: about (300 / (1.6 * sqrt(4 pi)))^2 = 2800 independent patches, so
// the s.d. is known to 1.4 % and a correlation to 0.02; 4 of these are allowed.
TEST(SupportSurface, CarriesATextureOfTheStatedStrengthAndLength) {
  Scene scene = test::cycle_scene(600);
  scene.optics.pixel_size_nm = 0.5;
  scene.support.kind = "flat";
  scene.support.mottle_amplitude = 0.0;
  scene.support.texture_amplitude = 0.02;
  const cv::Mat1f cells = surface_of(scene).brightness.cells;
  cv::Scalar mean, sd;
  cv::meanStdDev(cells, mean, sd);
  EXPECT_NEAR(mean[0], 1.0, 4.0 * 0.02 / std::sqrt(2800.0));
  EXPECT_NEAR(sd[0] / 0.02, 1.0, 0.06);
  const int lag = static_cast<int>(std::lround(1.6 / (0.5 / cells_per_pixel)));
  const cv::Mat1f one = cells(cv::Rect(0, 0, cells.cols - lag, cells.rows)) - mean[0];
  const cv::Mat1f other = cells(cv::Rect(lag, 0, cells.cols - lag, cells.rows)) - mean[0];
  const double r = lag * 0.5 / cells_per_pixel / 1.6;
  EXPECT_NEAR(cv::mean(one.mul(other))[0] / (sd[0] * sd[0]), std::exp(-0.5 * r * r), 0.08);
}

TEST(SupportSurface, IsTheSameForAnyNumberOfThreads) {
  for (const char* kind : {"cubes", "oxide", "flat"}) {
    Scene scene = test::cycle_scene(128);
    scene.support.kind = kind;
    const SupportSurface one = surface_of(scene, 1), many = surface_of(scene, 4);
    EXPECT_EQ(cv::norm(one.brightness.cells, many.brightness.cells, cv::NORM_INF), 0.0) << kind;
    EXPECT_EQ(cv::norm(one.facets, many.facets, cv::NORM_INF), 0.0) << kind;
  }
}

TEST(SupportSurface, LeavesTheStatedShareUncovered) {
  for (const char* kind : {"cubes", "oxide"})
    for (const double share : {0.05, 0.3}) {
      Scene scene = test::cycle_scene(256);
      scene.optics.pixel_size_nm = 0.4;
      scene.support.kind = kind;
      scene.support.vacuum_share = share;
      const SupportSurface surface = surface_of(scene);
      const cv::Mat1b vacuum = surface.facets < 0;
      // The last grain may cover more than was missing, at most its own share of the frame.
      const double grain = std::pow(scene.support.edge_max_nm / (256 * 0.4), 2);
      const double seen = cv::countNonZero(vacuum(cv::Rect(4, 6, 256, 256))) / (256.0 * 256.0);
      EXPECT_LE(seen, share + 0.02) << kind;
      EXPECT_GE(seen, share - grain - 0.02) << kind;
    }
}

TEST(SupportSurface, IsBrighterAtCubeEdgesThanOnFaces) {
  Scene scene = test::cycle_scene(300);
  scene.support.shadow = 0.0;
  const SupportSurface surface = surface_of(scene);
  const cv::Mat1b usable = surface.usable(10.0);
  double edge = 0.0, face = 0.0;
  int edges = 0, faces = 0;
  for (int row = 1; row + 1 < surface.facets.rows; ++row)
    for (int column = 1; column + 1 < surface.facets.cols; ++column) {
      const int facet = surface.facets(row, column);
      if (facet < 0) continue;
      const float value = surface.brightness.cells(row * cells_per_pixel, column * cells_per_pixel);
      if (usable(row, column)) {
        face += value;
        ++faces;
      } else if (surface.facets(row, column + 1) < 0 || surface.facets(row + 1, column) < 0) {
        edge += value;
        ++edges;
      }
    }
  ASSERT_GT(edges, 20);
  EXPECT_GT(edge / edges - face / faces, 0.5 * scene.support.edge_strength);
}

TEST(SupportSurface, IsBrighterInHaadfWhereGrainsOverlap) {
  Scene scene = test::cycle_scene(300);
  scene.optics.detector = "HAADF";
  scene.support.texture_amplitude = scene.support.mottle_amplitude = scene.support.facet_spread = 0.0;
  scene.support.edge_min_nm = scene.support.edge_max_nm = 30.0;
  const SupportSurface surface = surface_of(scene);
  double low = 0.0, high = 0.0;
  cv::minMaxLoc(surface.brightness.cells, &low, &high);
  EXPECT_NEAR(low, scene.support.vacuum_level, 1e-6);
  // A face of 30 nm gives 1; tilt and the 7 % spread of edges make at most 1.2 of it; cubes overlap or leave
  // holes.
  EXPECT_GT(high, 1.5);
}

TEST(SupportSurface, SaysWhenGrainsCannotCoverTheField) {
  Scene scene = test::cycle_scene(1024);
  scene.optics.pixel_size_nm = 10.0;
  scene.support.vacuum_share = 0.0;
  EXPECT_THROW(surface_of(scene), Error);
}

}  // namespace
}  // namespace sinterscope
