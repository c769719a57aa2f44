// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/experiment/completeness.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinterscope {

double CompletenessCurve::diameter_at(double p) const {
  if (p >= plateau) return std::numeric_limits<double>::infinity();
  return d50_px + width_px * std::log(p / (plateau - p));
}

double false_track_density_px2(const CompletenessCurve& curve, int frames, double linking_area_px2,
                               int least) {
  const double mean = (frames - 1) * curve.false_density_px2 * linking_area_px2;
  double term = std::exp(-mean), tail = 1.0;  // of a Poisson count of at least k
  for (int k = 1; k < least; ++k) {
    tail -= term;
    term *= mean / k;
  }
  // Far out the subtraction leaves rounding only: the first term of the tail is then all of it.
  return curve.false_density_px2 * frames * std::max(tail, term) / least;
}

double standing_false_track_density_px2(const CompletenessCurve& curve, int frames, int least) {
  const int block = std::clamp(curve.standing_frames, 1, std::max(frames, 1));
  const int blocks = (frames + block - 1) / block;
  return block >= least ? curve.standing_false_density_px2 * blocks : 0.0;
}

}  // namespace sinterscope
