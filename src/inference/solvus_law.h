// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The inventory law of the entropy model and its ratcheted rivals, as one template for grid (double) and
// Ceres (Jet).

#include <cmath>

#include "sinterscope/inference/entropy_posterior.h"
#include "sinterscope/theory/entropy_model.h"

namespace sinterscope {

inline double log_facet_spread(const FitOptions& options, double v) {
  return std::log(options.facet_spread) + options.facet_spread_log_sd * v;
}

/// ln c_NP of a hold: r c_NP(T) + (1-r) c_NP(T_peak).
template <typename Scalar>
Scalar log_inventory(const EntropyProblem& problem, const SolvusTable& table, const Scalar& dh,
                     const Scalar& log_c, const Scalar& facet_spread) {
  using std::exp;
  using std::log1p;
  const FitOptions& options = problem.options;
  const double share = problem.returning_share;
  const auto at = [&](double temperature_K) {
    return log_particle_concentration(dh, log_c, facet_spread, temperature_K, options.facet_sites,
                                      options.entropy_per_atom);
  };
  if (share >= 1.0 || table.temperature_K == table.peak_temperature_K) return at(table.temperature_K);
  const Scalar ratcheted = at(table.peak_temperature_K);
  if (share <= 0.0) return ratcheted;
  // c_NP falls with temperature, so the reversible term is the larger one unless the share is small.
  const Scalar returned = at(table.temperature_K) + std::log(share);
  const Scalar kept = ratcheted + std::log1p(-share);
  if (returned > kept) return returned + log1p(exp(kept - returned));
  return kept + log1p(exp(returned - kept));
}

}  // namespace sinterscope
