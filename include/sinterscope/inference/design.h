// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the posterior foretells: draws from it, expected detections, and the temperature worth measuring next.
//
// The proposal weighs every candidate temperature by the posterior variance of dh expected after one more
// hold there: each draw foretells a number of detections, a count n is seen with its Poisson noise (on the
// square-root scale, where the noise is constant), and the draws that would explain it are averaged. Assumes
// a hold like those at hand in area and detection limit.

#include <cstddef>
#include <vector>

#include "sinterscope/inference/entropy_posterior.h"

namespace sinterscope {

/// One draw from the joint posterior; log_c and v per region.
struct PosteriorDraw {
  double dh_eV = 0.0;
  double x = 0.0;
  std::vector<double> log_c, v;
};

/// Evenly stratified draws of the grid, uniform within its cells: the same ones at every call.
std::vector<PosteriorDraw> posterior_draws(const EntropyProblem& problem, const PosteriorGrid& grid,
                                           std::size_t count);

/// c_NP (calibration included) that a draw foretells for one region at a temperature.
double foretold_c_np(const EntropyProblem& problem, const PosteriorDraw& draw, std::size_t region,
                     double temperature_K);

struct NextTemperature {
  double temperature_K = 0.0;
  double sd_ratio = 1.0;  ///< expected s.d. of dh afterwards over the present one
};

/// The best of `candidates_K` for a hold of the region with this many detections per unit of c_NP.
/// Needs at least one draw and one candidate.
NextTemperature next_temperature(const EntropyProblem& problem, const std::vector<PosteriorDraw>& draws,
                                 std::size_t region, double detections_per_c,
                                 const std::vector<double>& candidates_K);

}  // namespace sinterscope
