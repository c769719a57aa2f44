// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the structure of the support does to a diameter.
//
// A fit takes the ground beneath a particle for a plane, and its covariance knows of the noise alone. To
// first order ln d moves by a sum of the pixels' residuals, each with the weight h = C J^T W of the fit (C
// covariance, J derivatives, W inverse variances). The same sum is formed at places of the same frames where
// no particle stands: a plane gives nothing, and what the sums scatter by beyond the noise is what hills and
// hollows of the ground do. It breaks down where particles stand on other ground than what is seen between
// them, and where there is hardly any between them.
//
// The scatter is read from the central 68 % of the sums: an edge that a few of the places lie on is no hill.

#include <vector>

#include "fit_window.h"

namespace sinterscope {

class UnevenGround {
 public:
  /// Looks for places clear of all outlines by the light that they spread, within all frames.
  UnevenGround(const FitSetting& setting, const std::vector<Outline>& outlines);

  /// Variance that the ground adds to ln d of a lone particle, in units of the variance by its covariance. 0
  /// where too few places are free to tell, or their sums scatter as noise might by chance (one standard
  /// error).
  double added_variance(const GroupProblem& problem, const GroupSolution& solution) const;

 private:
  struct Place {
    int x = 0, y = 0;  ///< specimen
    double clear_px = 0.0;
  };

  const FitSetting& setting_;
  std::vector<Place> places_;
};

}  // namespace sinterscope
