// SPDX-License-Identifier: GPL-3.0-or-later
#include "group_model.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "column_products.h"

namespace sinterscope {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index block_size =
    ColumnProducts::rows;  ///< pixels at a time: their columns stay in the first-level cache
using Columns = Eigen::Matrix<double, block_size, Eigen::Dynamic>;

/// An area-preserving stretch, exp(-[[e1, e2], [e2, -e1]]): turns an ellipse into the circle of the same
/// area. With its derivatives by e1 and e2.
struct Stretch {
  struct Matrix {
    double xx = 1, xy = 0, yy = 1;
    /// (u, v) times this times (x, y).
    double along(double u, double v, double x, double y) const {
      return u * (xx * x + xy * y) + v * (xy * x + yy * y);
    }
  };
  Matrix m, by_e1, by_e2;

  Stretch(double e1, double e2) : m(at(e1, e2)) {
    const double h = 1e-5;
    by_e1 = slope(at(e1 + h, e2), at(e1 - h, e2), 2 * h);
    by_e2 = slope(at(e1, e2 + h), at(e1, e2 - h), 2 * h);
  }
  void apply(double& x, double& y) const {
    const double across = m.xy * x + m.yy * y;
    x = m.xx * x + m.xy * y;
    y = across;
  }

 private:
  static Matrix at(double e1, double e2) {
    const double e = std::hypot(e1, e2);
    const double s = e > 1e-9 ? std::sinh(e) / e : 1.0, c = std::cosh(e);
    return {c - s * e1, -s * e2, c + s * e1};
  }
  static Matrix slope(const Matrix& up, const Matrix& down, double h) {
    return {(up.xx - down.xx) / h, (up.xy - down.xy) / h, (up.yy - down.yy) / h};
  }
};

/// Some pixels of one frame.
struct Block {
  std::size_t first = 0, count = 0;
  int frame = 0;
};

template <typename Visit>
void for_each_block(const GroupProblem& problem, const Visit& visit) {
  std::size_t first = 0;
  for (int frame = 0; frame < problem.pixels.frames(); ++frame)
    for (const std::size_t end = problem.pixels.frame_end[static_cast<std::size_t>(frame)]; first < end;) {
      const std::size_t count = std::min(end - first, static_cast<std::size_t>(block_size));
      visit(Block{first, count, frame});
      first += count;
    }
}

/// One particle at given parameters, ready to be looked up.
class Painted {
 public:
  Painted(const GroupProblem& problem, const double* parameters, RadialProfile::Wanted wanted)
      : profile_(problem.profile),
        p_(parameters),
        elliptic_(problem.elliptic),
        stretch_(elliptic_ ? p_[4] : 0.0, elliptic_ ? p_[5] : 0.0),
        radius_(0.5 * std::exp(p_[2])),
        sigma_(problem.blurred_sigma_px) {
    profile_.reset(radius_, sigma_, wanted);
    reach2_ = profile_.reach() * profile_.reach();
  }

  /// Adds the particle, `times` as bright, to the values of `count` pixels.
  void add_values(const double* x, const double* y, std::size_t count, double* values,
                  double times = 1.0) const {
    if (elliptic_)
      add_values<true>(x, y, count, values, times * p_[3]);
    else
      add_values<false>(x, y, count, values, times * p_[3]);
  }

  /// The same, and its weighted derivatives: `shapes` points at its first column; in a full pass `stretches`
  /// at its two, and the derivative by ln sigma is added to `by_sigma`.
  void add_columns(const double* x, const double* y, const double* weight, std::size_t count, double* values,
                   double* shapes, double* by_sigma, double* stretches) const {
    if (elliptic_)
      add_columns<true, true>(x, y, weight, count, values, shapes, by_sigma, stretches);
    else if (stretches != nullptr)
      add_columns<false, true>(x, y, weight, count, values, shapes, by_sigma, stretches);
    else
      add_columns<false, false>(x, y, weight, count, values, shapes, by_sigma, stretches);
  }

 private:
  template <bool elliptic>
  void add_values(const double* x, const double* y, std::size_t count, double* values,
                  double amplitude) const {
    for (std::size_t i = 0; i < count; ++i) {
      double u = x[i] - p_[0], v = y[i] - p_[1];
      if constexpr (elliptic) stretch_.apply(u, v);
      const double r2 = u * u + v * v;
      if (r2 < reach2_) values[i] += amplitude * profile_.value_at(std::sqrt(r2));
    }
  }

  template <bool elliptic, bool full>
  void add_columns(const double* x, const double* y, const double* weight, std::size_t count, double* values,
                   double* shapes, double* by_sigma, double* stretches) const {
    const double x0 = p_[0], y0 = p_[1], amplitude = p_[3], radius = radius_, reach2 = reach2_;
    for (std::size_t i = 0; i < count; ++i) {
      const double dx = x[i] - x0, dy = y[i] - y0;
      double u = dx, v = dy;
      if constexpr (elliptic) stretch_.apply(u, v);
      const double r2 = u * u + v * v;
      double* own = shapes + i;
      if (r2 >= reach2) {
        for (int k = 0; k < (elliptic ? 6 : 4); ++k) own[k * block_size] = 0.0;
        if constexpr (full && !elliptic) stretches[i] = stretches[i + block_size] = 0.0;
        continue;
      }
      const double r = std::sqrt(r2);
      const RadialProfile::Value at = profile_.at(r);
      values[i] += amplitude * at.value;
      const double height = amplitude * weight[i], slope = height * at.by_r / std::max(r, 1e-9);
      own[2 * block_size] = height * at.by_radius * radius;
      own[3 * block_size] = weight[i] * at.value;
      if constexpr (full)
        if (by_sigma != nullptr) by_sigma[i] += height * at.by_sigma * sigma_;
      if constexpr (elliptic) {
        const Stretch& s = stretch_;
        own[0] = -slope * (s.m.xx * u + s.m.xy * v);
        own[block_size] = -slope * (s.m.xy * u + s.m.yy * v);
        own[4 * block_size] = slope * s.by_e1.along(u, v, dx, dy);
        own[5 * block_size] = slope * s.by_e2.along(u, v, dx, dy);
      } else {
        own[0] = -slope * dx;
        own[block_size] = -slope * dy;
        if constexpr (full) {
          stretches[i] = slope * (dy * dy - dx * dx);
          stretches[i + block_size] = -2 * slope * dx * dy;
        }
      }
    }
  }

  RadialProfile profile_;
  const double* p_;
  bool elliptic_;
  Stretch stretch_;
  double radius_, sigma_, reach2_ = 0.0;
};

std::vector<Painted> paint_all(const GroupProblem& problem, const double* parameters,
                               RadialProfile::Wanted wanted) {
  std::vector<Painted> all;
  all.reserve(static_cast<std::size_t>(problem.particles));
  for (int k = 0; k < problem.particles; ++k)
    all.emplace_back(problem, parameters + static_cast<std::ptrdiff_t>(k) * problem.shape_parameters(),
                     wanted);
  return all;
}

void add_ground(const GroupProblem& problem, const double* parameters, const Block& block, double* values) {
  const FitPixels& pixels = problem.pixels;
  const double* plane = parameters + problem.shapes() + 3 * static_cast<std::ptrdiff_t>(block.frame);
  for (std::size_t i = 0; i < block.count; ++i) {
    const std::size_t at = block.first + i;
    values[i] = plane[0] + plane[1] * (pixels.x[at] - problem.centre_x) +
                plane[2] * (pixels.y[at] - problem.centre_y) + (pixels.base.empty() ? 0.0 : pixels.base[at]);
  }
}

/// Columns of one block: shapes, plane, then in a full pass ln sigma and stretches, last the residual; all
/// weighted.
void fill(const GroupProblem& problem, const double* parameters, const std::vector<Painted>& particles,
          const VectorXd& weights, const Block& block, PassKind kind, Columns& columns) {
  const FitPixels& pixels = problem.pixels;
  const Index shapes = problem.shapes();
  const bool full = kind == PassKind::full;
  const double *x = pixels.x.data() + block.first, *y = pixels.y.data() + block.first;
  const double* weight = weights.data() + block.first;
  std::array<double, block_size> values;
  add_ground(problem, parameters, block, values.data());
  double* by_sigma = full ? &columns(0, shapes + 3) : nullptr;
  if (full) columns.col(shapes + 3).setZero();
  for (std::size_t k = 0; k < particles.size(); ++k) {
    const auto at = static_cast<Index>(k);
    double* stretches = full && !problem.elliptic ? &columns(0, shapes + 4 + 2 * at) : nullptr;
    particles[k].add_columns(x, y, weight, block.count, values.data(),
                             &columns(0, at * problem.shape_parameters()), by_sigma, stretches);
  }
  double *plane = &columns(0, shapes), *residual = &columns(0, columns.cols() - 1);
  for (std::size_t i = 0; i < block.count; ++i) {
    plane[i] = weight[i];
    plane[i + block_size] = weight[i] * (x[i] - problem.centre_x);
    plane[i + 2 * block_size] = weight[i] * (y[i] - problem.centre_y);
    residual[i] = weight[i] * (pixels.value[block.first + i] - values[i]);
  }
  columns.bottomRows(block_size - static_cast<Index>(block.count)).setZero();
}

/// Where each column of a block of some frame stands among all columns.
std::vector<Index> places(const GroupProblem& problem, int frame, Index extra) {
  const Index shapes = problem.shapes();
  std::vector<Index> at;
  for (Index k = 0; k < shapes; ++k) at.push_back(k);
  for (Index k = 0; k < 3; ++k) at.push_back(shapes + 3 * static_cast<Index>(frame) + k);
  for (Index k = 0; k < extra + 1; ++k) at.push_back(problem.parameters() + k);
  return at;
}

Index extra_columns(const GroupProblem& problem, PassKind kind) {
  if (kind == PassKind::parameters) return 0;
  return 1 + (problem.elliptic ? 0 : 2 * static_cast<Index>(problem.particles));
}

}  // namespace

PixelSums sum_over_pixels(const GroupProblem& problem, const double* parameters, const VectorXd& weights,
                          PassKind kind) {
  const std::vector<Painted> particles = paint_all(problem, parameters, RadialProfile::Wanted::slopes);
  const Index extra = extra_columns(problem, kind), own = problem.shapes() + 3 + extra + 1;
  Columns columns(block_size, own);
  PixelSums sums;
  sums.parameters = problem.parameters();
  sums.product = MatrixXd::Zero(sums.parameters + extra + 1, sums.parameters + extra + 1);
  ColumnProducts of_frame(static_cast<int>(own));
  int frame = 0;
  const auto close_frame = [&] {
    const std::vector<Index> at = places(problem, frame, extra);
    for (Index a = 0; a < own; ++a)
      for (Index b = 0; b < own; ++b)
        sums.product(at[static_cast<std::size_t>(a)], at[static_cast<std::size_t>(b)]) +=
            of_frame.sum(static_cast<int>(a), static_cast<int>(b));
    of_frame.clear();
  };
  for_each_block(problem, [&](const Block& block) {
    if (block.frame != frame) {
      close_frame();
      frame = block.frame;
    }
    fill(problem, parameters, particles, weights, block, kind, columns);
    of_frame.add(columns.data());
  });
  close_frame();
  return sums;
}

void add_light(const GroupProblem& problem, const double* parameters, double times, VectorXd& values) {
  const FitPixels& pixels = problem.pixels;
  for (const Painted& particle : paint_all(problem, parameters, RadialProfile::Wanted::values))
    particle.add_values(pixels.x.data(), pixels.y.data(), pixels.size(), values.data(), times);
}

VectorXd model_values(const GroupProblem& problem, const double* parameters) {
  VectorXd values(static_cast<Index>(problem.pixels.size()));
  for_each_block(problem, [&](const Block& block) {
    add_ground(problem, parameters, block, values.data() + block.first);
  });
  add_light(problem, parameters, 1.0, values);
  return values;
}

VectorXd distances_from_centre(const GroupProblem& problem, const GroupParameters& parameters, int k) {
  const Index at = static_cast<Index>(k) * problem.shape_parameters();
  Eigen::Matrix2d to_circle = Eigen::Matrix2d::Identity();
  if (problem.elliptic) {
    const double e1 = parameters[at + 4], e2 = parameters[at + 5];
    const double stretch = std::hypot(e1, e2), angle = 0.5 * std::atan2(e2, e1);
    to_circle = Eigen::Vector2d(std::exp(-stretch), std::exp(stretch)).asDiagonal() *
                Eigen::Rotation2Dd(-angle).toRotationMatrix();
  }
  const FitPixels& pixels = problem.pixels;
  VectorXd distances(static_cast<Index>(pixels.size()));
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const Eigen::Vector2d place(pixels.x[i] - parameters[at], pixels.y[i] - parameters[at + 1]);
    distances[static_cast<Index>(i)] = (to_circle * place).norm();
  }
  return distances;
}

}  // namespace sinterscope
