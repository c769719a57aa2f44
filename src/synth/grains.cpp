// SPDX-License-Identifier: GPL-3.0-or-later
#include "grains.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

constexpr double lump_strength = 0.09;
constexpr double lump_limit = 2.2;  // beyond this a lump would leave the box that reach_nm() promises

Encounter meet_cube(const Grain& grain, double dx, double dy) {
  const cv::Matx33d& turn = grain.to_body;
  double origin[3], low = -1e30, high = 1e30;
  Encounter result;
  for (int axis = 0; axis < 3; ++axis) {
    origin[axis] = turn(axis, 0) * dx + turn(axis, 1) * dy;
    const double beam = std::abs(turn(axis, 2)) < 1e-6 ? 1e-6 : turn(axis, 2);
    const double middle = -origin[axis] / beam, reach = grain.half_nm[axis] / std::abs(beam);
    low = std::max(low, middle - reach);
    if (middle + reach < high) {
      high = middle + reach;
      result.face = axis;
    }
  }
  result.hit = high > low;
  if (!result.hit) {
    const double u = std::max(0.0, std::abs(origin[0]) - grain.half_nm[0]);
    const double v = std::max(0.0, std::abs(origin[1]) - grain.half_nm[1]);
    result.outside_nm = std::sqrt(u * u + v * v);
    return result;
  }
  result.thickness_nm = high - low;
  const int u = (result.face + 1) % 3, v = (result.face + 2) % 3;
  const double entry_u = origin[u] + high * turn(u, 2), entry_v = origin[v] + high * turn(v, 2);
  result.edge_distance_nm =
      std::max(0.0, std::min(grain.half_nm[u] - std::abs(entry_u), grain.half_nm[v] - std::abs(entry_v)));
  result.across = grain.shading_direction[0] * entry_u / grain.half_nm[u] +
                  grain.shading_direction[1] * entry_v / grain.half_nm[v];
  for (const SurfaceStep& step : grain.steps)  // every face has the same steps
    result.step_distance_nm =
        std::min(result.step_distance_nm, std::abs((step.axis == 0 ? entry_u : entry_v) - step.position_nm));
  return result;
}

Encounter meet_ellipsoid(const Grain& grain, double dx, double dy, double lump) {
  const cv::Matx33d& turn = grain.to_body;
  const double u = (turn(0, 0) * dx + turn(0, 1) * dy) / grain.half_nm[0];
  const double v = (turn(1, 0) * dx + turn(1, 1) * dy) / grain.half_nm[1];
  const double radius =
      std::sqrt(u * u + v * v) * (1.0 + lump_strength * std::clamp(lump, -lump_limit, lump_limit));
  const double scale = std::min(grain.half_nm[0], grain.half_nm[1]);
  Encounter result;
  result.hit = radius < 1.0;
  if (!result.hit) {
    result.outside_nm = (radius - 1.0) * scale;
    return result;
  }
  result.thickness_nm = 2.0 * grain.half_nm[2] * std::sqrt(1.0 - radius * radius);
  result.edge_distance_nm = (1.0 - radius) * scale;
  result.across = grain.shading_direction[0] * u + grain.shading_direction[1] * v;
  return result;
}

cv::Matx33d rotation(double in_plane, double tilt, double tilt_direction) {
  const double c = std::cos(in_plane), s = std::sin(in_plane);
  const cv::Matx33d turn(c, s, 0, -s, c, 0, 0, 0, 1);
  const double ct = std::cos(tilt), st = std::sin(tilt), cd = std::cos(tilt_direction),
               sd = std::sin(tilt_direction);
  // Rotation by `tilt` about the in-plane axis (cd, sd, 0).
  const cv::Matx33d lean(ct + cd * cd * (1 - ct), cd * sd * (1 - ct), sd * st, cd * sd * (1 - ct),
                         ct + sd * sd * (1 - ct), -cd * st, -sd * st, cd * st, ct);
  return turn * lean;
}

Grain draw_grain(const SupportSettings& support, cv::Rect2d field, Rng& rng) {
  Grain grain;
  grain.cube = support.kind == "cubes";
  grain.centre_nm = {rng.uniform(field.x, field.x + field.width),
                     rng.uniform(field.y, field.y + field.height)};
  const double size = rng.uniform(support.edge_min_nm, support.edge_max_nm);
  for (int axis = 0; axis < 3; ++axis)
    grain.half_nm[axis] = 0.5 * size * (grain.cube ? rng.uniform(0.93, 1.07) : rng.uniform(0.7, 1.3));
  const double tilt = grain.cube ? rng.uniform(0.0, support.tilt_max_deg) * pi / 180.0 : 0.0;
  const double in_plane = rng.uniform(0.0, 2.0 * pi), tilt_direction = rng.uniform(0.0, 2.0 * pi);
  grain.to_body = rotation(in_plane, tilt, tilt_direction);
  const double shading = rng.uniform(0.0, 2.0 * pi);
  grain.shading_direction = {std::cos(shading), std::sin(shading)};
  const std::uint64_t steps = grain.cube ? rng.poisson(support.steps_per_face) : 0;
  for (std::uint64_t i = 0; i < steps; ++i)
    grain.steps.push_back({static_cast<int>(rng.below(2)), rng.uniform(-0.5, 0.5) * size});
  const double level = std::max(0.3, 1.0 + support.facet_spread * rng.normal());
  for (int axis = 0; axis < 3; ++axis) {
    // A face that leans emits more: the secant law of secondary electrons, softened and capped.
    const double lean = std::max(0.2, std::abs((grain.to_body * cv::Vec3d(0, 0, 1))[axis]));
    grain.face_level[axis] = level * std::min(1.35, std::pow(lean, -0.25));
  }
  return grain;
}

/// Where the frame is covered, on a coarse grid.
class Cover {
 public:
  Cover(cv::Rect2d frame, int steps) : frame_(frame), mask_(cv::Mat1b::zeros(steps, steps)) {}

  cv::Point2d position(int row, int column) const {
    return {frame_.x + (column + 0.5) / mask_.cols * frame_.width,
            frame_.y + (row + 0.5) / mask_.rows * frame_.height};
  }
  void add(const Grain& grain) {
    for (int row = 0; row < mask_.rows; ++row)
      for (int column = 0; column < mask_.cols; ++column) {
        const cv::Point2d at = position(row, column);
        if (grain.meet(at.x, at.y, 0.0).hit) mask_(row, column) = 1;
      }
  }
  double share() const { return cv::sum(mask_)[0] / static_cast<double>(mask_.total()); }

 private:
  cv::Rect2d frame_;
  cv::Mat1b mask_;
};

/// Whether two centres stand so close that one grain would hide the other.
bool hides(const Grain& one, const Grain& other) {
  const double distance = cv::norm(one.centre_nm - other.centre_nm);
  return distance < 0.75 * (one.half_nm[0] + other.half_nm[0]);
}

}  // namespace

cv::Point2d Grain::reach_nm() const {
  cv::Point2d reach;
  for (int axis = 0; axis < 3; ++axis) {
    reach.x += std::abs(to_body(axis, 0)) * half_nm[axis];
    reach.y += std::abs(to_body(axis, 1)) * half_nm[axis];
  }
  return cube ? reach : reach / (1.0 - lump_strength * lump_limit);
}

Encounter Grain::meet(double x_nm, double y_nm, double lump) const {
  const double dx = x_nm - centre_nm.x, dy = y_nm - centre_nm.y;
  return cube ? meet_cube(*this, dx, dy) : meet_ellipsoid(*this, dx, dy, lump);
}

std::vector<Grain> draw_grains(const SupportSettings& support, cv::Rect2d frame_nm, cv::Rect2d field_nm,
                               Rng rng) {
  constexpr int attempts = 4000;
  const double margin = support.edge_max_nm / 2.0;
  const cv::Rect2d centres(field_nm.x - margin, field_nm.y - margin, field_nm.width + 2.0 * margin,
                           field_nm.height + 2.0 * margin);
  Cover cover(frame_nm, 64);
  std::vector<Grain> grains;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    Grain grain = draw_grain(support, centres, rng);
    // Grains avoid each other at first and crowd when nothing else fills the field.
    const bool crowd = attempt > 400 || !grain.cube;
    if (!crowd &&
        std::any_of(grains.begin(), grains.end(), [&](const Grain& other) { return hides(grain, other); }))
      continue;
    // What is covered enough stays as it is: no grain lands in the frame once the wanted share is reached.
    cover.add(grain);
    grains.push_back(grain);
    if (cover.share() >= 1.0 - support.vacuum_share) return grains;
  }
  throw Error("the support does not cover the field: raise 'vacuum_share' or the grain sizes");
}

}  // namespace sinterscope
