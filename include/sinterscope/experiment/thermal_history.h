// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What was done to the sample, frame by frame: temperature, time and field of view.
//
// A hold is a run of consecutive entries of one region at one temperature. A hold without temperature is
// measured and not fitted. A frame in which nothing is seen belongs to its hold like any other.

#include <optional>
#include <string>
#include <vector>

namespace sinterscope {

/// One frame of the experiment, in the order of the pipeline file.
struct FrameRecord {
  int frame = 0;         ///< counts from 0 over all entries
  int region = 0;        ///< index into ThermalHistory::regions
  int hold = 0;          ///< counts from 0 within its region
  int region_frame = 0;  ///< counts from 0 within its region
  double time_s = 0.0;
  std::optional<double> temperature_K;
};

struct Hold {
  int hold = 0;    ///< counts from 0 within its region
  int region = 0;  ///< index into ThermalHistory::regions
  std::optional<double> temperature_K;
  double start_s = 0.0;
  double end_s = 0.0;
  std::vector<int> frames;  ///< global frame numbers, in time order
};

struct ThermalHistory {
  std::vector<std::string> regions;
  std::vector<FrameRecord> frames;
  std::vector<Hold> holds;  ///< sorted by region, then time

  const Hold& hold_of(int frame) const;
  /// Global frame numbers of one region, in time order.
  std::vector<int> frames_of_region(int region) const;
  std::vector<const Hold*> holds_of_region(int region) const;
};

/// One entry of the experiment: some frames of one region at one temperature.
struct ThermalEntry {
  std::string region = "1";
  int frames = 0;
  double start_s = 0.0;
  double frame_interval_s = 1.0;
  std::optional<double> temperature_K;
};

/// Joins consecutive entries of one region whose temperatures agree within tolerance_K into holds.
/// Throws Error for an entry without frames, a frame interval that is not positive, a temperature at or below
/// 0 K, or an entry that starts before the end of the entry before it in its region.
ThermalHistory make_thermal_history(const std::vector<ThermalEntry>& entries, double tolerance_K = 0.5);

}  // namespace sinterscope
