// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Scenes painted by brute force: brightness sampled on a fine grid, blurred there with a sampled Gaussian,
// averaged over pixels, counted. Knows nothing of the tables by which the sizer works.

#include <cmath>
#include <functional>
#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/core/random.h"

namespace sinterscope::painted {

/// Brightness above the background at an offset (px) from the particle's centre, before any blur.
using Brightness = std::function<double(double dx, double dy)>;

/// t = distance over radius of an ellipse of the area of a circle of this diameter.
inline double elliptic_t(double dx, double dy, double diameter, double axis_ratio, double angle) {
  const double c = std::cos(angle), s = std::sin(angle), q = std::sqrt(axis_ratio);
  return std::hypot((c * dx + s * dy) / q, (c * dy - s * dx) * q) / (0.5 * diameter);
}

inline Brightness disk(double diameter, double amplitude, double axis_ratio = 1.0, double angle = 0.0) {
  return [=](double dx, double dy) {
    return elliptic_t(dx, dy, diameter, axis_ratio, angle) < 1 ? amplitude : 0.0;
  };
}

inline Brightness cap(double diameter, double amplitude, double axis_ratio = 1.0, double angle = 0.0) {
  return [=](double dx, double dy) {
    const double t = elliptic_t(dx, dy, diameter, axis_ratio, angle);
    return t < 1 ? amplitude * std::sqrt(1 - t * t) : 0.0;
  };
}

/// Brighter by `rim` within `width` px of its edge, as secondary electrons show it (another rim than the
/// sizer's).
inline Brightness sharp_rim(double diameter, double amplitude, double rim, double width) {
  return [=](double dx, double dy) {
    const double depth = 0.5 * diameter - std::hypot(dx, dy);
    return depth < 0 ? 0.0 : amplitude * (1 + rim * std::exp(-depth / width));
  };
}

/// A regular polygon of the area of a circle of this diameter.
inline Brightness polygon(double diameter, double amplitude, int sides, double angle) {
  const double pi = std::acos(-1.0);
  const double inner = 0.5 * diameter * std::sqrt(pi / (sides * std::tan(pi / sides)));  // inscribed radius
  return [=](double dx, double dy) {
    const double sector = 2 * pi / sides;
    const double theta = std::remainder(std::atan2(dy, dx) - angle, sector);
    return std::hypot(dx, dy) * std::cos(theta) < inner ? amplitude : 0.0;
  };
}

/// Adds one particle at (x, y) to the mean image. `reach` px around it are painted before the blur's own
/// reach.
inline void add(cv::Mat1d& mean, double x, double y, double reach, double sigma, const Brightness& brightness,
                int oversample = 8) {
  const int margin = static_cast<int>(std::ceil(reach + 5 * sigma)) + 1;
  const int x0 = static_cast<int>(std::lround(x)) - margin, y0 = static_cast<int>(std::lround(y)) - margin;
  const int n = (2 * margin + 1) * oversample;
  const double h = 1.0 / oversample;
  cv::Mat1d fine(n, n);
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < n; ++i)
      fine(j, i) = brightness(x0 - 0.5 + (i + 0.5) * h - x, y0 - 0.5 + (j + 0.5) * h - y);
  // The blur and the average over a pixel are one separable sum: weights of fine samples for each pixel.
  const int taps = static_cast<int>(std::ceil(5 * sigma * oversample));
  std::vector<double> kernel(static_cast<std::size_t>(2 * taps + oversample), 0.0);
  for (int own = 0; own < oversample; ++own)  // every sample of the pixel gathers a Gaussian
    for (int k = -taps; k <= taps; ++k)
      if (own + k + taps < static_cast<int>(kernel.size()))
        kernel[static_cast<std::size_t>(own + k + taps)] +=
            sigma > 0 ? std::exp(-0.5 * std::pow(k * h / sigma, 2)) : 1.0;
  double total = 0.0;
  for (const double weight : kernel) total += weight;
  for (double& weight : kernel) weight /= total;
  const int pixels = 2 * margin + 1;
  cv::Mat1d rows = cv::Mat1d::zeros(n, pixels);
  const auto gather = [&](int pixel, const std::function<double(int)>& sample) {
    double sum = 0.0;
    for (std::size_t k = 0; k < kernel.size(); ++k) {
      const int at = pixel * oversample - taps + static_cast<int>(k);
      if (at >= 0 && at < n) sum += kernel[k] * sample(at);
    }
    return sum;
  };
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < pixels; ++i) rows(j, i) = gather(i, [&](int at) { return fine(j, at); });
  for (int j = 0; j < pixels; ++j)
    for (int i = 0; i < pixels; ++i)
      if (x0 + i >= 0 && x0 + i < mean.cols && y0 + j >= 0 && y0 + j < mean.rows)
        mean(y0 + j, x0 + i) += gather(j, [&](int at) { return rows(at, i); });
}

/// Counts electrons: Poisson with this mean, times the gain.
inline cv::Mat1f count(const cv::Mat1d& mean, Rng& rng, double gain = 1.0) {
  cv::Mat1f counts(mean.size());
  for (int j = 0; j < mean.rows; ++j)
    for (int i = 0; i < mean.cols; ++i)
      counts(j, i) = static_cast<float>(gain * static_cast<double>(rng.poisson(mean(j, i) / gain)));
  return counts;
}

}  // namespace sinterscope::painted
