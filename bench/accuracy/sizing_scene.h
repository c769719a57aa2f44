// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Scenes for the accuracy of sizes: brute force for the sizer's own profiles, the simulator's optics for the
// richer ones; and the Cramer-Rao bound worked out from the painted images.

#include <Eigen/Dense>
#include <cmath>
#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/particles/size.h"
#include "sinterscope/synth/optics.h"
#include "support/painted_particles.h"

namespace sinterscope::sizing {

constexpr double dose = 60.0;          // counts per pixel
constexpr double probe_nm = 0.25;      // sigma
constexpr double se_contrast = 0.45;   // as the simulator's scenes
constexpr double haadf_per_nm = 0.30;  // signal of 1 nm of particle over that of the support

struct Placed {
  double x_px = 0.0, y_px = 0.0, diameter_px = 0.0;
};

struct TestField {
  double pixel_nm = 0.15;
  cv::Mat1d mean;
  std::vector<Placed> truth;
  double probe_px() const { return probe_nm / pixel_nm; }
};

/// Brightness of the sizer's own profiles: "disk", or "cap" with thickness contrast.
inline painted::Brightness own_brightness(const std::string& kind, double diameter_px, double pixel_nm) {
  if (kind == "cap") return painted::cap(diameter_px, dose * haadf_per_nm * 0.5 * diameter_px * pixel_nm);
  return painted::disk(diameter_px, dose * se_contrast);
}

/// Adds one particle as the simulator paints it, centred at (x, y) px.
inline void add_rich(TestField& scene, PaintedParticle particle, double x_px, double y_px,
                     const OpticsSettings& optics) {
  particle.x_nm = x_px * scene.pixel_nm;
  particle.y_nm = y_px * scene.pixel_nm;
  const Canvas patch = particle_profile(particle, optics);
  const auto kernel = blur_kernel(optics.probe_sigma_nm, optics.pixel_size_nm);
  const int rim = static_cast<int>(kernel.size()) / 2 + 8;
  Canvas wide;
  wide.left_cell = patch.left_cell - rim;
  wide.top_cell = patch.top_cell - rim;
  wide.cells = cv::Mat1f::zeros(patch.cells.rows + 2 * rim, patch.cells.cols + 2 * rim);
  patch.cells.copyTo(wide.cells(cv::Rect(rim, rim, patch.cells.cols, patch.cells.rows)));
  wide.cells = convolve(wide.cells, kernel, kernel);
  const double level = dose * particle.contrast_factor *
                       (optics.detector == "HAADF" ? optics.haadf_contrast_per_nm : optics.se_contrast);
  // Only the pixels near the particle are read.
  const int margin = wide.cells.cols / (2 * cells_per_pixel) + 4;
  const int x0 = static_cast<int>(std::lround(x_px)) - margin,
            y0 = static_cast<int>(std::lround(y_px)) - margin;
  const int size = 2 * margin + 1;
  std::vector<RowPosition> rows;
  for (int j = 0; j < size; ++j)
    rows.push_back(
        {static_cast<double>(x0 * cells_per_pixel), static_cast<double>((y0 + j) * cells_per_pixel)});
  cv::Mat1f seen = cv::Mat1f::zeros(size, size);
  add_reading(wide, rows, seen);
  for (int j = 0; j < size; ++j)
    for (int i = 0; i < size; ++i)
      if (x0 + i >= 0 && x0 + i < scene.mean.cols && y0 + j >= 0 && y0 + j < scene.mean.rows)
        scene.mean(y0 + j, x0 + i) += level * static_cast<double>(seen(j, i));
}

/// n particles on a lattice wide enough to be apart, at random phases of the pixels; `paint` adds one.
inline TestField lattice(int n, double pixel_nm, double largest_nm, Rng& rng,
                         const std::function<void(TestField&, Rng&, double x, double y)>& paint) {
  TestField scene;
  scene.pixel_nm = pixel_nm;
  const int cell = static_cast<int>((1.3 * largest_nm + 11 * probe_nm) / pixel_nm) + 4;
  const int side = static_cast<int>(std::ceil(std::sqrt(n)));
  scene.mean = cv::Mat1d(side * cell, side * cell, dose);
  for (int k = 0; k < n; ++k)
    paint(scene, rng, (k % side + 0.5) * cell + rng.uniform(-1, 1),
          (k / side + 0.5) * cell + rng.uniform(-1, 1));
  return scene;
}

/// Seeds as a detector gives them: half a pixel off, diameters off by a tenth.
inline std::vector<Seed> seeds_of(const TestField& scene, Rng& rng) {
  std::vector<Seed> seeds;
  for (const Placed& one : scene.truth)
    seeds.push_back({one.x_px + 0.5 * rng.normal(), one.y_px + 0.5 * rng.normal(),
                     one.diameter_px * std::exp(0.1 * rng.normal())});
  return seeds;
}

/// Cramer-Rao bound of the diameter in px: x, y, d, amplitude and a background plane free, probe known,
/// Poisson counts of the pixels that a fit is given by default, mean over four phases of the pixels. From
/// differences of painted images, not from the sizer's tables.
inline double cramer_rao_px(const std::string& kind, double diameter_nm, double pixel_nm) {
  const double d = diameter_nm / pixel_nm, sigma = probe_nm / pixel_nm;
  const double reach = d / 2 + SizeOptions{}.window_sigmas * blurred_sigma(sigma) + 1;
  const int n = static_cast<int>(2 * reach + 3) | 1;
  const double reference = kind == "cap" ? dose * haadf_per_nm * 0.5 * diameter_nm : dose * se_contrast;
  Rng rng(1);
  double sum = 0.0;
  for (int phase = 0; phase < 4; ++phase) {
    const double x0 = n / 2 + rng.uniform(-0.5, 0.5), y0 = n / 2 + rng.uniform(-0.5, 0.5);
    const auto image = [&](double x, double y, double diameter) {
      cv::Mat1d mean = cv::Mat1d::zeros(n, n);
      const auto shape =
          kind == "cap" ? painted::cap(diameter, reference) : painted::disk(diameter, reference);
      painted::add(mean, x, y, diameter, sigma, shape, 16);
      return mean;
    };
    const double h = 0.25;  // wide enough to average over the fine grid
    const cv::Mat1d at = image(x0, y0, d);
    const cv::Mat1d by_x = (image(x0 + h, y0, d) - image(x0 - h, y0, d)) / (2 * h);
    const cv::Mat1d by_y = (image(x0, y0 + h, d) - image(x0, y0 - h, d)) / (2 * h);
    const cv::Mat1d by_d = (image(x0, y0, d + h) - image(x0, y0, d - h)) / (2 * h);
    Eigen::Matrix<double, 7, 7> information = Eigen::Matrix<double, 7, 7>::Zero();
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < n; ++i) {
        if (std::hypot(i - x0, j - y0) > reach) continue;
        Eigen::Matrix<double, 7, 1> row;
        row << by_d(j, i), by_x(j, i), by_y(j, i), at(j, i) / reference, 1.0, (i - x0) / n, (j - y0) / n;
        information += row * row.transpose() / (dose + at(j, i));
      }
    sum += std::sqrt(information.inverse()(0, 0));
  }
  return sum / 4;
}

}  // namespace sinterscope::sizing
