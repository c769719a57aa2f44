// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The few statistical functions the likelihoods are built from.

#include <span>
#include <vector>

namespace sinterscope {

/// Nodes and weights (sum 1) for the mean of f(X), X standard normal: exact for polynomials up to degree
/// 2n-1.
struct NormalQuadrature {
  std::vector<double> node;
  std::vector<double> weight;
};

/// Gauss-Hermite rule by the eigenvalues of its Jacobi matrix (Golub and Welsch, Math. Comp. 23, 221, 1969,
/// doi:10.1090/S0025-5718-69-99647-1). nodes >= 1.
NormalQuadrature normal_quadrature(int nodes);

/// ln sum exp(x), without overflow; -infinity for an empty list.
double log_sum_exp(std::span<const double> values);

/// P(chi-square with `degrees` degrees of freedom > x); 1 where degrees < 1.
double chi_square_survival(double x, int degrees);

/// Quantile of a density given at the nodes of an axis (trapezoid rule between them). The density need not be
/// normalised; 0 <= probability <= 1.
double density_quantile(std::span<const double> axis, std::span<const double> density, double probability);

/// Quantile of weighted values, given in ascending order (weights at least one positive).
double weighted_quantile(std::span<const double> ascending, std::span<const double> weights,
                         double probability);

}  // namespace sinterscope
