// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/clusters.h"

#include <algorithm>

namespace sinterscope {
namespace {

/// The cluster that holds column `start`. `is_new(site)` is true at the first call for a site only.
template <typename HeightAt, typename IsNew>
Cluster grow(std::uint32_t start, const std::vector<std::array<std::uint32_t, 4>>& neighbours,
             HeightAt&& height_at, IsNew&& is_new, std::vector<std::uint32_t>& edge) {
  Cluster cluster;
  std::int64_t shared = 0;  // bonds, each seen from both ends
  edge.assign(1, start);
  while (!edge.empty()) {
    const std::uint32_t site = edge.back();
    edge.pop_back();
    const std::int32_t height = height_at(site);
    cluster.atoms += height;
    ++cluster.columns;
    for (const std::uint32_t next : neighbours[site]) {
      const std::int32_t other = height_at(next);
      if (other == 0) continue;
      shared += std::min(height, other);
      if (is_new(next)) edge.push_back(next);
    }
  }
  cluster.count = {shared / 2, cluster.atoms - cluster.columns};
  return cluster;
}

}  // namespace

const std::vector<Cluster>& ClusterFinder::find(const Trajectory& trajectory) {
  const auto& neighbours = trajectory.neighbours();
  seen_.resize(neighbours.size(), 0);
  if (++search_ == 0) {  // after 2^32 searches the numbers begin again
    std::fill(seen_.begin(), seen_.end(), 0u);
    search_ = 1;
  }
  const auto is_new = [this](std::uint32_t site) {
    const bool fresh = seen_[site] != search_;
    seen_[site] = search_;
    return fresh;
  };
  clusters_.clear();
  trajectory.for_columns([&](std::uint32_t site, std::int32_t) {
    if (is_new(site))
      clusters_.push_back(grow(
          site, neighbours, [&](std::uint32_t s) { return trajectory.height_at(s); }, is_new, edge_));
  });
  return clusters_;
}

std::vector<Cluster> find_clusters(const HeightMap& heights) {
  const auto neighbours = periodic_neighbours(heights.side);
  std::vector<bool> seen(neighbours.size(), false);
  const auto is_new = [&seen](std::uint32_t site) {
    const bool fresh = !seen[site];
    seen[site] = true;
    return fresh;
  };
  std::vector<Cluster> clusters;
  std::vector<std::uint32_t> edge;
  for (std::uint32_t s = 0; s < neighbours.size(); ++s)
    if (heights.height[s] > 0 && is_new(s))
      clusters.push_back(grow(
          s, neighbours, [&](std::uint32_t u) { return heights.height[u]; }, is_new, edge));
  std::stable_sort(clusters.begin(), clusters.end(),
                   [](const Cluster& a, const Cluster& b) { return a.atoms > b.atoms; });
  return clusters;
}

Cluster largest_cluster(const std::vector<Cluster>& clusters) {
  const auto largest = std::max_element(clusters.begin(), clusters.end(),
                                        [](const Cluster& a, const Cluster& b) { return a.atoms < b.atoms; });
  return largest == clusters.end() ? Cluster{} : *largest;
}

}  // namespace sinterscope
