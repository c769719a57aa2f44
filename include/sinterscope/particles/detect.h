// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where the particles are: a search over all sizes with one number to set, the false detections allowed per
// frame.
//
// The image is filtered by blobs of all sizes (scale_space). At each scale the response is measured in units
// of its own local scatter (texture and noise together, with found particles left out), floored by the
// scatter that is typical of the searched area. A peak of height t in such a field is expected by chance
//   E(t) = k (A / s^2) t exp(-t^2 / 2)
// times in an area A at scale s (peaks of a smooth Gaussian field: Adler & Taylor, Random Fields and
// Geometry, 2007); k is measured once on white noise. A peak is accepted if E over all scales stays below the
// allowed number, if it is round (curvatures), and if it stands above its surroundings on all sides but one
// (edges, ridges and corners do not). Breaks down where the texture of the support has blobs of its own as
// strong as the particles: the search on the negated image (count_opposite) tells.

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "sinterscope/core/options.h"

namespace sinterscope {

struct DetectOptions {
  double false_per_frame = 0.1;
  std::string polarity = "auto";
  double smallest_diameter_px = 3.0;
  double largest_diameter_px = 0.0;
  double least_roundness = 0.4;
  std::string detector;
  std::string check_by_fit = "auto";
  double largest_misfit = 0.3;
  double largest_axis_ratio = 1.6;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.false_per_frame,
          {"false_per_frame", "1/frame", "false detections allowed per frame", 1e-6, 1e4});
    visit(self.polarity, {"polarity",
                          "",
                          "whether particles are brighter or darker than their support",
                          -1,
                          1,
                          {"auto", "bright", "dark"}});
    visit(self.smallest_diameter_px,
          {"smallest_diameter_px", "px", "diameter of the smallest blob searched", 2.0, 1e4});
    visit(self.largest_diameter_px,
          {"largest_diameter_px", "px", "diameter of the largest blob searched; 0 = a sixth of the frame",
           0.0, 1e5});
    visit(self.least_roundness, {"least_roundness", "1",
                                 "smaller over larger curvature a peak must have; rejects ridges", 0.0, 1.0});
    visit(self.detector, {"detector",
                          "",
                          "what recorded the frame; empty = as the acquisition says. SE images have bright "
                          "edges and corners, so there a particle must stand out on all sides",
                          -1,
                          1,
                          {"", "SE", "HAADF", "BF"}});
    visit(self.check_by_fit, {"check_by_fit",
                              "",
                              "keep only what the model of a particle explains; auto: where the detector "
                              "is SE, whose supports are even but for their edges",
                              -1,
                              1,
                              {"auto", "always", "never"}});
    visit(self.largest_misfit, {"largest_misfit", "1",
                                "rms of what a fit leaves beyond the noise, as a share of the "
                                "particle's height, above which it is no particle",
                                0.0, 100.0});
    visit(self.largest_axis_ratio,
          {"largest_axis_ratio", "1", "long over short axis above which it is no particle", 1.0, 100.0});
  }
};

/// Whether detections are to be checked by their fit.
inline bool checks_by_fit(const DetectOptions& options) {
  return options.check_by_fit == "always" || (options.check_by_fit == "auto" && options.detector == "SE");
}

struct Detection {
  double x_px = 0, y_px = 0;
  double diameter_px = 0;     ///< from the scale of the peak; the model fit measures it properly
  double significance = 0;    ///< height over the local scatter at its scale
  double expected_false = 0;  ///< peaks at least as significant expected by chance in this frame
  double contrast = 0;        ///< (centre - ring) / ring in the units of the searched image
  bool bright = true;
};

/// Searches one clean frame. searched: 255 where particles can sit (empty = everywhere), size of the frame.
/// options.polarity "auto" is read as "bright" here: choose_polarity decides it over several frames.
/// Returns detections from the most to the least significant, none within another's radius.
std::vector<Detection> detect(const cv::Mat1f& clean, const cv::Mat1b& searched,
                              const DetectOptions& options);

/// "bright" or "dark": which of both searches finds more significance in these frames (bright where they
/// tie).
std::string choose_polarity(const std::vector<cv::Mat1f>& clean, const cv::Mat1b& searched,
                            const DetectOptions& options);

}  // namespace sinterscope
