// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/microscope.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"
#include "synth/scenes.h"

namespace sinterscope {
namespace {

bool same_pixels(const cv::Mat1f& one, const cv::Mat1f& other) {
  return cv::norm(one, other, cv::NORM_INF) == 0.0;
}

TEST(Microscope, RecordsTheSameBytesInAnyOrderAndForAnyNumberOfThreads) {
  Scene scene = test::cycle_scene();
  scene.regions = {"a", "b"};
  const Microscope one(scene, test::pdo_on_ceria(), 1), other(scene, test::pdo_on_ceria(), 4);
  const cv::Mat1f late_first = other.record(9).pixels;
  for (int frame = 0; frame < one.frame_count(); ++frame)
    EXPECT_TRUE(same_pixels(one.record(frame).pixels, other.record(frame).pixels)) << frame;
  EXPECT_TRUE(same_pixels(one.record(9).pixels, late_first));
  EXPECT_FALSE(same_pixels(one.record(0).pixels, one.record(1).pixels));
}

TEST(Microscope, PaintsAnotherSpecimenForAnotherSeedAndRegion) {
  Scene scene = test::cycle_scene();
  scene.regions = {"a", "b"};
  const Microscope first(scene, test::pdo_on_ceria());
  scene.seed = 2;
  const Microscope second(scene, test::pdo_on_ceria());
  EXPECT_FALSE(same_pixels(first.expected_quanta(0), second.expected_quanta(0)));
  EXPECT_FALSE(same_pixels(first.expected_quanta(0), first.expected_quanta(2)));  // frame 2 = region b
}

TEST(Microscope, ListsFramesStepByStepAndRegionByRegion) {
  Scene scene = test::cycle_scene(64);
  scene.regions = {"a", "b"};
  const Microscope microscope(scene, test::pdo_on_ceria());
  ASSERT_EQ(microscope.frame_count(), 16);
  EXPECT_EQ(microscope.history().frames[2].region, 1);
  EXPECT_EQ(microscope.step_of(3), 0);
  EXPECT_EQ(microscope.step_of(4), 1);
  EXPECT_EQ(microscope.history().frames[4].hold, 1);
  EXPECT_EQ(microscope.truth().steps.size(), 8U);
  EXPECT_EQ(microscope.record(5).time_s, microscope.history().frames[5].time_s);
}

// Whole-pixel drift without jitter moves every canvas reading by whole pixels: equal to float rounding. New
// specimen enters at the border, so the comparison covers all pixels that both frames see.
TEST(Microscope, MovesSupportAndParticlesByTheTrueDrift) {
  Scene scene = test::cycle_scene();
  scene.drift.walk_px = 0.0;
  scene.drift.velocity_x_px = 3.0;
  scene.drift.velocity_y_px = -2.0;
  scene.detector.row_jitter_px = 0.0;
  const Microscope microscope(scene, test::pdo_on_ceria());
  const cv::Mat1f first = microscope.expected_quanta(0), second = microscope.expected_quanta(1);
  const cv::Point2d shift = microscope.truth().drift[0][1].shift_px;
  ASSERT_EQ(shift, cv::Point2d(3.0, -2.0));
  const cv::Mat1f seen_first = first(cv::Rect(0, 2, 189, 190)),
                  seen_second = second(cv::Rect(3, 0, 189, 190));
  EXPECT_LT(cv::norm(seen_first, seen_second, cv::NORM_INF), 1e-3);
  // No wrap-around: the entering columns are not those that left on the other side.
  EXPECT_GT(cv::norm(second(cv::Rect(0, 0, 3, 190)), first(cv::Rect(189, 2, 3, 190)), cv::NORM_INF), 1.0);
}

// A particle's signal is the difference to the same scene without it. Its centre of mass is the truth: pixel
// sums are exact up to aliasing; support brightness varies over the particle by shading and texture (a few %
// over 2 nm), which moves the centre by less than gradient * var = 0.03/nm * 0.3 nm^2 = 0.01 nm; 0.25 px
// allowed with neighbours cut off.
TEST(Microscope, PutsParticlesWhereTheTruthSays) {
  for (const char* detector : {"SE", "HAADF"}) {
    Scene scene = test::cycle_scene();
    scene.optics.detector = detector;
    scene.detector.row_jitter_px = 0.0;
    scene.drift.walk_px = 0.7;
    const Microscope microscope(scene, test::pdo_on_ceria());
    Scene bare = scene;
    bare.population.c_tot = 0.0;
    const Microscope without(bare, test::pdo_on_ceria());
    const cv::Mat1f signal = microscope.expected_quanta(1) - without.expected_quanta(1);
    int checked = 0;
    for (const TruthParticle& particle : microscope.particles_in(1)) {
      const int reach = static_cast<int>(std::ceil(0.5 * particle.diameter_nm / 0.15)) + 5;
      const int x = static_cast<int>(std::lround(particle.x_px)),
                y = static_cast<int>(std::lround(particle.y_px));
      if (x < reach || y < reach || x + reach >= 192 || y + reach >= 192) continue;
      double sum = 0.0, sum_x = 0.0, sum_y = 0.0;
      for (int row = y - reach; row <= y + reach; ++row)
        for (int column = x - reach; column <= x + reach; ++column) {
          sum += signal(row, column);
          sum_x += signal(row, column) * column;
          sum_y += signal(row, column) * row;
        }
      EXPECT_NEAR(sum_x / sum, particle.x_px, 0.25) << detector;
      EXPECT_NEAR(sum_y / sum, particle.y_px, 0.25) << detector;
      ++checked;
    }
    EXPECT_GE(checked, 1) << detector;
  }
}

// On a flat support without texture a particle's signal sums to contrast * dose * area. The area is painted
// to 2e-3 in diameter (optics_test), which is all that can differ.
TEST(Microscope, PaintsParticlesOfTheTrueDiameter) {
  Scene scene = test::cycle_scene(256);
  scene.optics.rim_strength = scene.optics.contrast_spread = 0.0;
  scene.support.kind = "flat";
  scene.support.texture_amplitude = scene.support.mottle_amplitude = 0.0;
  scene.population.c_tot = 0.0;
  double area = 0.0;
  for (int i = 0; i < 9; ++i) {
    ScriptedParticle particle;
    particle.id = i;
    particle.x_nm = 7.03 + 11.0 * (i % 3) + 0.017 * i;  // sub-pixel positions differ
    particle.y_nm = 7.0 + 11.0 * (i / 3) - 0.013 * i;
    particle.diameter_nm = 0.8 + 0.7 * i;
    particle.axis_ratio = 1.0 + 0.05 * i;
    particle.angle_deg = 20.0 * i;
    scene.programme[0].particles.push_back(particle);
    area += particle.diameter_nm * particle.diameter_nm * 3.14159265 / 4.0;
  }
  const Microscope microscope(scene, test::pdo_on_ceria());
  ASSERT_EQ(microscope.particles_in(0).size(), 9U);
  const cv::Mat1f signal = microscope.expected_quanta(0) - scene.optics.dose_counts;
  const double seen =
      cv::sum(signal)[0] / (scene.optics.dose_counts * scene.optics.se_contrast) * 0.15 * 0.15;
  EXPECT_NEAR(seen / area, 1.0, 4e-3);
}

// Difference of two frames of a specimen at rest: variance 2 (gain^2 quanta + read noise^2 + 1/12), here
// without row noise. n = 65536 pixels: 1 s.d. of a variance is sqrt(2/n) = 0.55 %.
TEST(Microscope, RecordsFramesThatDifferByTheNoiseOfTheDetector) {
  Scene scene = test::cycle_scene(256);
  scene.support.kind = "flat";
  scene.population.c_tot = 0.0;
  scene.drift.walk_px = 0.0;
  scene.detector.row_jitter_px = scene.detector.row_noise = 0.0;
  const Microscope microscope(scene, test::pdo_on_ceria());
  const cv::Mat1f first = microscope.record(0).pixels, second = microscope.record(1).pixels;
  cv::Scalar mean, sd;
  cv::meanStdDev(first - second, mean, sd);
  const double signal = cv::mean(first)[0] - scene.detector.offset;
  const double expected = 2.0 * (scene.detector.gain * signal + 64.0 + 1.0 / 12.0);
  EXPECT_NEAR(sd[0] * sd[0] / expected, 1.0, 5.0 * 0.0055);
}

TEST(Microscope, ShowsAnEmptyHotHoldAsPlainSupport) {
  Scene scene = test::cycle_scene();
  scene.population.loading_spread = 0.0;
  scene.population.finite_facets = false;
  scene.drift.walk_px = 0.0;
  scene.detector.row_jitter_px = 0.0;
  const Microscope microscope(scene, test::pdo_on_ceria());
  EXPECT_TRUE(microscope.particles_in(2).empty());
  EXPECT_TRUE(same_pixels(microscope.expected_quanta(2), microscope.expected_quanta(6)));
  EXPECT_EQ(microscope.truth().steps[1].particles_in_view, 0);
}

TEST(Microscope, CountsTheSupportThatTheMasksShow) {
  const Microscope microscope(test::cycle_scene(), test::pdo_on_ceria());
  const TruthStep& step = microscope.truth().steps[0];
  const double pixel_area = 0.15 * 0.15;
  EXPECT_NEAR(step.oxide_area_nm2, cv::countNonZero(microscope.oxide_mask(0)) * pixel_area, 1e-9);
  EXPECT_NEAR(step.support_area_nm2, cv::countNonZero(microscope.usable_mask(0)) * pixel_area, 1e-9);
  EXPECT_LT(step.support_area_nm2, step.oxide_area_nm2);
  // Grains are added until the wanted share is covered; the share is judged on a grid of 64 x 64 points.
  EXPECT_GT(step.oxide_area_nm2, 0.83 * 192 * 192 * pixel_area);
}

TEST(Microscope, NamesASampleThatCannotBeCounted) {
  Sample sample = test::pdo_on_ceria();
  sample.site_density_nm2 = 0.0;
  EXPECT_THROW(Microscope(test::cycle_scene(64), sample), Error);
  const Microscope microscope(test::cycle_scene(64), test::pdo_on_ceria());
  EXPECT_THROW(microscope.record(8), Error);
}

}  // namespace
}  // namespace sinterscope
