// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/synth/lattice_scene.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

constexpr double escape_depth_nm = 0.5;  // of secondary electrons in an oxide, order of magnitude (Seiler, J.
                                         // Appl. Phys. 54, R1, 1983, doi:10.1063/1.332840)

/// The columns connected to `start`; they are marked as seen.
LatticeCluster collect(const LatticePatch& patch, cv::Point start, cv::Mat1b& seen) {
  LatticeCluster cluster;
  std::vector<cv::Point> edge = {start};
  seen(start) = 1;
  while (!edge.empty()) {
    const cv::Point at = edge.back();
    edge.pop_back();
    const int atoms = patch.heights(at);
    ++cluster.columns;
    cluster.atoms += atoms;
    cluster.x_nm += atoms * at.x;
    cluster.y_nm += atoms * at.y;
    for (const cv::Point step : {cv::Point(1, 0), cv::Point(-1, 0), cv::Point(0, 1), cv::Point(0, -1)}) {
      const cv::Point next = at + step;
      if (!cv::Rect(cv::Point(), patch.heights.size()).contains(next) || seen(next) ||
          patch.heights(next) <= 0)
        continue;
      seen(next) = 1;
      edge.push_back(next);
    }
  }
  cluster.x_nm = patch.x_nm + cluster.x_nm / cluster.atoms * patch.site_nm;
  cluster.y_nm = patch.y_nm + cluster.y_nm / cluster.atoms * patch.site_nm;
  cluster.diameter_nm = std::sqrt(4.0 * cluster.columns / pi) * patch.site_nm;
  return cluster;
}

/// The row between which and the one before it the fewest atoms touch.
int loosest_row(const cv::Mat1i& heights) {
  int best = 0, fewest = -1;
  for (int row = 0; row < heights.rows; ++row) {
    const int before = (row + heights.rows - 1) % heights.rows;
    int touching = 0;
    for (int column = 0; column < heights.cols; ++column)
      touching += std::min(heights(row, column), heights(before, column));
    if (fewest < 0 || touching < fewest) {
      fewest = touching;
      best = row;
    }
  }
  return best;
}

/// Length that cell `cell` and site `site` share along one axis, in nm; positions are centres.
double overlap(double cell_nm, double cell_centre, double site_nm, double site_centre) {
  const double low = std::max(cell_centre - cell_nm / 2.0, site_centre - site_nm / 2.0);
  const double high = std::min(cell_centre + cell_nm / 2.0, site_centre + site_nm / 2.0);
  return std::max(0.0, high - low);
}

}  // namespace

std::vector<LatticeCluster> lattice_clusters(const LatticePatch& patch, int smallest_atoms) {
  cv::Mat1b seen = cv::Mat1b::zeros(patch.heights.size());
  std::vector<LatticeCluster> clusters;
  for (int row = 0; row < patch.heights.rows; ++row)
    for (int column = 0; column < patch.heights.cols; ++column) {
      if (seen(row, column) || patch.heights(row, column) <= 0) continue;
      const LatticeCluster cluster = collect(patch, {column, row}, seen);
      if (cluster.atoms >= smallest_atoms) clusters.push_back(cluster);
    }
  std::stable_sort(
      clusters.begin(), clusters.end(),
      [](const LatticeCluster& one, const LatticeCluster& other) { return one.atoms > other.atoms; });
  return clusters;
}

cv::Mat1i rolled(const cv::Mat1i& periodic_heights, int rows, int columns) {
  const auto within = [](int i, int n) { return (i % n + n) % n; };
  cv::Mat1i result(periodic_heights.size());
  for (int row = 0; row < result.rows; ++row)
    for (int column = 0; column < result.cols; ++column)
      result(row, column) =
          periodic_heights(within(row + rows, result.rows), within(column + columns, result.cols));
  return result;
}

cv::Mat1i unwrapped(const cv::Mat1i& periodic_heights) {
  return rolled(periodic_heights, loosest_row(periodic_heights), loosest_row(periodic_heights.t()));
}

Canvas lattice_profile(const LatticePatch& patch, const Sample& sample, const OpticsSettings& optics) {
  const double cell_nm = optics.pixel_size_nm / cells_per_pixel, site_nm = patch.site_nm;
  const double layer_nm = sample.volume_per_metal_atom_nm3 / (site_nm * site_nm);
  Canvas profile;
  const auto cell_of = [cell_nm](double position) {
    return static_cast<int>(std::lround(position / cell_nm));
  };
  profile.left_cell = cell_of(patch.x_nm - site_nm / 2.0) - 1;
  profile.top_cell = cell_of(patch.y_nm - site_nm / 2.0) - 1;
  profile.cells =
      cv::Mat1f::zeros(cell_of(patch.heights.rows * site_nm) + 4, cell_of(patch.heights.cols * site_nm) + 4);
  for (int row = 0; row < patch.heights.rows; ++row)
    for (int column = 0; column < patch.heights.cols; ++column) {
      if (patch.heights(row, column) <= 0) continue;
      const double thickness = patch.heights(row, column) * layer_nm;
      const double value =
          optics.detector == "HAADF" ? thickness : 1.0 - std::exp(-thickness / escape_depth_nm);
      const double x = patch.x_nm + column * site_nm, y = patch.y_nm + row * site_nm;
      // Every cell gets its share of the site: thickness is averaged over the cell.
      for (int j = cell_of(y - site_nm / 2.0) - 1; j <= cell_of(y + site_nm / 2.0) + 1; ++j)
        for (int i = cell_of(x - site_nm / 2.0) - 1; i <= cell_of(x + site_nm / 2.0) + 1; ++i) {
          const double share =
              overlap(cell_nm, i * cell_nm, site_nm, x) * overlap(cell_nm, j * cell_nm, site_nm, y);
          if (share > 0.0)
            profile.cells(j - profile.top_cell, i - profile.left_cell) +=
                static_cast<float>(value * share / (cell_nm * cell_nm));
        }
    }
  return profile;
}

}  // namespace sinterscope
