// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Do small particles that come back keep away from the large ones?
//
// Model: every large particle casts a field D^3 exp(-x^2 / 2 r^2) around it; the statistic is the mean of
// this field at the returned small particles less its mean over the support they could have chosen, in units
// of the latter, summed over regions. Null hypothesis: the two patterns do not know of each other. It is
// drawn by moving the pattern of large particles as a whole, by a random shift on the torus of the frame and
// a flip or a quarter turn, which keeps whatever makes either pattern clustered. (Small particles scattered
// at random would be the wrong null: where they cluster for any reason of their own it rejects in a quarter
// of the cases at a nominal 5 %.) A collar around large particles, in which a search may not tell two
// particles apart, is left out in data and null alike. Significance by rank, one-sided: p = (1 + #{moved <=
// seen}) / (1 + replicates) (Davison and Hinkley, Bootstrap Methods, 1997, section 4.2). What breaks it: a
// support of few facets with particles on some only, so that moved patterns fall where no particle can be;
// fewer than three regions, where one shared feature of the field decides; and one region has no say about
// another sample.

#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <vector>

#include "sinterscope/core/options.h"
#include "sinterscope/core/random.h"

namespace sinterscope {

struct AvoidanceOptions {
  double range_nm = 10.0;
  double collar_nm = 1.5;
  int replicates = 999;
  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.range_nm,
          {"range_nm", "nm", "reach of the field of a large particle (s.d. of its Gaussian)", 0.5, 1000.0});
    visit(self.collar_nm, {"collar_nm", "nm",
                           "around a large particle's outline: small ones there are left out", 0.0, 100.0});
    visit(self.replicates,
          {"replicates", "1", "moved patterns the observed one is ranked among", 19, 1000000});
  }
};

struct LargeParticle {
  cv::Point2d place_px;
  double diameter_px = 0.0;
};

/// One field of view; places and mask in the pixels of the first frame.
struct AvoidanceField {
  cv::Mat1b support;  ///< where a small particle could have been seen
  std::vector<LargeParticle> large;
  std::vector<cv::Point2d> returned;
};

struct Avoidance {
  int fields = 0;    ///< with at least one large and one returned particle
  int large = 0;     ///< in them
  int returned = 0;  ///< in them, outside of collars
  double excess =
      0.0;  ///< mean field at the returned particles over that of the support, - 1; < 0 = avoidance
  double p_value = 1.0;
  int replicates = 0;
};

/// Empty where no field has both a large particle and a returned one outside of the collars.
std::optional<Avoidance> test_avoidance(std::span<const AvoidanceField> fields, double pixel_size_nm,
                                        const AvoidanceOptions& options, const Rng& rng);

}  // namespace sinterscope
