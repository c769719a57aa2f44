// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A frame with its particles drawn on it, for overlay/*.png.

#include <array>
#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <span>

#include "sinterscope/experiment/particle.h"
#include "sinterscope/report/picture.h"

namespace sinterscope {

struct OverlayOptions {
  int smallest_side_px =
      640;  ///< smaller frames are enlarged by a whole factor, so that rings stay thin beside particles
  bool label_tracks = false;  ///< write the track number beside each ring
  double clip_percent = 0.35;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.smallest_side_px, {"smallest_side_px", "px",
                                  "smaller frames are enlarged by a whole factor to at least this", 0, 4096});
    visit(self.label_tracks, {"label_tracks", "", "write the track number beside each particle"});
    visit(self.clip_percent,
          {"clip_percent", "%", "share of pixels clipped at each end of the grey scale", 0.0, 25.0});
  }
};

/// Red, green, blue of a track: neighbouring numbers differ clearly, and a track keeps its colour everywhere.
std::array<std::uint8_t, 3> track_colour(int track);

/// The contrast-stretched frame with a ring per particle, coloured by track (white: not linked; dashed: cut
/// by the edge or fit failed), and a scale bar where pixel_size_nm is given. Pixels in OpenCV's order (blue,
/// green, red). Whole-number enlargement keeps the pixel of the frame visible; the input is not written to.
cv::Mat3b paint_overlay(const cv::Mat1f& frame, std::span<const Particle> particles,
                        std::optional<double> pixel_size_nm, const OverlayOptions& options = {});

}  // namespace sinterscope
