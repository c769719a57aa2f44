// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The straight bright edges at which the facets of a support end.
//
// Secondary electrons leave an edge through both of its faces, so the edge of a crystal is a ridge of
// brightness (Seiler, J. Appl. Phys. 54, R1, 1983, doi:10.1063/1.332840), and it is straight over many widths
// of the probe. A pixel may belong to a ridge of direction t if it outshines both of its sides across t. It
// does if nearly all pixels of a straight stretch through it may: a particle shorter than the stretch cannot
// fill it whatever its brightness, and the rim of a larger one is too crooked. Whether the support is
// facetted at all is decided on the image as a whole: most of its ridges must be straight over two stretches.
// Only then do straight steps between two levels count as edges too. Breaks down for facets shorter than a
// stretch and for polygonal particles with sides as long as that.

#include <opencv2/core.hpp>

#include "sinterscope/experiment/noise_model.h"

namespace sinterscope {

struct FacetEdgeSearch {
  double smoothing_px = 2.0;  ///< standard deviation of the Gaussian that is looked through
  double reach_px = 14.0;     ///< an edge is compared with what lies this far and half as far to either side
  double stretch_px = 48.0;   ///< shortest straight edge
  double contrast = 0.15;     ///< height over the brighter side, or step over the darker, as a share of it
};

/// Centre lines of straight edges (255), at the contrast asked for and at three quarters and four thirds of
/// it. All are empty masks of the image's size where the support is not facetted.
struct FacetEdges {
  cv::Mat1b lines, laxer, sterner;
  bool any() const { return cv::countNonZero(lines) > 0; }
};

/// Edges in an image (best: an average) whose noise is `noise`, on the support `oxide`. The rim towards the
/// vacuum is no line: the mask holds it.
FacetEdges find_facet_edges(const cv::Mat1f& image, const cv::Mat1b& oxide, const NoiseModel& noise,
                            const FacetEdgeSearch& search);

/// How far the bright band of an edge reaches from its line, or from the rim of the oxide: to a quarter of
/// its height, in the median over all lines.
double edge_reach_px(const cv::Mat1f& image, const cv::Mat1b& oxide, const cv::Mat1b& lines,
                     double smoothing_px);

}  // namespace sinterscope
