// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What few counts allow to say: limits for a weighted sum of Poisson counts.

namespace sinterscope {

/// The x below which a gamma variable of this shape (scale 1) lies with probability p, 0 < p < 1; shape > 0.
double gamma_quantile(double shape, double p);

/// Limits of the expectation of a weighted sum of Poisson events from the observed sum of weights, the sum of
/// their squares, and the weight that one more event would have. Gamma approximation of Fay and Feuer (Stat.
/// Med. 16, 791, 1997); exact for equal weights, and with nothing seen the upper limit is the well-known
/// -ln(1 - p) events.
double weighted_count_upper(double sum, double sum_of_squares, double next_weight, double p);
double weighted_count_lower(double sum, double sum_of_squares, double p);

}  // namespace sinterscope
