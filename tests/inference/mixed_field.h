// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A made-up field of view with dense metal in a few large particles and thin metal in many small ones.

#include <opencv2/core.hpp>
#include <vector>

#include "inference/simulated_holds.h"
#include "sinterscope/experiment/support_area.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/experiment/track.h"
#include "sinterscope/inference/locality.h"

namespace sinterscope::simulated {

inline constexpr double pixel_nm = 0.5;
inline constexpr int side_px = 400;  // 200 nm
inline constexpr int large_count = 4, small_count = 18;

/// A field with four large particles on its left and a grid of small ones on its right: 200, 500, 200 C. What
/// the holds show is added by hand.
struct MixedField {
  ThermalHistory history = make_thermal_history(
      {{"1", 1, 0.0, 1.0, 473.15}, {"1", 1, 100.0, 1.0, 773.15}, {"1", 1, 200.0, 1.0, 473.15}});
  Sample sample = pdo_on_ceria();
  std::vector<SupportArea> supports{
      {cv::Mat1b(side_px, side_px, static_cast<unsigned char>(255)), side_px* side_px, 0.0}};
  std::vector<Track> tracks;
  std::vector<HoldInventory> inventories;

  MixedField() {
    for (int h = 0; h < 3; ++h) {
      inventories.push_back(empty_hold(4e4));
      inventories.back().hold = h;
      inventories.back().temperature_K = h == 1 ? 773.15 : 473.15;
      inventories.back().limit.false_density_nm2 = 0.0;
    }
  }
  void add(std::size_t hold, double x_nm, double y_nm, double diameter_nm) {
    Track track;
    track.track = static_cast<int>(tracks.size());
    track.first_frame = track.last_frame = static_cast<int>(hold);
    tracks.push_back(track);
    inventories[hold].particles.push_back({diameter_nm, 0.05, track.track, x_nm, y_nm});
  }
  void add_large(std::size_t hold) {
    for (int i = 0; i < large_count; ++i) add(hold, 40.0, 25.0 + 50.0 * i, 8.0 + 0.1 * i);
  }
  void add_small(std::size_t hold, double shift_nm = 0.0) {
    for (int i = 0; i < small_count; ++i)
      add(hold, 116.0 + 33.0 * (i % 3) + shift_nm, 16.0 + 33.0 * (i / 3) - shift_nm, 2.05 + 0.005 * i);
  }
  Locality locality() const {
    LocalityOptions options;
    options.replicates = 19;
    return find_locality(inventories, tracks, history, sample, supports, {}, pixel_nm, options, Rng(1));
  }
};

/// The published picture: the large stay at 500 C, the small vanish and come back.
inline MixedField large_stay_small_return() {
  MixedField field;
  for (const std::size_t hold : {0U, 1U, 2U}) field.add_large(hold);
  field.add_small(0);
  field.add_small(2, 4.0);  // other tracks, other places within the neighbourhoods
  return field;
}

}  // namespace sinterscope::simulated
