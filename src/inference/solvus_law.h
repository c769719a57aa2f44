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

/// ln( r c_NP(T) + (1-r) c_NP(T_peak) ) from the two logarithms, for one r.
class LawMixture {
 public:
  explicit LawMixture(double returning_share)
      : share_(returning_share), log_share_(std::log(share_)), log_rest_(std::log1p(-share_)) {}

  template <typename Scalar>
  Scalar operator()(const Scalar& now, const Scalar& at_peak) const {
    using std::exp;
    using std::log1p;
    if (share_ >= 1.0) return now;
    if (share_ <= 0.0) return at_peak;
    const Scalar returned = now + log_share_;
    const Scalar kept = at_peak + log_rest_;
    if (returned > kept) return returned + log1p(exp(kept - returned));
    return kept + log1p(exp(returned - kept));
  }

 private:
  double share_, log_share_, log_rest_;
};

/// ln c_NP of a hold.
template <typename Scalar>
Scalar log_inventory(const EntropyProblem& problem, const SolvusTable& table, const Scalar& dh,
                     const Scalar& log_c, const Scalar& facet_spread) {
  const FitOptions& options = problem.options;
  const auto at = [&](double temperature_K) {
    return log_particle_concentration(dh, log_c, facet_spread, temperature_K, options.facet_sites,
                                      options.entropy_per_atom);
  };
  if (problem.returning_share >= 1.0 || table.temperature_K == table.peak_temperature_K)
    return at(table.temperature_K);
  return LawMixture(problem.returning_share)(at(table.temperature_K), at(table.peak_temperature_K));
}

/// Twice minus ln of the likelihood of the spectra of a region, up to a constant.
template <typename Scalar>
Scalar share_deviance(const EntropyProblem& problem, const ShareTerm& term, const Scalar& dh,
                      const Scalar& log_c, const Scalar& facet_spread) {
  const auto log_c_np = [&](std::size_t i) {
    return log_particle_concentration(dh, log_c, facet_spread, term.shares[i].temperature_K,
                                      problem.options.facet_sites, problem.options.entropy_per_atom);
  };
  return term.deviance(log_c_np, log_c);
}

}  // namespace sinterscope
