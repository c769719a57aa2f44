// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which part of the image is oxide, where particles can sit, and which is vacuum.
//
// Vacuum is the darkest population of the smoothed image, if there is one: compact (its width is small
// against its distance from the rest), clearly darker than the rest, and not all there is. Its rim is then
// moved to where the signal is half way between vacuum and the support next to it, which is where the edge of
// a blurred step lies. Where no population answers this description the whole frame is support: a search in
// too much costs a little, a search in too little loses particles and falsifies every number per area. Breaks
// down for bright-field images (vacuum is bright: say so by option) and for supports as thin as the noise.

#include <opencv2/core.hpp>
#include <string>

#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/experiment/support_area.h"

namespace sinterscope {

struct SupportOptions {
  std::string method = "auto";
  double smoothing_px = 2.0;
  double vacuum_contrast = 0.5;
  double guard_px = 0.0;
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
    visit(self.guard_px,
          {"guard_px", "px", "band along the rim of the support that is not searched", 0, 1000});
    visit(self.smallest_island_px2,
          {"smallest_island_px2", "px^2",
           "specks of support in vacuum and holes in support below this area do not count", 0, 1e9});
  }
};

/// The support in an image (best: the average of a hold) whose noise is `noise` (of the image itself:
/// averaged_noise). The area does not shrink by specks of dirt but does by the guard band; its standard error
/// comes from moving the rim between 40 and 60 % of the step.
SupportArea find_support(const cv::Mat1f& average, const NoiseModel& noise,
                         const SupportOptions& options = {});

}  // namespace sinterscope
