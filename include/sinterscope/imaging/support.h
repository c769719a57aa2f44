// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which part of the image is support, where particles can sit: not vacuum, and not the edge of a facet.
//
// Vacuum is the darkest population of the smoothed image, if there is one: compact (its width is small
// against its distance from the rest), clearly darker than the rest, and not all there is. Its rim is then
// moved to where the signal is half way between vacuum and the support next to it, which is where the edge of
// a blurred step lies. Where no population answers this description the whole frame is support: a search in
// too much costs a little, a search in too little loses particles and falsifies every number per area. Breaks
// down for bright-field images (vacuum is bright: say so by option) and for supports as thin as the noise.
//
// Where the support shows straight bright edges, as crystals do in secondary electrons, it is facetted: its
// edges and the rim of the vacuum are taken out with a band to either side in which the edge outshines what
// stands there (its width is read from the image). A particle whose centre lies in the band is neither
// searched nor counted, and the band is no part of the area, so a number per area stays right as long as
// particles stand on the facets as densely as elsewhere. Ridges that are mostly crooked are no facets: an
// uneven oxide in a dark-field image loses nothing. Breaks down for edges without brightness of their own,
// and for facets narrower than two bands, which vanish with what stands on them.

#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/experiment/support_area.h"

namespace sinterscope {

struct SupportOptions {
  std::string method = "auto";
  double smoothing_px = 2.0;
  double vacuum_contrast = 0.5;
  std::string facets = "auto";
  std::optional<double> guard_px;
  double smallest_island_px2 = 400.0;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.method, {"method",
                        "",
                        "auto: dark vacuum is left out where it is clear; bright_vacuum: the same for "
                        "bright-field images; none: the whole frame is support",
                        -1e300,
                        1e300,
                        {"auto", "bright_vacuum", "none"}});
    visit(self.smoothing_px,
          {"smoothing_px", "px", "smoothing before vacuum and support are told apart", 0.5, 100});
    visit(self.vacuum_contrast,
          {"vacuum_contrast", "1",
           "vacuum must have less than this share of the typical signal of the support", 0, 1});
    visit(self.facets, {"facets",
                        "",
                        "auto: straight bright edges are left out where the support shows them; none: never",
                        -1e300,
                        1e300,
                        {"auto", "none"}});
    visit(self.guard_px,
          {"guard_px", "px",
           "band along facet edges and the rim of the support that is not searched; empty = as wide as the "
           "edges are bright on a facetted support, else 0",
           0, 1000});
    visit(self.smallest_island_px2,
          {"smallest_island_px2", "px^2",
           "specks of support in vacuum and holes in support below this area do not count", 0, 1e9});
  }
};

/// The support in an image (best: the average of a hold) whose noise is `noise` (of the image itself:
/// averaged_noise). The standard error of the area holds what moves the rim and the edges: half of the step
/// from vacuum to support read at 40 and 60 %, edges looked for more and less sternly, and a centre line that
/// is good to a part of a pixel.
SupportArea find_support(const cv::Mat1f& average, const NoiseModel& noise,
                         const SupportOptions& options = {});

}  // namespace sinterscope
