// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The bodies that make up a support, and what a ray along the beam meets in one of them. Private to the room.

#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/synth/scene.h"

namespace sinterscope {

/// What a ray at one specimen position meets in one grain.
struct Encounter {
  bool hit = false;
  int face = 0;                   ///< 0 .. 2
  double thickness_nm = 0.0;      ///< path inside the grain
  double edge_distance_nm = 0.0;  ///< from the entry point to the nearest edge of the face, within the face
  double step_distance_nm = 1e3;  ///< to the nearest surface step
  double across = 0.0;            ///< -1 .. 1 across the face, along its shading
  double outside_nm = 0.0;        ///< where not hit: distance from the grain, roughly
};

/// A straight step on a cube's face: the line where one in-face coordinate has this value.
struct SurfaceStep {
  int axis = 0;
  double position_nm = 0.0;
};

/// A cube or an ellipsoid. Grains later in the list lie higher.
struct Grain {
  bool cube = true;
  cv::Point2d centre_nm;
  cv::Vec3d half_nm;            ///< half edges or half axes
  cv::Matx33d to_body;          ///< rotates a specimen vector into the grain's axes; z points to the viewer
  cv::Vec3d face_level;         ///< brightness of the three faces that can be seen
  cv::Vec2d shading_direction;  ///< in face coordinates
  std::vector<SurfaceStep> steps;

  /// Half width and half height of a box around its projection, lumps included.
  cv::Point2d reach_nm() const;
  /// The ray at (x, y); `lump` (a unit Gaussian) swells or shrinks the outline of an ellipsoid.
  Encounter meet(double x_nm, double y_nm, double lump) const;
};

/// Draws grains until they cover 1 - vacuum_share of `frame_nm`, out to `field_nm`. Throws Error if they
/// never do.
std::vector<Grain> draw_grains(const SupportSettings& support, cv::Rect2d frame_nm, cv::Rect2d field_nm,
                               Rng rng);

}  // namespace sinterscope
