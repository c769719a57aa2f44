// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One particle followed through the frames of one region, and what happened to it.

#include <optional>
#include <string>
#include <vector>

namespace sinterscope {

struct Track {
  int track = 0;  ///< number, unique over the experiment
  int region = 0;
  std::vector<std::size_t> particles;  ///< indices into the list of particles, in time order
  int first_frame = 0;                 ///< global frame numbers
  int last_frame = 0;
  double x_specimen_px = 0.0;  ///< mean position, weighted by its errors
  double y_specimen_px = 0.0;
  double diameter_px = 0.0;     ///< weighted mean over its frames
  double diameter_se_px = 0.0;  ///< its standard error
  int previous_at_site =
      -1;  ///< the track that stood at this place before, in an earlier hold; -1 = new site
  double same_site_chance = 1.0;  ///< probability of such a coincidence by chance
};

enum class EventKind { appeared, redispersed, coalesced, ripened, grew, split, left_field, below_limit };

/// The word of INTERFACE.md: "appeared", "redispersed", ...
std::string to_text(EventKind kind);

struct Event {
  EventKind kind = EventKind::appeared;
  double probability = 0.0;
  int track = 0;
  int region = 0;
  int frame = 0;  ///< global frame number at which it is first seen
  int hold = 0;   ///< hold of that frame
  double time_s = 0.0;
  std::optional<double> temperature_K;
  double x_specimen_px = 0.0;
  double y_specimen_px = 0.0;
  double diameter_px = 0.0;
  std::vector<int> partners;  ///< other tracks that take part
};

}  // namespace sinterscope
