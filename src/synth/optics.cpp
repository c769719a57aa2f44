// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/optics.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

/// Distance from the centre in units of the outline's radius in that direction: < 1 inside.
class Outline {
 public:
  explicit Outline(const PaintedParticle& particle)
      : cos_(std::cos(particle.angle_rad)), sin_(std::sin(particle.angle_rad)), corners_(particle.corners) {
    const double radius = particle.diameter_nm / 2.0;
    long_axis_ = radius * std::sqrt(particle.axis_ratio);
    short_axis_ = radius / std::sqrt(particle.axis_ratio);
    if (corners_ > 2) apothem_ = std::sqrt(pi / (corners_ * std::tan(pi / corners_)));
  }

  double reach_nm() const { return long_axis_ * (corners_ > 2 ? apothem_ / std::cos(pi / corners_) : 1.0); }

  double relative_radius(double dx, double dy) const {
    const double u = (cos_ * dx + sin_ * dy) / long_axis_;
    const double v = (-sin_ * dx + cos_ * dy) / short_axis_;
    if (corners_ <= 2) return std::hypot(u, v);
    const double sector = 2.0 * pi / corners_;
    const double angle = std::remainder(std::atan2(v, u), sector);
    return std::hypot(u, v) * std::cos(angle) / apothem_;
  }

 private:
  double cos_, sin_;
  int corners_;
  double long_axis_ = 1.0, short_axis_ = 1.0;
  double apothem_ = 1.0;  ///< of the polygon with the area of the unit circle
};

double profile_value(double relative_radius, double radius_nm, const OpticsSettings& optics) {
  if (relative_radius >= 1.0) return 0.0;
  if (optics.detector == "HAADF")
    return cap_thickness(relative_radius * radius_nm, radius_nm, optics.contact_angle_deg);
  return 1.0 + optics.rim_strength * std::exp(-(1.0 - relative_radius) * radius_nm / optics.rim_width_nm);
}

/// Weights of the four cells around a position that lies `t` in [0, 1) behind the second of them.
std::array<float, 4> cubic_weights(double t) {
  return {static_cast<float>(t * (-0.5 + t * (1.0 - 0.5 * t))),
          static_cast<float>(1.0 + t * t * (-2.5 + 1.5 * t)),
          static_cast<float>(t * (0.5 + t * (2.0 - 1.5 * t))), static_cast<float>(t * t * (-0.5 + 0.5 * t))};
}

}  // namespace

double cap_thickness(double r_nm, double radius_nm, double angle_deg) {
  if (r_nm >= radius_nm) return 0.0;
  const double angle = angle_deg * pi / 180.0;
  if (angle_deg <= 90.0) {
    const double sphere = radius_nm / std::sin(angle);
    return std::max(0.0, std::sqrt(sphere * sphere - r_nm * r_nm) - sphere * std::cos(angle));
  }
  const double half = std::sqrt(radius_nm * radius_nm - r_nm * r_nm);
  return half + std::min(half, -radius_nm * std::cos(angle));
}

Canvas particle_profile(const PaintedParticle& particle, const OpticsSettings& optics, int samples) {
  const double cell_nm = optics.pixel_size_nm / cells_per_pixel;
  const Outline outline(particle);
  const double reach = outline.reach_nm();
  Canvas patch;
  patch.left_cell = static_cast<int>(std::floor((particle.x_nm - reach) / cell_nm)) - 1;
  patch.top_cell = static_cast<int>(std::floor((particle.y_nm - reach) / cell_nm)) - 1;
  const int size = static_cast<int>(std::ceil(2.0 * reach / cell_nm)) + 4;
  patch.cells = cv::Mat1f::zeros(size, size);
  for (int row = 0; row < size; ++row) {
    for (int column = 0; column < size; ++column) {
      const double dx = (patch.left_cell + column) * cell_nm - particle.x_nm;
      const double dy = (patch.top_cell + row) * cell_nm - particle.y_nm;
      if (std::hypot(dx, dy) > reach + cell_nm) continue;
      double sum = 0.0;
      for (int j = 0; j < samples; ++j)
        for (int i = 0; i < samples; ++i)
          sum += profile_value(outline.relative_radius(dx + ((i + 0.5) / samples - 0.5) * cell_nm,
                                                       dy + ((j + 0.5) / samples - 0.5) * cell_nm),
                               particle.diameter_nm / 2.0, optics);
      patch.cells(row, column) = static_cast<float>(sum / (samples * samples));
    }
  }
  return patch;
}

cv::Point2d probe_sigma_xy_nm(const OpticsSettings& optics) {
  const double stretch = std::sqrt(1.0 + optics.probe_ellipticity);
  return {optics.probe_sigma_nm * stretch, optics.probe_sigma_nm / stretch};
}

std::vector<float> blur_kernel(double sigma_nm, double pixel_size_nm) {
  const double sigma = sigma_nm / pixel_size_nm * cells_per_pixel;
  const int reach = static_cast<int>(std::ceil(4.0 * sigma)) + cells_per_pixel / 2;
  std::vector<double> weights(static_cast<std::size_t>(2 * reach + 1));
  double sum = 0.0;
  for (int k = -reach; k <= reach; ++k) {
    double& weight = weights[static_cast<std::size_t>(k + reach)];
    for (int box = -(cells_per_pixel / 2); box <= cells_per_pixel / 2; ++box)  // the pixel
      weight += std::exp(-0.5 * (k + box) * (k + box) / (sigma * sigma));
    sum += weight;
  }
  std::vector<float> kernel(weights.size());
  std::transform(weights.begin(), weights.end(), kernel.begin(),
                 [sum](double weight) { return static_cast<float>(weight / sum); });
  return kernel;
}

cv::Mat1f convolve(const cv::Mat1f& image, const std::vector<float>& kernel_x,
                   const std::vector<float>& kernel_y) {
  const int reach_x = static_cast<int>(kernel_x.size()) / 2, reach_y = static_cast<int>(kernel_y.size()) / 2;
  const int width = image.cols, height = image.rows, taps = static_cast<int>(kernel_y.size());
  std::vector<float> padded(static_cast<std::size_t>(width + 2 * reach_x));
  const auto along_x = [&](int row, float* out) {
    const float* in = image[std::clamp(row, 0, height - 1)];
    for (int i = 0; i < width + 2 * reach_x; ++i)
      padded[static_cast<std::size_t>(i)] = in[std::clamp(i - reach_x, 0, width - 1)];
    std::fill(out, out + width, 0.0F);
    for (std::size_t k = 0; k < kernel_x.size(); ++k) {
      const float weight = kernel_x[k];
      const float* from = padded.data() + k;
      for (int i = 0; i < width; ++i) out[i] += weight * from[i];
    }
  };
  // Only the rows under the kernel are kept, in a ring: row r lies in slot (r + reach_y) % taps.
  cv::Mat1f ring(taps, width), result = cv::Mat1f::zeros(height, width);
  for (int row = -reach_y; row < reach_y; ++row) along_x(row, ring[row + reach_y]);
  for (int row = 0; row < height; ++row) {
    along_x(row + reach_y, ring[(row + 2 * reach_y) % taps]);
    float* out = result[row];
    for (int k = 0; k < taps; ++k) {
      const float weight = kernel_y[static_cast<std::size_t>(k)];
      const float* from = ring[(row + k) % taps];
      for (int i = 0; i < width; ++i) out[i] += weight * from[i];
    }
  }
  return result;
}

void add_reading(const Canvas& canvas, const std::vector<RowPosition>& rows, cv::Mat1f& frame) {
  std::vector<float> line(static_cast<std::size_t>(canvas.cells.cols));
  for (int row = 0; row < frame.rows; ++row) {
    const RowPosition& position = rows[static_cast<std::size_t>(row)];
    const double x = position.x_cell - canvas.left_cell, y = position.y_cell - canvas.top_cell;
    const int x0 = static_cast<int>(std::floor(x)), y0 = static_cast<int>(std::floor(y));
    if (y0 < 1 || y0 + 2 >= canvas.cells.rows) continue;
    const auto weight_y = cubic_weights(y - y0);
    const auto weight_x = cubic_weights(x - x0);
    // First and last pixel of this row whose four cells lie on the canvas.
    const int first = x0 >= 1 ? 0 : (1 - x0 + cells_per_pixel - 1) / cells_per_pixel;
    const int room = canvas.cells.cols - 3 - x0;
    const int last = room < 0 ? -1 : std::min(frame.cols - 1, room / cells_per_pixel);
    if (first > last) continue;
    const int begin = x0 + cells_per_pixel * first - 1, end = x0 + cells_per_pixel * last + 3;
    const float *a = canvas.cells[y0 - 1], *b = canvas.cells[y0], *c = canvas.cells[y0 + 1],
                *d = canvas.cells[y0 + 2];
    for (int i = begin; i < end; ++i)
      line[static_cast<std::size_t>(i)] =
          weight_y[0] * a[i] + weight_y[1] * b[i] + weight_y[2] * c[i] + weight_y[3] * d[i];
    float* out = frame[row];
    const float* at = line.data() + begin;
    for (int column = first; column <= last; ++column, at += cells_per_pixel)
      out[column] += weight_x[0] * at[0] + weight_x[1] * at[1] + weight_x[2] * at[2] + weight_x[3] * at[3];
  }
}

}  // namespace sinterscope
