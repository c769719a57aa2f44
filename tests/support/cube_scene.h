// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A small scene for tests: bright, textured, bright-edged cubes on a dark background with a few particles,
// blurred by a Gaussian probe. It is band-limited and periodic on a canvas larger than the frame, so a
// sub-pixel shift by Fourier phases is exact and shares no interpolation with the code under test.

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/core/units.h"

namespace sinterscope::testing {

struct CubeScene {
  int frame_px = 256;
  double support_counts = 60.0;  ///< mean on the cubes
  double vacuum_counts = 6.0;    ///< mean in vacuum
  double texture = 0.10;         ///< relative standard deviation on the cubes
  double rim = 1.5;              ///< brightness of the cube edges over that of the facets
  double probe_px = 1.67;
  bool filled = false;  ///< the support fills the frame
  int particles = 12;
  double particle_radius_px = 6.5;
  double particle_contrast = 0.45;
  std::uint64_t seed = 1;
};

/// The noise-free scene on its canvas, and the mask of the cubes before the blur.
struct PaintedScene {
  cv::Mat1d canvas;
  cv::Mat1b cubes;
  int margin = 0;
  int frame_px = 0;
};

/// Periodic blur by exp(-2 pi^2 sigma^2 f^2) and shift by (dx, dy), in Fourier space.
inline cv::Mat1d blurred_and_shifted(const cv::Mat1d& image, double sigma, cv::Point2d shift) {
  cv::Mat2d spectrum;
  cv::dft(image, spectrum, cv::DFT_COMPLEX_OUTPUT);
  for (int y = 0; y < spectrum.rows; ++y)
    for (int x = 0; x < spectrum.cols; ++x) {
      const double fy = (y <= spectrum.rows / 2 ? y : y - spectrum.rows) / static_cast<double>(spectrum.rows);
      const double fx = (x <= spectrum.cols / 2 ? x : x - spectrum.cols) / static_cast<double>(spectrum.cols);
      const double a = std::exp(-2.0 * pi * pi * sigma * sigma * (fx * fx + fy * fy));
      const double phase = -2.0 * pi * (fx * shift.x + fy * shift.y);
      const cv::Vec2d c = spectrum(y, x), r(a * std::cos(phase), a * std::sin(phase));
      spectrum(y, x) = {c[0] * r[0] - c[1] * r[1], c[0] * r[1] + c[1] * r[0]};
    }
  cv::Mat1d result;
  cv::idft(spectrum, result, cv::DFT_REAL_OUTPUT | cv::DFT_SCALE);
  return result;
}

inline PaintedScene paint(const CubeScene& scene) {
  PaintedScene painted;
  painted.frame_px = scene.frame_px;
  painted.margin = scene.frame_px / 4;
  const int n = scene.frame_px + 2 * painted.margin;
  Rng rng(scene.seed);
  cv::Mat1d texture(n, n);
  for (double& v : texture) v = rng.normal();
  texture = blurred_and_shifted(texture, 3.0, {});
  cv::Scalar mean, sd;
  cv::meanStdDev(texture, mean, sd);
  texture = (texture - mean[0]) * (scene.texture / sd[0]);

  painted.cubes = cv::Mat1b(n, n, scene.filled ? 255 : 0);
  cv::Mat1d level(n, n, scene.filled ? scene.support_counts : 0.0);
  const int cubes = scene.filled ? 0 : 5;
  for (int k = 0; k < cubes; ++k) {
    const double edge = scene.frame_px * rng.uniform(0.35, 0.5);
    const cv::RotatedRect box(
        {static_cast<float>(rng.uniform(0.25, 0.75) * n), static_cast<float>(rng.uniform(0.25, 0.75) * n)},
        {static_cast<float>(edge), static_cast<float>(edge)}, static_cast<float>(rng.uniform(0.0, 90.0)));
    cv::Point2f corner[4];
    box.points(corner);
    const std::vector<cv::Point> polygon(corner, corner + 4);
    const double shade = scene.support_counts * rng.uniform(0.85, 1.15);
    cv::fillConvexPoly(level, polygon, shade);
    cv::fillConvexPoly(painted.cubes, polygon, 255);
    cv::polylines(level, std::vector<std::vector<cv::Point>>{polygon}, true, scene.rim * shade, 2);
    cv::polylines(painted.cubes, std::vector<std::vector<cv::Point>>{polygon}, true, 255, 2);
  }
  for (int k = 0; k < scene.particles; ++k) {
    const cv::Point at(static_cast<int>(rng.uniform(0.2, 0.8) * n),
                       static_cast<int>(rng.uniform(0.2, 0.8) * n));
    if (painted.cubes(at))
      cv::circle(level, at, static_cast<int>(scene.particle_radius_px),
                 scene.support_counts * (1.0 + scene.particle_contrast), -1);
  }
  painted.canvas = level.mul(1.0 + texture);
  painted.canvas.setTo(scene.vacuum_counts, painted.cubes == 0);
  painted.canvas = blurred_and_shifted(painted.canvas, scene.probe_px, {});
  return painted;
}

/// Mean counts of a frame in which the specimen lies displaced by `shift`.
inline cv::Mat1d expected_frame(const PaintedScene& scene, cv::Point2d shift = {}) {
  const cv::Mat1d moved = blurred_and_shifted(scene.canvas, 0.0, shift);
  return moved(cv::Rect(scene.margin, scene.margin, scene.frame_px, scene.frame_px)).clone();
}

/// The frame whose row y is displaced by row_shift[y] along x, exactly (each canvas row is periodic).
inline cv::Mat1d expected_with_jitter(const PaintedScene& scene, const std::vector<double>& row_shift) {
  cv::Mat2d rows;
  cv::dft(scene.canvas, rows, cv::DFT_ROWS | cv::DFT_COMPLEX_OUTPUT);
  const int n = rows.cols;
  for (int y = 0; y < scene.frame_px; ++y)
    for (int x = 0; x < n; ++x) {
      const double f = (x <= n / 2 ? x : x - n) / static_cast<double>(n);
      const double phase = -2.0 * pi * f * row_shift[static_cast<std::size_t>(y)];
      const cv::Vec2d c = rows(y + scene.margin, x), r(std::cos(phase), std::sin(phase));
      rows(y + scene.margin, x) = {c[0] * r[0] - c[1] * r[1], c[0] * r[1] + c[1] * r[0]};
    }
  cv::Mat1d moved;
  cv::idft(rows, moved, cv::DFT_ROWS | cv::DFT_REAL_OUTPUT | cv::DFT_SCALE);
  return moved(cv::Rect(scene.margin, scene.margin, scene.frame_px, scene.frame_px)).clone();
}

inline cv::Mat1b cube_mask(const PaintedScene& scene) {
  return scene.cubes(cv::Rect(scene.margin, scene.margin, scene.frame_px, scene.frame_px)).clone();
}

/// Counts of a detector: gain * Poisson(expected / dose scale 1) + offset + normal read noise.
inline cv::Mat1f detected(const cv::Mat1d& expected_quanta, Rng rng, double gain = 1.0, double offset = 0.0,
                          double read_sd = 0.0) {
  cv::Mat1f counts(expected_quanta.size());
  for (int y = 0; y < counts.rows; ++y)
    for (int x = 0; x < counts.cols; ++x)
      counts(y, x) = static_cast<float>(gain * static_cast<double>(rng.poisson(expected_quanta(y, x))) +
                                        offset + read_sd * rng.normal());
  return counts;
}

}  // namespace sinterscope::testing
