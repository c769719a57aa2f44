// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How much metal every facet carries, how much of it a step puts into particles, and of which sizes. Private
// to the room.

#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/synth/scene.h"
#include "sites.h"

namespace sinterscope {

/// Lognormal diameters of a stated mean, cut at 3 s.d. of ln d.
struct SizeLaw {
  double mean_nm = 0.0;
  double sd_ln_d = 0.0;

  double draw(Rng& rng) const;
};

/// As many diameters of the law as bring their atoms nearest to `atoms` (one at least), scaled to match them
/// exactly.
std::vector<double> fitting_diameters(const SizeLaw& law, double atoms, const Sample& sample, Rng& rng);

class FacetInventory {
 public:
  FacetInventory(const PopulationSettings& settings, const Sites& sites, double site_density_nm2, Rng rng);

  int size() const { return static_cast<int>(sites_.size()); }
  /// Support sites of each facet.
  const std::vector<double>& sites() const { return sites_; }
  /// Leaves a facet this share of its metal.
  void deplete(int facet, double share) { loading_[static_cast<std::size_t>(facet)] *= share; }
  double total_sites() const;
  double total_atoms() const;
  /// Atoms per facet that an equilibrium step puts into particles: c_np, or what c_star leaves, facet by
  /// facet.
  std::vector<double> atoms_due(const SceneStep& step, Rng rng) const;

 private:
  PopulationSettings settings_;
  std::vector<double> loading_;  ///< metal atoms per site
  std::vector<double> sites_;
};

}  // namespace sinterscope
