// SPDX-License-Identifier: GPL-3.0-or-later
#include "gaussian_field.h"

#include <algorithm>
#include <cmath>

namespace sinterscope {

std::vector<GaussianField::Reach> GaussianField::reaches(int cells, double length_cells) {
  const double sigma = std::max(length_cells, 0.1) / std::sqrt(2.0);
  const double spacing = std::max(1.0, 0.6 * sigma);
  const int reach = std::max(1, static_cast<int>(std::ceil(3.5 * sigma / spacing)));
  std::vector<Reach> result(static_cast<std::size_t>(cells));
  for (int cell = 0; cell < cells; ++cell) {
    Reach& entry = result[static_cast<std::size_t>(cell)];
    entry.first = static_cast<int>(std::floor(cell / spacing));  // node n lies at (n - reach) * spacing
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

GaussianField::GaussianField(cv::Size cells, double length_cells, Rng rng)
    : along_y_(reaches(cells.height, length_cells)) {
  const std::vector<Reach> along_x = reaches(cells.width, length_cells);
  const auto nodes_of = [](const Reach& last) { return last.first + static_cast<int>(last.weights.size()); };
  std::vector<float> nodes(static_cast<std::size_t>(nodes_of(along_x.back())));
  rows_.create(nodes_of(along_y_.back()), cells.width);
  for (int j = 0; j < rows_.rows; ++j) {
    for (float& node : nodes) node = static_cast<float>(rng.normal());
    for (int x = 0; x < cells.width; ++x) {
      const Reach& entry = along_x[static_cast<std::size_t>(x)];
      float sum = 0.0F;
      for (std::size_t k = 0; k < entry.weights.size(); ++k)
        sum += entry.weights[k] * nodes[static_cast<std::size_t>(entry.first) + k];
      rows_(j, x) = sum;
    }
  }
}

void GaussianField::add_row(int y, float amplitude, float* out) const {
  const Reach& entry = along_y_[static_cast<std::size_t>(y)];
  for (std::size_t k = 0; k < entry.weights.size(); ++k) {
    const float weight = amplitude * entry.weights[k];
    const float* in = rows_[entry.first + static_cast<int>(k)];
    for (int x = 0; x < rows_.cols; ++x) out[x] += weight * in[x];
  }
}

}  // namespace sinterscope
