// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Tails of binomial counts, of independent tries and of tries that share a part of their luck.

namespace sinterscope {

/// Probability of at least `least` successes in `trials` independent tries of probability p.
double binomial_tail(int trials, int least, double p);

/// The same of tries that succeed where a standard normal variable lies below normal_quantile(p), all pairs of
/// these variables having one correlation in [0, 0.99]: one common factor, as of a place that is good or bad for
/// all of them (O. A. Vasicek, Risk, December 2002). 0 = independent.
double correlated_binomial_tail(int trials, int least, double p, double correlation);

}  // namespace sinterscope
