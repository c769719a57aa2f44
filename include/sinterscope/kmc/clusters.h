// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Clusters: atoms that hang together.
//
// Two neighbouring occupied columns share a bond (their lowest atoms), so a cluster is a connected patch of
// occupied columns with all its atoms. A free ad-atom is a cluster of one.

#include <cstdint>
#include <vector>

#include "sinterscope/kmc/lattice.h"
#include "sinterscope/kmc/trajectory.h"

namespace sinterscope {

struct Cluster {
  std::int64_t atoms = 0;
  std::int64_t columns = 0;  ///< its footprint on the support
  BondCount count;           ///< its own bonds
};

/// Finds clusters again and again on one lattice without giving memory back in between. Not thread-safe; one
/// each.
class ClusterFinder {
 public:
  /// All clusters of the present state, in no particular order; valid until the next call.
  const std::vector<Cluster>& find(const Trajectory& trajectory);

 private:
  std::vector<Cluster> clusters_;
  std::vector<std::uint32_t> seen_;  ///< number of the search that met the column last
  std::vector<std::uint32_t> edge_;  ///< columns met whose neighbours were not looked at yet
  std::uint32_t search_ = 0;
};

/// All clusters of a height map, the largest first.
std::vector<Cluster> find_clusters(const HeightMap& heights);

/// The largest of `clusters` (the first of equals); a cluster without atoms where there is none.
Cluster largest_cluster(const std::vector<Cluster>& clusters);

}  // namespace sinterscope
