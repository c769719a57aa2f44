// SPDX-License-Identifier: GPL-3.0-or-later
#include "grains.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

Encounter meet_cube(const Grain& grain, double dx, double dy) {
  const cv::Vec3d origin = grain.to_body * cv::Vec3d(dx, dy, 0.0);
  const cv::Vec3d beam = grain.to_body * cv::Vec3d(0.0, 0.0, 1.0);  // z towards the viewer
  double low = -1e30, high = 1e30;
  Encounter result;
  for (int axis = 0; axis < 3; ++axis) {
    const double slope = std::abs(beam[axis]) < 1e-6 ? 1e-6 : beam[axis];
    const double one = (-grain.half_nm[axis] - origin[axis]) / slope;
    const double other = (grain.half_nm[axis] - origin[axis]) / slope;
    low = std::max(low, std::min(one, other));
    if (std::max(one, other) < high) {
      high = std::max(one, other);
      result.face = axis;
    }
  }
  result.hit = high > low;
  if (!result.hit) {
    result.outside_nm = std::hypot(std::max(0.0, std::abs(origin[0]) - grain.half_nm[0]),
                                   std::max(0.0, std::abs(origin[1]) - grain.half_nm[1]));
    return result;
  }
  result.thickness_nm = high - low;
  const cv::Vec3d entry = origin + high * beam;
  const int u = (result.face + 1) % 3, v = (result.face + 2) % 3;
  result.edge_distance_nm =
      std::max(0.0, std::min(grain.half_nm[u] - std::abs(entry[u]), grain.half_nm[v] - std::abs(entry[v])));
  result.across = std::cos(grain.shading_angle) * entry[u] / grain.half_nm[u] +
                  std::sin(grain.shading_angle) * entry[v] / grain.half_nm[v];
  return result;
}

Encounter meet_ellipsoid(const Grain& grain, double dx, double dy, double lump) {
  const cv::Vec3d body = grain.to_body * cv::Vec3d(dx, dy, 0.0);
  const double radius =
      std::hypot(body[0] / grain.half_nm[0], body[1] / grain.half_nm[1]) * (1.0 + 0.13 * lump);
  const double scale = std::min(grain.half_nm[0], grain.half_nm[1]);
  Encounter result;
  result.hit = radius < 1.0;
  if (!result.hit) {
    result.outside_nm = (radius - 1.0) * scale;
    return result;
  }
  result.thickness_nm = 2.0 * grain.half_nm[2] * std::sqrt(1.0 - radius * radius);
  result.edge_distance_nm = (1.0 - radius) * scale;
  result.across = std::cos(grain.shading_angle) * body[0] / grain.half_nm[0] +
                  std::sin(grain.shading_angle) * body[1] / grain.half_nm[1];
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
  grain.shading_angle = rng.uniform(0.0, 2.0 * pi);
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
