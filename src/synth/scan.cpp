// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/scan.h"

#include <cmath>

#include "sinterscope/core/units.h"

namespace sinterscope {

cv::Point2d FrameMotion::raw_position(cv::Point2d specimen_px, int rows) const {
  // The row solves row = specimen.y + shift(row).y, which is linear in the row.
  const double slope = change_px.y / rows;
  const double row = (specimen_px.y + shift_px.y + slope * (0.5 - 0.5 * rows)) / (1.0 - slope);
  return {specimen_px.x + shift_at_row(row, rows).x, row};
}

std::vector<FrameMotion> draw_motion(const DriftSettings& drift, const std::vector<int>& holds, Rng rng) {
  std::vector<FrameMotion> motion(holds.size());
  cv::Point2d position(0.0, 0.0), settling(0.0, 0.0);
  const auto random_direction = [](Rng& draws) {
    const double angle = draws.uniform(0.0, 2.0 * pi);
    return cv::Point2d(std::cos(angle), std::sin(angle));
  };
  for (std::size_t i = 0; i < holds.size(); ++i) {
    if (i > 0 && holds[i] != holds[i - 1]) {
      position += drift.jump_px * random_direction(rng);
      Rng stage = rng.stream("settling", i);  // of its own, so that the option moves no other number
      settling = drift.settling_px * random_direction(stage);
    }
    const double walk_x = drift.walk_px * rng.normal(), walk_y = drift.walk_px * rng.normal();
    const cv::Point2d step =
        cv::Point2d(drift.velocity_x_px + walk_x, drift.velocity_y_px + walk_y) + settling;
    settling *= std::exp(-1.0 / drift.settling_frames);
    motion[i].shift_px = position + (drift.within_frame ? 0.5 : 0.0) * step;
    if (drift.within_frame) motion[i].change_px = step;
    position += step;
  }
  const cv::Point2d origin = motion.empty() ? cv::Point2d() : motion.front().shift_px;
  for (FrameMotion& frame : motion) frame.shift_px -= origin;
  return motion;
}

}  // namespace sinterscope
