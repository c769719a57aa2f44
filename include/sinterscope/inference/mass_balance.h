// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From tracks to what stood on the support in each hold: particles, areas, atoms per support site. The only
// file in which the image wing and the theory wing meet.
//
// Model: each particle is a body of the same shape, atoms = k_N d^3 with d the projected diameter, so that
//   c_np = (1 / (A m_s)) sum_i w_i k_N (d_i^3 - 3 d_i s_i^2) - false detections,      w_i = 1 / P(counted |
//   d_i)
// (Horvitz and Thompson, J. Am. Stat. Assoc. 47, 663, 1952: every particle counted stands for 1/P of its
// kind; the second term removes the bias of the cube of a measured diameter). A is the support seen in enough
// frames of the hold. Errors: counting and spread of sizes (compound Poisson), the completeness curve, the
// area, and what is common to all particles of a sample (pixel size, bias of sizing). Where few particles or
// none are seen the upper limit treats the sum as a weighted Poisson count; with none it is the weight of 3.0
// particles of the size seen elsewhere in the sample, and it holds only if the invisible ones have that size.
// What breaks it: particles far below d50, for which a weight stands for something never seen (weights stop
// at 10), and shapes that change with size.

#include <opencv2/core/types.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sinterscope/core/options.h"
#include "sinterscope/experiment/completeness.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/experiment/support_area.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/experiment/track.h"
#include "sinterscope/inference/interval.h"

namespace sinterscope {

struct InventoryOptions {
  double settle_s = 0.0;
  double min_presence = 0.5;
  double max_false_tracks = 0.05;
  double common_size_error = 0.02;
  double pixel_size_error = 0.01;
  double unseen_diameter_nm = 1.9;
  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.settle_s, {"settle_s", "s",
                          "time at the beginning of a hold that is left out of its inventory; a shorter hold "
                          "keeps its last frame",
                          0.0, 1e9});
    visit(self.min_presence,
          {"min_presence", "1", "share of the frames of a hold in which a particle must be seen to count",
           0.0, 1.0});
    visit(self.max_false_tracks,
          {"max_false_tracks", "1", "false tracks a hold may be expected to contain", 1e-9, 1e3});
    visit(self.common_size_error,
          {"common_size_error", "1", "relative error of a diameter that more frames do not average away", 0.0,
           1.0});
    visit(self.pixel_size_error,
          {"pixel_size_error", "1", "relative standard error of the pixel size", 0.0, 1.0});
    visit(self.unseen_diameter_nm,
          {"unseen_diameter_nm", "nm", "size assumed for upper limits where no particle is seen in any hold",
           0.01, 1000.0});
  }
};

/// One inventory per hold, in the order of ThermalHistory::holds, holds without a particle included.
/// `supports` and `drift` hold one entry per region (drift may be empty = no drift), `completeness` one per
/// hold. The mask of a support has the size of a frame; without a mask the area is taken as seen in every
/// frame. Empty fields: c_np_se where nothing was counted; diameters where nothing was counted; their sd
/// below two particles. Throws Error where a number of entries does not fit, or pixel size, volume, site
/// density or area are not positive.
std::vector<HoldInventory> take_inventory(std::span<const Particle> particles, std::span<const Track> tracks,
                                          const ThermalHistory& history, const Sample& sample,
                                          std::span<const SupportArea> supports,
                                          std::span<const CompletenessCurve> completeness,
                                          std::span<const Drift> drift, double pixel_size_nm,
                                          const InventoryOptions& options = {});

/// Two-sided 95 % interval of the c_np of a hold; the lower end is 0 where nothing was counted.
Interval c_np_interval95(const HoldInventory& hold, const Sample& sample);

/// What the atoms of one hold add up to.
struct AtomBalance {
  int hold = 0;
  std::string region = "1";
  double c_np = 0.0;      ///< atoms in particles per site
  double released = 0.0;  ///< c_np of the fullest hold of the region, less this one
  double released_se = 0.0;
  std::optional<double> ad_atoms;     ///< loading less c_np, not below 0; empty = loading unknown
  std::optional<double> imbalance;    ///< atoms in particles beyond the loading; 0 = none
  std::optional<double> imbalance_z;  ///< (c_np - loading) in standard errors
};

/// Atoms are conserved: what is not in particles is on the support, and particles cannot hold more than the
/// loading.
std::vector<AtomBalance> balance_atoms(std::span<const HoldInventory> inventories, const Sample& sample);

}  // namespace sinterscope
