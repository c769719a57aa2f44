// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "sinterscope/synth/support_surface.h"

namespace sinterscope {
namespace {

/// The nodes that reach one cell, with weights whose squares sum to 1.
struct NodeWeights {
  int first = 0;
  std::vector<float> weights;
};

/// Nodes lie `spacing` cells apart; node n at (n - reach) * spacing. Each spreads as a Gaussian of s.d.
/// sigma.
std::vector<NodeWeights> node_weights(int cells, double spacing, double sigma, int reach) {
  std::vector<NodeWeights> result(static_cast<std::size_t>(cells));
  for (int cell = 0; cell < cells; ++cell) {
    NodeWeights& entry = result[static_cast<std::size_t>(cell)];
    entry.first = static_cast<int>(std::floor(cell / spacing));
    double squares = 0.0;
    std::vector<double> weights;
    for (int k = 0; k <= 2 * reach; ++k) {
      const double distance = (cell - (entry.first + k - reach) * spacing) / sigma;
      weights.push_back(std::exp(-0.5 * distance * distance));
      squares += weights.back() * weights.back();
    }
    for (const double weight : weights)
      entry.weights.push_back(static_cast<float>(weight / std::sqrt(squares)));
  }
  return result;
}

}  // namespace

cv::Mat1f gaussian_field(cv::Size cells, double length_cells, Rng rng) {
  // White noise on nodes, spread by a Gaussian of s.d. length / sqrt(2), has the stated autocorrelation.
  const double sigma = std::max(length_cells, 0.1) / std::sqrt(2.0);
  const double spacing = std::max(1.0, 0.6 * sigma);
  const int reach = std::max(1, static_cast<int>(std::ceil(3.5 * sigma / spacing)));
  const auto along_x = node_weights(cells.width, spacing, sigma, reach);
  const auto along_y = node_weights(cells.height, spacing, sigma, reach);
  const int node_columns = along_x.back().first + 2 * reach + 1;
  const int node_rows = along_y.back().first + 2 * reach + 1;

  cv::Mat1f rows(node_rows, cells.width);  // spread along x only
  std::vector<float> nodes(static_cast<std::size_t>(node_columns));
  for (int j = 0; j < node_rows; ++j) {
    for (float& node : nodes) node = static_cast<float>(rng.normal());
    for (int x = 0; x < cells.width; ++x) {
      const NodeWeights& entry = along_x[static_cast<std::size_t>(x)];
      float sum = 0.0F;
      for (std::size_t k = 0; k < entry.weights.size(); ++k)
        sum += entry.weights[k] * nodes[static_cast<std::size_t>(entry.first) + k];
      rows(j, x) = sum;
    }
  }
  cv::Mat1f field = cv::Mat1f::zeros(cells);
  for (int y = 0; y < cells.height; ++y) {
    const NodeWeights& entry = along_y[static_cast<std::size_t>(y)];
    float* out = field[y];
    for (std::size_t k = 0; k < entry.weights.size(); ++k) {
      const float weight = entry.weights[k];
      const float* in = rows[entry.first + static_cast<int>(k)];
      for (int x = 0; x < cells.width; ++x) out[x] += weight * in[x];
    }
  }
  return field;
}

}  // namespace sinterscope
