// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The support of one region: where its facets lie and how bright it is.
//
// cubes: projected CeO2-like cubes, slightly tilted, lying over each other. Every ray along the beam is
// intersected with every cube. SE sees the face it meets first: a level per facet, a gradient across it,
// bright edges, a shadow on what lies lower. HAADF adds up the path length through all cubes. oxide: an
// agglomerate of lumpy ellipsoids, translucent in HAADF, edge-bright in SE. flat: a film without end. A fine
// texture and a coarse mottle (Gaussian random fields) multiply the signal; both belong to the specimen and
// move with it.
// What breaks it: no diffraction contrast, no multiple scattering, no charging.

#include <opencv2/core.hpp>

#include "sinterscope/core/random.h"
#include "sinterscope/synth/optics.h"
#include "sinterscope/synth/scene.h"

namespace sinterscope {

struct SupportSurface {
  Canvas brightness;    ///< before blur, 1 = plain support; covers field_px
  cv::Rect field_px;    ///< the pixels of specimen space that facets and border_px describe
  cv::Mat1i facets;     ///< number of the facet seen at a pixel's centre, -1 = vacuum
  cv::Mat1f border_px;  ///< distance of a pixel's centre from the next border of its facet, 0 in vacuum
  int facet_count = 0;  ///< facet numbers are below this

  /// 255 where a particle's centre may lie.
  cv::Mat1b usable(double edge_gap_px) const { return border_px > edge_gap_px; }
  /// Facet at a specimen position in px (rounded); -1 outside.
  int facet_at(double x_px, double y_px) const;
};

/// Builds the support, rows in parallel, over `field_px` (specimen pixels, frame 0 of the region = (0, 0,
/// width, height)). Throws Error if the wanted share of the frame cannot be covered.
SupportSurface build_support(const Scene& scene, cv::Rect field_px, const Rng& rng, int threads = 1);

}  // namespace sinterscope
