// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What stood on the support during one hold of one region: the bridge from the image wing to the theory wing.
//
// Lengths in nm: an uncalibrated experiment has no inventory of atoms and no fit. A hold in which nothing is
// seen is a record like any other: no particles, an area, a detection limit, an upper limit.

#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace sinterscope {

/// A particle of one hold: the weighted mean over the frames in which its track was seen.
struct SizedParticle {
  double diameter_nm = 0.0;
  double diameter_se_nm = 0.0;
  int track = -1;     ///< -1 = not known, as where the inventory comes from a table
  double x_nm = 0.0;  ///< mean place in the hold, specimen
  double y_nm = 0.0;
};

/// How likely a particle is found, by its diameter, and the false detections.
struct DetectionLimit {
  double d50_nm = 0.0;
  double d50_se_nm = 0.0;
  double width_nm = 0.1;
  double plateau = 1.0;
  double false_density_nm2 = 0.0;  ///< false detections per nm^2 of one hold
  double false_diameter_nm = 1.0;  ///< median of their diameters
  double false_diameter_log_sd = 0.15;

  /// To find a particle of this diameter.
  double probability(double diameter_nm) const {
    return plateau / (1.0 + std::exp(-(diameter_nm - d50_nm) / width_nm));
  }
};

struct HoldInventory {
  int hold = 0;
  std::string region = "1";
  std::optional<double> temperature_K;
  double start_s = 0.0;
  double end_s = 0.0;
  int frames = 0;
  double support_area_nm2 = 0.0;
  double support_area_se_nm2 = 0.0;
  double border_px = 0.0;                ///< strip along the border of each frame that is not counted in
  std::vector<SizedParticle> particles;  ///< one per track of the hold
  DetectionLimit limit;
  // Summaries, filled by take_inventory (inference/mass_balance); empty = not measured.
  std::optional<double> particles_per_frame;
  std::optional<double> number_density_nm2;
  std::optional<double> diameter_mean_nm, diameter_mean_se_nm, diameter_sd_nm;
  std::optional<double> coverage;        ///< projected particle area / support area
  std::optional<double> d50_nm, d90_nm;  ///< diameters found with 50 % and 90 % probability
  std::optional<double> c_np, c_np_se;   ///< atoms in particles per support site
  std::optional<double> c_np_upper95;    ///< upper limit, 95 %
  // First-order relaxation of the atoms in particles within the hold; empty = fewer than 4 frames, or nothing
  // seen. Without a believed change a hold is settled and has no relaxation time.
  std::optional<bool> settled;  ///< false: c_np was still changing at the end
  std::optional<double> relaxation_time_s;
  std::optional<double> still_to_change;  ///< share of the last c_np by which it will still grow; < 0: shrink
};

}  // namespace sinterscope
