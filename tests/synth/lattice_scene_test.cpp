// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/lattice_scene.h"

#include <gtest/gtest.h>

#include "sinterscope/synth/microscope.h"
#include "synth/scenes.h"

namespace sinterscope {
namespace {

/// A 12 x 12 map with a block of 3 x 3 columns of 2 atoms at (4..6, 7..9), a pair, and a lone ad-atom.
LatticePatch known_patch() {
  LatticePatch patch;
  patch.heights = cv::Mat1i::zeros(12, 12);
  patch.heights(cv::Rect(4, 7, 3, 3)) = 2;
  patch.heights(1, 1) = patch.heights(1, 2) = 1;
  patch.heights(3, 10) = 1;
  patch.x_nm = 5.0;
  patch.y_nm = 6.0;
  return patch;
}

TEST(LatticeClusters, AreTheConnectedColumnsWithTheirAtoms) {
  const LatticePatch patch = known_patch();
  const auto clusters = lattice_clusters(patch, 1);
  ASSERT_EQ(clusters.size(), 3U);
  EXPECT_EQ(clusters[0].atoms, 18);
  EXPECT_EQ(clusters[0].columns, 9);
  EXPECT_NEAR(clusters[0].x_nm, 5.0 + 5 * patch.site_nm, 1e-12);
  EXPECT_NEAR(clusters[0].y_nm, 6.0 + 8 * patch.site_nm, 1e-12);
  EXPECT_NEAR(clusters[0].diameter_nm * clusters[0].diameter_nm * 3.14159265 / 4.0,
              9 * patch.site_nm * patch.site_nm, 1e-8);
  EXPECT_EQ(clusters[1].atoms, 2);
  EXPECT_EQ(clusters[2].atoms, 1);
  EXPECT_EQ(lattice_clusters(patch, 3).size(), 1U);
}

TEST(LatticeClusters, DoNotTouchOverCorners) {
  LatticePatch patch = known_patch();
  patch.heights = cv::Mat1i::zeros(4, 4);
  patch.heights(0, 0) = patch.heights(1, 1) = 1;
  EXPECT_EQ(lattice_clusters(patch, 1).size(), 2U);
}

TEST(Unwrapped, JoinsAClusterThatTheBorderCuts) {
  LatticePatch patch = known_patch();
  patch.heights = cv::Mat1i::zeros(10, 10);
  for (const int row : {9, 0, 1})
    for (const int column : {8, 9, 0}) patch.heights(row, column) = 1;
  ASSERT_EQ(lattice_clusters(patch, 1).size(), 4U);  // one in each corner
  patch.heights = unwrapped(patch.heights);
  const auto clusters = lattice_clusters(patch, 1);
  ASSERT_EQ(clusters.size(), 1U);
  EXPECT_EQ(clusters[0].atoms, 9);
}

TEST(Rolled, MovesTheMapOverItsPeriod) {
  const cv::Mat1i heights = known_patch().heights;
  const cv::Mat1i moved = rolled(heights, 2, -5);
  EXPECT_EQ(moved(1, 3), heights(3, 10));
  EXPECT_EQ(moved(5, 9), heights(7, 4));
  EXPECT_EQ(cv::sum(moved), cv::sum(heights));
  EXPECT_EQ(cv::norm(rolled(moved, -2, 5), heights, cv::NORM_INF), 0.0);
}

// Sites share their thickness over cells exactly; only float rounding remains.
TEST(LatticeProfile, HoldsTheVolumeOfItsAtoms) {
  OpticsSettings optics;
  optics.detector = "HAADF";
  const Sample sample = test::pdo_on_ceria();
  const double cell = optics.pixel_size_nm / cells_per_pixel;
  const double volume = cv::sum(lattice_profile(known_patch(), sample, optics).cells)[0] * cell * cell;
  EXPECT_NEAR(volume / (21 * sample.volume_per_metal_atom_nm3), 1.0, 1e-5);
}

TEST(LatticeProfile, IsSeenByTheMicroscopeWhereItLies) {
  Scene scene = test::cycle_scene(96);
  scene.optics.detector = "HAADF";
  scene.support.kind = "flat";
  scene.detector.row_jitter_px = 0.0;
  scene.programme.resize(1);
  scene.programme[0].c_star = 1.0;
  Scene with = scene;
  with.programme[0].lattices.push_back(known_patch());
  const cv::Mat1f signal = Microscope(with, test::pdo_on_ceria()).expected_quanta(0) -
                           Microscope(scene, test::pdo_on_ceria()).expected_quanta(0);
  cv::Point brightest;
  cv::minMaxLoc(signal, nullptr, nullptr, nullptr, &brightest);
  const LatticeCluster largest = lattice_clusters(known_patch(), 3).front();
  EXPECT_NEAR(brightest.x * 0.15, largest.x_nm, 0.2);  // half a site
  EXPECT_NEAR(brightest.y * 0.15, largest.y_nm, 0.2);
}

}  // namespace
}  // namespace sinterscope
