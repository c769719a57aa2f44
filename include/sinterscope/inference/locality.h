// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where the metal stands: size classes, the concentration of the neighbourhood of each particle, and whether
// small particles that come back avoid the large ones.
//
// Model: what decides about redispersion is the metal per site of a neighbourhood, not of the whole field.
// Two estimates from the particles of one hold: (1) every particle's catchment, the support that is nearer to
// it than to any other (Voronoi cell on the mask), c = atoms / (site density x cell area); (2) a kernel, the
// atoms smeared over a Gaussian of s.d. r divided by the support under the same Gaussian, which corrects for
// edges; the default r is the mean radius of a cell, sqrt(1 / (pi density)). Both are atoms in particles: the
// ad-atoms in equilibrium with them, c*(T), come on top. A hold is split into large and small where the sizes
// of the sample form two groups that do not overlap (Ashman's D above 4 between the halves of the best split
// of ln d). What breaks it: particles that are not seen (their cells go to their neighbours), and cells cut
// by the border of the field, which are marked.

#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sinterscope/core/options.h"
#include "sinterscope/core/random.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/inventory.h"
#include "sinterscope/experiment/sample.h"
#include "sinterscope/experiment/support_area.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/experiment/track.h"
#include "sinterscope/inference/avoidance.h"

namespace sinterscope {

struct LocalityOptions : AvoidanceOptions {
  double large_from_nm = 0.0;
  double kernel_nm = 0.0;
  double min_presence = 0.5;
  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    AvoidanceOptions::describe(self, visit);
    visit(self.large_from_nm,
          {"large_from_nm", "nm",
           "diameter from which a particle is large; 0 = where the sizes form two groups", 0.0, 10000.0});
    visit(self.kernel_nm,
          {"kernel_nm", "nm", "s.d. of the kernel of the local concentration; 0 = mean radius of a cell", 0.0,
           10000.0});
    visit(self.min_presence,
          {"min_presence", "1",
           "share of the frames of a hold that must show a place for it to belong to the area", 0.0, 1.0});
  }
};

struct LocalParticle {
  int track = 0;
  double x_nm = 0.0;  ///< specimen
  double y_nm = 0.0;
  double diameter_nm = 0.0;
  bool large = false;
  bool returned = false;  ///< stands since this hold, which is not the first of its region
  double cell_area_nm2 = 0.0;
  bool cell_cut = false;  ///< by the border of what the hold shows
  double c_cell = 0.0;    ///< its atoms per site of its cell
  double c_kernel = 0.0;  ///< atoms per site around its place
};

struct HoldLocality {
  int hold = 0;
  std::string region = "1";
  std::vector<LocalParticle> particles;
  double c_np_large = 0.0;  ///< atoms per site of the hold that stand in large particles
  double c_np_small = 0.0;
  cv::Rect2d shown_nm;  ///< of the specimen, in each of its frames
  cv::Mat1f map;        ///< kernel concentration over the first frame of the region, 0 beside the support
};

struct Locality {
  std::optional<double> large_from_nm;  ///< empty = one group of sizes: no particle counts as large
  std::vector<HoldLocality> holds;      ///< in the order of the inventories
  std::optional<Avoidance> avoidance;   ///< empty = no region with large and returned small particles
};

/// The diameter that parts two groups of sizes; empty where they are one.
std::optional<double> size_boundary_nm(std::vector<double> diameters_nm);

/// `inventories` as take_inventory returns them for the same history, tracks, supports (one per region, with
/// masks) and drift. Throws Error where a number of entries does not fit or a support has no mask.
Locality find_locality(std::span<const HoldInventory> inventories, std::span<const Track> tracks,
                       const ThermalHistory& history, const Sample& sample,
                       std::span<const SupportArea> supports, std::span<const Drift> drift,
                       double pixel_size_nm, const LocalityOptions& options, const Rng& rng);

}  // namespace sinterscope
