// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/optics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

struct Moments {
  double sum = 0.0, x = 0.0, y = 0.0, var_x = 0.0, var_y = 0.0;
};

Moments moments_of(const cv::Mat1f& image) {
  Moments m;
  for (int row = 0; row < image.rows; ++row)
    for (int column = 0; column < image.cols; ++column) {
      m.sum += image(row, column);
      m.x += image(row, column) * column;
      m.y += image(row, column) * row;
    }
  m.x /= m.sum;
  m.y /= m.sum;
  for (int row = 0; row < image.rows; ++row)
    for (int column = 0; column < image.cols; ++column) {
      m.var_x += image(row, column) * (column - m.x) * (column - m.x) / m.sum;
      m.var_y += image(row, column) * (row - m.y) * (row - m.y) / m.sum;
    }
  return m;
}

OpticsSettings plain_disk() {
  OpticsSettings optics;
  optics.rim_strength = 0.0;
  return optics;
}

/// What a frame of 64 x 64 px sees of one particle.
cv::Mat1f image_of(const PaintedParticle& particle, const OpticsSettings& optics) {
  const Canvas profile = particle_profile(particle, optics);
  const cv::Point2d sigma = probe_sigma_xy_nm(optics);
  const auto kernel_x = blur_kernel(sigma.x, optics.pixel_size_nm),
             kernel_y = blur_kernel(sigma.y, optics.pixel_size_nm);
  Canvas canvas;
  const int rim = 60;
  canvas.left_cell = profile.left_cell - rim;
  canvas.top_cell = profile.top_cell - rim;
  canvas.cells = cv::Mat1f::zeros(profile.cells.rows + 2 * rim, profile.cells.cols + 2 * rim);
  cv::Mat inner = canvas.cells(cv::Rect(rim, rim, profile.cells.cols, profile.cells.rows));
  profile.cells.copyTo(inner);
  canvas.cells = convolve(canvas.cells, kernel_x, kernel_y);
  std::vector<RowPosition> rows;
  for (int row = 0; row < 64; ++row) rows.push_back({0.0, static_cast<double>(cells_per_pixel * row)});
  cv::Mat1f frame = cv::Mat1f::zeros(64, 64);
  add_reading(canvas, rows, frame);
  return frame;
}

// Volume of a cap = shape factor * pi/6 d^3; shape factors of THEORY 2.1 (four digits, hence 1e-4 absolute),
// integrated over 4000 rings: the midpoint rule near the vertical wall of a hemisphere errs by about
// (1/4000)^1.5.
TEST(CapThickness, EnclosesTheVolumeOfItsShapeFactor) {
  const double radius = 1.3;
  const std::pair<double, double> known[] = {{30, 0.1029},   {60, 0.2406},  {90, 0.5},
                                             {120, 0.84375}, {150, 0.9871}, {180, 1.0}};
  for (const auto& [angle, factor] : known) {
    double volume = 0.0;
    for (int ring = 0; ring < 4000; ++ring) {
      const double r = (ring + 0.5) / 4000 * radius;
      volume += cap_thickness(r, radius, angle) * 2.0 * pi * r * radius / 4000;
    }
    EXPECT_NEAR(volume / (pi / 6.0 * std::pow(2.0 * radius, 3)), factor, 1e-4) << angle;
  }
}

// 4x4 samples a cell place the outline to about 1/8 cell at each of the N = pi d / cell border cells, at
// random: relative error of the area about 4 * 0.07 / (sqrt(N) d / cell), below 4e-4 for d = 40 cells; 2e-3
// leaves room.
TEST(ParticleProfile, HasTheStatedAreaForEveryOutline) {
  const OpticsSettings optics = plain_disk();
  const double cell = optics.pixel_size_nm / cells_per_pixel;
  for (const int corners : {0, 5, 6, 8})
    for (const double ratio : {1.0, 1.1, 1.6}) {
      const PaintedParticle particle{3.21, 4.32, 2.05, ratio, 0.4, corners, 1.0};
      const double area = cv::sum(particle_profile(particle, optics).cells)[0] * cell * cell;
      EXPECT_NEAR(std::sqrt(4.0 * area / pi), 2.05, 2.05 * 2e-3)
          << corners << " corners, axis ratio " << ratio;
    }
}

// Blur conserves the sum; a particle's frame sum times the pixel area is its area. The sum over pixels of a
// blurred image is the integral up to aliasing, exp(-2 pi^2 (sigma/p)^2) = 1e-24 here. The cubic reading is
// exact at cells.
TEST(ParticleImage, IsAsLargeAndWhereItIsSaidToBe) {
  const OpticsSettings optics = plain_disk();
  const double pixel = optics.pixel_size_nm;
  for (const double phase : {0.0, 0.21, 0.5, 0.83}) {
    const PaintedParticle particle{(30.0 + phase) * pixel, (31.0 - phase) * pixel, 1.41, 1.0, 0.0, 0, 1.0};
    const Moments m = moments_of(image_of(particle, optics));
    EXPECT_NEAR(std::sqrt(4.0 * m.sum / pi) * pixel, 1.41, 1.41 * 2e-3);
    EXPECT_NEAR(m.x, 30.0 + phase, 2e-3);  // no pixel locking
    EXPECT_NEAR(m.y, 31.0 - phase, 2e-3);
    // Variances add: disk d^2/16, probe sigma^2, pixel p^2/12.
    const double variance_px = (1.41 * 1.41 / 16.0 + 0.25 * 0.25) / (pixel * pixel) + 1.0 / 12.0;
    EXPECT_NEAR(m.var_x / variance_px, 1.0, 5e-3);
    EXPECT_NEAR(m.var_y / variance_px, 1.0, 5e-3);
  }
}

TEST(ParticleImage, OfAHemisphereHoldsItsVolume) {
  OpticsSettings optics;
  optics.detector = "HAADF";
  const PaintedParticle particle{4.5, 4.5, 2.05, 1.0, 0.0, 0, 1.0};
  const double volume = cv::sum(image_of(particle, optics))[0] * optics.pixel_size_nm * optics.pixel_size_nm;
  // Samples within a cell miss part of the steep wall: a few parts in a thousand of the volume.
  EXPECT_NEAR(volume / (0.5 * pi / 6.0 * std::pow(2.05, 3)), 1.0, 4e-3);
}

TEST(ParticleImage, OfAnAstigmaticProbeIsStretchedAtEqualSum) {
  OpticsSettings optics = plain_disk();
  const PaintedParticle particle{4.5, 4.5, 1.41, 1.0, 0.0, 0, 1.0};
  const Moments round = moments_of(image_of(particle, optics));
  optics.probe_ellipticity = 0.5;
  const Moments oblong = moments_of(image_of(particle, optics));
  EXPECT_NEAR(oblong.sum / round.sum, 1.0, 1e-5);
  EXPECT_GT(oblong.var_x, round.var_x);
  EXPECT_LT(oblong.var_y, round.var_y);
}

TEST(ParticleProfile, IsBrighterAtTheRimOfAnSeParticle) {
  const OpticsSettings optics;
  const Canvas profile = particle_profile({0.0, 0.0, 4.0, 1.0, 0.0, 0, 1.0}, optics);
  const int middle = profile.cells.rows / 2;
  float rim = 0.0F;
  for (int column = 0; column < middle; ++column) rim = std::max(rim, profile.cells(middle, column));
  EXPECT_GT(rim, 1.0F + 0.8F * static_cast<float>(optics.rim_strength));
  EXPECT_NEAR(profile.cells(middle, middle), 1.0, 0.01);
}

TEST(BlurKernel, SumsToOneAndHasTheVarianceOfProbeAndPixel) {
  const auto kernel = blur_kernel(0.25, 0.15);
  const int reach = static_cast<int>(kernel.size()) / 2;
  double sum = 0.0, variance = 0.0;
  for (int k = -reach; k <= reach; ++k) {
    sum += kernel[static_cast<std::size_t>(k + reach)];
    variance += kernel[static_cast<std::size_t>(k + reach)] * k * k;
  }
  EXPECT_NEAR(sum, 1.0, 1e-6);
  // Box of 3 cells: 2/3; cut at 4 sigma the Gaussian loses about 1e-3 of its variance.
  EXPECT_NEAR(variance, 25.0 + 2.0 / 3.0, 0.05);
}

}  // namespace
}  // namespace sinterscope
