// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What was painted: the answer sheet of a synthetic experiment.

#include <optional>
#include <string>
#include <vector>

#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/track.h"
#include "sinterscope/synth/optics.h"

namespace sinterscope {

/// One particle whose centre lies in one frame.
struct TruthParticle {
  int frame = 0;  ///< global frame number
  int region = 0;
  int hold = 0;               ///< hold of its region
  int step = 0;               ///< step of the programme
  int id = 0;                 ///< the same particle keeps it over frames and steps
  int previous_at_site = -1;  ///< id of the particle that stood here before; -1 = new site
  double x_px = 0.0;          ///< raw frame; centre of the top-left pixel is (0, 0)
  double y_px = 0.0;
  double x_nm = 0.0;  ///< specimen
  double y_nm = 0.0;
  double diameter_nm = 0.0;
  double axis_ratio = 1.0;
  double angle_deg = 0.0;
  double atoms = 0.0;
  bool large = false;
  bool cut_by_edge = false;  ///< its outline reaches beyond the frame
};

struct TruthEvent {
  EventKind kind = EventKind::appeared;
  int region = 0;
  int hold = 0;
  int step = 0;
  int frame = 0;  ///< global number of the first frame that shows it
  int id = 0;
  std::vector<int> partners;
};

/// One step of the programme in one region. "In view": inside the first frame of the step.
struct TruthStep {
  int region = 0;
  int step = 0;
  int hold = 0;
  std::optional<double> temperature_K;
  std::optional<double> c_star;
  std::optional<double> c_ad;  ///< ad-atoms per site left over
  double c_tot = 0.0;          ///< metal per site that this region carries
  double c_np_due = 0.0;       ///< max(0, c_tot - c*), averaged over its facets
  double c_np = 0.0;           ///< realised in the whole painted field, population only
  int particles_in_view = 0;
  double atoms_in_view = 0.0;     ///< in all particles, large and scripted ones included
  double support_area_nm2 = 0.0;  ///< in view, where a particle's centre may lie; the sites are counted on it
  double oxide_area_nm2 = 0.0;    ///< in view, all that is not vacuum
  double c_np_in_view = 0.0;      ///< atoms_in_view per site of support_area_nm2
  std::optional<double> diameter_mean_nm, diameter_sd_nm;  ///< of the particles in view
};

struct Truth {
  std::vector<std::string> regions;
  std::vector<Drift> drift;      ///< per region, one entry per frame of the region
  std::vector<TruthStep> steps;  ///< step by step, region by region within a step
  std::vector<TruthEvent> events;
};

}  // namespace sinterscope
