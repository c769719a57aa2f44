// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the particles of one frame say together: how large and how bright they are, and how much they differ.
//
// Model: ln d is normal, ln|A| is normal about a + b ln d (b = 0 for flat profiles, 1 for a thickness of one
// material), and each particle's own pixels are seen through its likelihood. The law is the most probable one
// with every particle's own diameter and brightness integrated out. If they were fitted instead, each with
// the law, what is common to all - law, probe - would be wrong by an amount that more particles do not cure
// (J. Neyman and E. L. Scott, Econometrica 16, 1, 1948, DOI 10.2307/1914288); integrated over a law of theirs
// it is consistent (J. Kiefer and J. Wolfowitz, Ann. Math. Stat. 27, 887, 1956, DOI
// 10.1214/aoms/1177728066).  Breaks down where the particles of one
// frame differ in material; sizes in several groups only make the law wide.

#include <optional>
#include <vector>

#include "diameter_likelihood.h"

namespace sinterscope {

/// Before anything is seen: the slope b of ln|A| with ln d.
struct SlopePrior {
  double mean = 0.0, sd = 0.1;
};

/// As wide for a thickness as contact angles of one material may differ.
SlopePrior slope_prior(const ProfileShape& profile);

struct Population {
  double log_diameter = 0.0, log_diameter_sd = 0.3;
  double log_amplitude = 0.0;  ///< at the mean of ln d
  double slope = 0.0, log_amplitude_sd = 0.2;
  double log_amplitude_variance = 0.0;  ///< of the mean
  std::vector<double> log_marginal;     ///< ln likelihood of each particle under the law
  /// ln of what the priors of slope and spreads make of the law; belongs to the sum of log_marginal.
  double log_prior = 0.0;

  AmplitudePrior amplitude_prior() const;
  /// Where the likelihood of a particle of this law is to be looked at; `own`: what a fit says of it.
  SquareRange square_range(const std::optional<DiameterEstimate>& own) const;
};

/// Empty for fewer than `least` particles with a likelihood.
std::optional<Population> learn_population(const std::vector<DiameterLikelihood>& particles,
                                           const SlopePrior& slope, std::size_t least,
                                           const Population* start = nullptr);

}  // namespace sinterscope
