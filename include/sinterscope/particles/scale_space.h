// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Blobs of all sizes in one pass: a pyramid of differences of Gaussians.
//
// Level k of octave o holds G(s) - G(s * step) of the image reduced 2^o times, scaled so that the response to
// a blob does not depend on its size (a difference of Gaussians approximates the scale-normalised Laplacian,
// Lindeberg, IJCV 30, 79, 1998; Lowe, IJCV 60, 91, 2004). A uniform disk of diameter d answers most strongly
// where d = 2 sqrt(2) s. Breaks down for shapes far from round (ridges, edges): the Hessian at the peak tells
// them (roundness).

#include <limits>
#include <opencv2/core.hpp>
#include <vector>

namespace sinterscope {

/// One filter level: the blob response at one scale on one octave's grid.
struct BlobLevel {
  cv::Mat1f response;       ///< positive on bright blobs
  cv::Mat1f smooth;         ///< the Gaussian-smoothed image at this scale
  double reduction = 1;     ///< octave px -> image px: x_image = x * reduction
  double sigma = 1;         ///< scale in octave px
  bool interior = true;     ///< false: only a neighbour for the scale maximum of the level beside it
  double smooth_sigma = 1;  ///< of `smooth`, octave px
  double diameter_px() const { return 2.0 * std::sqrt(2.0) * sigma * reduction; }
};

/// A local maximum of the response over position.
struct Blob {
  double x_px = 0, y_px = 0;  ///< image px
  double diameter_px = 0;
  double response = 0;
  double roundness = 0;    ///< smaller over larger curvature at the peak, 1 = round, <= 0 = saddle
  bool over_scale = true;  ///< a maximum over scale, too
  std::size_t level = 0;
  int column = 0, row = 0;  ///< octave px
};

/// Levels from smallest_diameter_px to largest_diameter_px, three to an octave plus two neighbours.
std::vector<BlobLevel> build_blob_levels(const cv::Mat1f& image, double smallest_diameter_px,
                                         double largest_diameter_px);

/// All maxima over position and scale (bright; minima for dark) whose response exceeds least * noise[level]:
/// the first cut of a search. noise: one number per level, in the units of the response. Blobs of at least
/// smallest_beside_px are also given where they are a maximum over position only: one that touches a larger
/// or a longer bright thing melts with it at the scales above.
std::vector<Blob> find_blobs(const std::vector<BlobLevel>& levels, bool bright,
                             const std::vector<double>& noise, double least,
                             double smallest_beside_px = std::numeric_limits<double>::infinity());

}  // namespace sinterscope
