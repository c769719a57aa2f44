// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/corner.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "nearer.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

constexpr double still_a_particle = 5.0;  ///< standard errors of its height on top of a corner
/// Free numbers that a particle beside an edge has and a corner has not: amplitude and slope, place and size
/// within narrow bounds, against an angle and a place.
constexpr double more_freedom = 2.0;
constexpr double edge_sigmas = 2.5;      ///< where a blurred disk ends
constexpr double least_beside_px = 6.0;  ///< of the window beyond it
constexpr double beside = 0.35;          ///< the same, in diameters
constexpr double widest_cells = 14.0;    ///< half a window, at most
constexpr std::size_t least_cells = 60;
// What is tried first; the best is refined.
constexpr int directions = 32;                       ///< once around
constexpr std::array<int, 4> turns = {3, 5, 8, 10};  ///< of an edge at its corner: 34 to 112 deg
constexpr std::array<double, 5> aside = {-0.3, -0.15, 0.0, 0.15, 0.3};  ///< of a corner, in diameters
constexpr std::array<double, 3> stretches = {0.8, 1.0, 1.25};           ///< of the disk
constexpr double disk_aside = 0.12;                                     ///< in diameters
constexpr int refinements = 3;

using Column = std::vector<float>;

/// Cells of one or a few pixels around a disk; places in cells, against its centre.
struct Cells {
  Column x, y, value, weight;
  double px = 1.0;  ///< side of a cell
  double radius = 0.0;

  std::size_t size() const { return x.size(); }
  double total(const Column& a, const Column& b) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < size(); ++i) sum += static_cast<double>(weight[i] * a[i] * b[i]);
    return sum;
  }
};

Cells cells_of(const cv::Mat1f& raw, const NoiseModel& noise, const SizedFit& disk,
               const std::vector<Disk>& others, double sigma) {
  Cells cells;
  const double edge = edge_sigmas * sigma;
  const double radius = 0.5 * disk.diameter_px + edge + std::max(least_beside_px, beside * disk.diameter_px);
  const int side = std::max(1, cvCeil(radius / widest_cells)), half = cvCeil(radius) + side;
  cells.px = side, cells.radius = radius / side;
  const cv::Rect window =
      cv::Rect(cvRound(disk.x_px) - half, cvRound(disk.y_px) - half, 2 * half + 1, 2 * half + 1) &
      cv::Rect({0, 0}, raw.size());
  if (window.area() == 0) return cells;
  const cv::Mat1f part = raw(window);
  cv::Mat1f level;  // a pixel's own noise is no part of what its variance goes with
  cv::blur(part, level, {5, 5});
  const double middle = cv::mean(part)[0];
  const auto counts = [&](double x, double y) {
    return nearer(x - disk.x_px, y - disk.y_px, radius) &&
           std::none_of(others.begin(), others.end(), [&](const Disk& other) {
             return nearer(x - other.x, y - other.y, 0.5 * other.diameter + edge);
           });
  };
  for (int y = 0; y + side <= window.height; y += side)
    for (int x = 0; x + side <= window.width; x += side) {
      const double u = window.x + x + 0.5 * (side - 1), v = window.y + y + 0.5 * (side - 1);
      if (!counts(u, v)) continue;
      const cv::Rect cell(x, y, side, side);
      const double variance = noise.variance(cv::mean(level(cell))[0]) / (side * side);
      cells.x.push_back(static_cast<float>((u - disk.x_px) / side));
      cells.y.push_back(static_cast<float>((v - disk.y_px) / side));
      cells.value.push_back(static_cast<float>(cv::mean(part(cell))[0] - middle));
      cells.weight.push_back(static_cast<float>(1.0 / variance));
    }
  return cells;
}

/// A profile with one free value for every step of a coordinate, as wide as a cell.
class FreeProfile {
 public:
  explicit FreeProfile(const Cells& cells)
      : cells_(cells),
        zero_(static_cast<float>(2.5 * cells.radius + 2.0)),
        step_(cells.size()),
        weights_(static_cast<std::size_t>(2.0F * zero_) + 2) {}

  template <typename Coordinate>
  void lay_along(const Coordinate& coordinate) {
    const float last = static_cast<float>(weights_.size() - 1);
    std::fill(weights_.begin(), weights_.end(), 0.0F);
    for (std::size_t i = 0; i < step_.size(); ++i) {
      step_[i] =
          static_cast<int>(std::clamp(coordinate(cells_.x[i], cells_.y[i]) + zero_ + 0.5F, 0.0F, last));
      weights_[static_cast<std::size_t>(step_[i])] += cells_.weight[i];
    }
  }
  Column sums_of(const Column& column) const {
    Column sums(weights_.size(), 0.0F);
    for (std::size_t i = 0; i < step_.size(); ++i)
      sums[static_cast<std::size_t>(step_[i])] += cells_.weight[i] * column[i];
    return sums;
  }
  /// Of the weighted product of two columns, the part that the profile takes up.
  double taken_up(const Column& sums_a, const Column& sums_b) const {
    double sum = 0.0;
    for (std::size_t k = 0; k < weights_.size(); ++k)
      if (weights_[k] > 0.0F)
        sum += static_cast<double>(sums_a[k]) * static_cast<double>(sums_b[k]) /
               static_cast<double>(weights_[k]);
    return sum;
  }

 private:
  const Cells& cells_;
  float zero_;  ///< steps before the coordinate's zero
  std::vector<int> step_;
  Column weights_;
};

/// The blurred disk a little smaller and larger, and a little aside.
std::vector<Column> disks_of(const Cells& cells, const SizedFit& disk, double sigma) {
  std::vector<Column> disks;
  RadialProfile profile(disk.profile);
  const double away = disk_aside * disk.diameter_px / cells.px;
  for (const double stretch : stretches) {
    profile.reset(0.5 * stretch * disk.diameter_px, sigma, RadialProfile::Wanted::values);
    for (const cv::Point2d& centre : {cv::Point2d(0, 0), cv::Point2d(away, 0), cv::Point2d(-away, 0),
                                      cv::Point2d(0, away), cv::Point2d(0, -away)}) {
      Column column(cells.size());
      for (std::size_t i = 0; i < cells.size(); ++i)
        column[i] = static_cast<float>(
            profile.value_at(cells.px * std::hypot(static_cast<double>(cells.x[i]) - centre.x,
                                                   static_cast<double>(cells.y[i]) - centre.y)));
      disks.push_back(std::move(column));
    }
  }
  return disks;
}

/// A disk's part in what a model leaves.
struct DiskTerm {
  Column column;
  double with_itself = 0.0, with_value = 0.0;  ///< weighted products
};

class Comparison {
 public:
  Comparison(const Cells& cells, std::vector<Column> disks, bool bright)
      : cells_(cells),
        profile_(cells),
        sign_(bright ? 1.0 : -1.0),
        squares_(cells.total(cells.value, cells.value)) {
    for (Column& column : disks) {
      const double with_itself = cells.total(column, column), with_value = cells.total(column, cells.value);
      disks_.push_back({std::move(column), with_itself, with_value});
    }
  }

  /// Chi-square of the best disk beside an edge in this direction.
  double beside_edge(double angle) {
    const auto c = static_cast<float>(std::cos(angle)), s = static_cast<float>(std::sin(angle));
    profile_.lay_along([&](float x, float y) { return c * x + s * y; });
    Column along(cells_.size());
    for (std::size_t i = 0; i < along.size(); ++i) along[i] = c * cells_.y[i] - s * cells_.x[i];
    const Column values = profile_.sums_of(cells_.value), slopes = profile_.sums_of(along);
    const double vv = squares_ - profile_.taken_up(values, values);
    const double va = cells_.total(cells_.value, along) - profile_.taken_up(values, slopes);
    const double aa = std::max(cells_.total(along, along) - profile_.taken_up(slopes, slopes), 1e-9);
    double most = 0.0;
    for (const DiskTerm& disk : disks_) {
      const Column sums = profile_.sums_of(disk.column);
      const double da = cells_.total(disk.column, along) - profile_.taken_up(sums, slopes);
      const double dd = disk.with_itself - profile_.taken_up(sums, sums) - da * da / aa;
      const double dv = sign_ * (disk.with_value - profile_.taken_up(sums, values) - da * va / aa);
      if (dd > 0.0 && dv > 0.0) most = std::max(most, dv * dv / dd);
    }
    return vv - va * va / aa - most;
  }

  /// Chi-square of two edges that meet: normals of these directions, the corner so many cells aside of the
  /// disk's centre.
  double at_corner(double first, double second, double offset) {
    lay_around(first, second, offset);
    const Column values = profile_.sums_of(cells_.value);
    return squares_ - profile_.taken_up(values, values);
  }

  /// Height of a disk on top of that corner over its standard error.
  double on_corner(double first, double second, double offset) {
    lay_around(first, second, offset);
    const Column values = profile_.sums_of(cells_.value);
    double most = 0.0;
    for (const DiskTerm& disk : disks_) {
      const Column sums = profile_.sums_of(disk.column);
      const double dd = disk.with_itself - profile_.taken_up(sums, sums);
      const double dv = sign_ * (disk.with_value - profile_.taken_up(sums, values));
      if (dd > 0.0) most = std::max(most, dv / std::sqrt(dd));
    }
    return most;
  }

 private:
  void lay_around(double first, double second, double offset) {
    const auto c1 = static_cast<float>(std::cos(first)), s1 = static_cast<float>(std::sin(first));
    const auto c2 = static_cast<float>(std::cos(second)), s2 = static_cast<float>(std::sin(second));
    // The line on which both edges are equally far passes the centre at `offset`.
    const auto by = static_cast<float>(2.0 * std::sin(0.5 * (second - first)) * offset);
    profile_.lay_along([&](float x, float y) { return std::min(c1 * x + s1 * y, c2 * x + s2 * y - by); });
  }

  const Cells& cells_;
  FreeProfile profile_;
  double sign_, squares_;
  std::vector<DiskTerm> disks_;
};

/// The parameters of smallest value about a start, by steps that are halved.
template <std::size_t N, typename Function>
double refine(std::array<double, N>& at, std::array<double, N> step, double value, const Function& function) {
  for (int round = 0; round < refinements; ++round) {
    for (std::size_t k = 0; k < N; ++k) {
      step[k] *= 0.5;
      for (const double by : {-step[k], step[k]}) {
        std::array<double, N> there = at;
        there[k] += by;
        if (const double found = function(there); found < value) value = found, at = there;
      }
    }
  }
  return value;
}

}  // namespace

bool CornerOrParticle::is_corner() const {
  const double allowance = more_freedom * std::log(std::max(cells, 1.0));
  return corner_chi2 < particle_chi2 + allowance && on_corner < still_a_particle;
}

CornerOrParticle corner_or_particle(const cv::Mat1f& raw, const NoiseModel& noise, const SizedFit& disk,
                                    bool bright, const std::vector<Disk>& others, double probe_sigma_px) {
  CornerOrParticle result;
  const double sigma = blurred_sigma(probe_sigma_px), turn = 2.0 * pi / directions;
  const Cells cells = cells_of(raw, noise, disk, others, sigma);
  if (cells.size() < least_cells) return result;
  result.cells = static_cast<double>(cells.size());
  Comparison comparison(cells, disks_of(cells, disk, sigma), bright);

  const auto beside_edge = [&](const std::array<double, 1>& at) { return comparison.beside_edge(at[0]); };
  std::array<double, 1> edge{};
  result.particle_chi2 = std::numeric_limits<double>::infinity();
  for (int k = 0; k < directions / 2; ++k)
    if (const double found = beside_edge({k * turn}); found < result.particle_chi2)
      result.particle_chi2 = found, edge = {k * turn};
  result.particle_chi2 = refine(edge, {turn}, result.particle_chi2, beside_edge);

  const auto at_corner = [&](const std::array<double, 3>& at) {
    return comparison.at_corner(at[0], at[1], at[2]);
  };
  const double diameter = disk.diameter_px / cells.px;
  std::array<double, 3> corner{};
  result.corner_chi2 = std::numeric_limits<double>::infinity();
  for (int k = 0; k < directions; ++k)
    for (const int by : turns)
      for (const double offset : aside) {
        const std::array<double, 3> at{k * turn, (k + by) * turn, offset * diameter};
        if (const double found = at_corner(at); found < result.corner_chi2)
          result.corner_chi2 = found, corner = at;
      }
  result.corner_chi2 = refine(corner, {turn, turn, 0.15 * diameter}, result.corner_chi2, at_corner);
  result.on_corner = comparison.on_corner(corner[0], corner[1], corner[2]);
  return result;
}

}  // namespace sinterscope
