// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The smooth local background and the local scatter about it.
//
// The frame is cut into meshes; in each the median of the support pixels is the level and 1.48 times their
// median absolute deviation the scatter (noise and texture together). A mesh without enough support takes the
// mean of its neighbours; a median over 3 x 3 meshes removes what a large particle lifts; cubic interpolation
// gives every pixel (Bertin and Arnouts, Astron. Astrophys. Suppl. 117, 393, 1996, doi:10.1051/aas:1996164,
// use the same meshes). Breaks down where particles cover more than about half of a mesh.

#include <opencv2/core.hpp>

namespace sinterscope {

struct BackgroundOptions {
  int mesh_px = 32;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.mesh_px, {"mesh_px", "px", "edge of a mesh: a few times the largest particle", 4, 4096});
  }
};

struct Background {
  cv::Mat1f level;  ///< counts
  cv::Mat1f rms;    ///< counts; robust standard deviation of single pixels about the level
};

/// Background of an image over `support` (empty mask = everywhere). Both maps have the size of the image.
Background estimate_background(const cv::Mat1f& pixels, const cv::Mat1b& support,
                               const BackgroundOptions& options = {});

}  // namespace sinterscope
