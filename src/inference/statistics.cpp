// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/statistics.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "sinterscope/core/error.h"

namespace sinterscope {

NormalQuadrature normal_quadrature(int nodes) {
  Eigen::MatrixXd jacobi = Eigen::MatrixXd::Zero(nodes, nodes);
  for (int i = 1; i < nodes; ++i) jacobi(i, i - 1) = jacobi(i - 1, i) = std::sqrt(static_cast<double>(i));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(jacobi);
  NormalQuadrature rule;
  for (int i = 0; i < nodes; ++i) {
    const double first = solver.eigenvectors()(0, i);
    rule.node.push_back(solver.eigenvalues()(i));
    rule.weight.push_back(first * first);
  }
  return rule;
}

double log_sum_exp(std::span<const double> values) {
  if (values.empty()) return -std::numeric_limits<double>::infinity();
  const double top = *std::max_element(values.begin(), values.end());
  if (!std::isfinite(top)) return top;
  constexpr double negligible = 45.0;  // e^-45 of the largest: thousands of such terms change no digit
  double sum = 0.0;
  for (const double value : values)
    if (value > top - negligible) sum += std::exp(value - top);
  return top + std::log(sum);
}

double chi_square_survival(double x, int degrees) {
  if (degrees < 1 || !(x > 0.0)) return 1.0;
  // Two more degrees add one term: Q(a+1, y) = Q(a, y) + y^a e^-y / Gamma(a+1), a = degrees/2, y = x/2.
  const double y = 0.5 * x;
  const bool odd = degrees % 2 == 1;
  double survival = odd ? std::erfc(std::sqrt(y)) : std::exp(-y);
  for (double a = odd ? 0.5 : 1.0; a < 0.5 * degrees - 0.25; a += 1.0)
    survival += std::exp(a * std::log(y) - y - std::lgamma(a + 1.0));
  return std::min(1.0, survival);
}

double density_quantile(std::span<const double> axis, std::span<const double> density, double probability) {
  if (axis.size() < 2 || density.size() != axis.size()) throw Error("a density needs at least two nodes");
  std::vector<double> cumulative(axis.size(), 0.0);
  for (std::size_t i = 1; i < axis.size(); ++i)
    cumulative[i] = cumulative[i - 1] + 0.5 * (density[i] + density[i - 1]) * (axis[i] - axis[i - 1]);
  const double wanted = probability * cumulative.back();
  const auto above = std::lower_bound(cumulative.begin() + 1, cumulative.end() - 1, wanted);
  const auto i = static_cast<std::size_t>(above - cumulative.begin());
  const double step = cumulative[i] - cumulative[i - 1];
  return step > 0.0 ? axis[i - 1] + (axis[i] - axis[i - 1]) * (wanted - cumulative[i - 1]) / step : axis[i];
}

double weighted_quantile(std::span<const double> ascending, std::span<const double> weights,
                         double probability) {
  double total = 0.0;
  for (const double weight : weights) total += weight;
  double sum = 0.0;
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    sum += weights[i];
    if (sum >= probability * total && sum > 0.0) return ascending[i];
  }
  return ascending.back();
}

}  // namespace sinterscope
