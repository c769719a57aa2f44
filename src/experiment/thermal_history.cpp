// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/experiment/thermal_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

void check_entry(const ThermalEntry& entry, std::size_t index) {
  if (entry.frames <= 0) throw Error(fmt::format("frames[{}] holds no frames", index));
  if (!(entry.frame_interval_s > 0.0))
    throw Error(
        fmt::format("frames[{}].frame_interval_s is {}: must be positive", index, entry.frame_interval_s));
  if (entry.temperature_K && !(*entry.temperature_K > 0.0 && std::isfinite(*entry.temperature_K)))
    throw Error(fmt::format("frames[{}] has a temperature of {} K: must lie above absolute zero", index,
                            *entry.temperature_K));
}

bool same_temperature(const std::optional<double>& a, const std::optional<double>& b, double tolerance_K) {
  if (a.has_value() != b.has_value()) return false;
  return !a || std::abs(*a - *b) <= tolerance_K;
}

}  // namespace

const Hold& ThermalHistory::hold_of(int frame) const {
  const FrameRecord& record = frames.at(static_cast<std::size_t>(frame));
  for (const Hold& hold : holds)
    if (hold.region == record.region && hold.hold == record.hold) return hold;
  throw Error(fmt::format("frame {} belongs to no hold", frame));
}

std::vector<int> ThermalHistory::frames_of_region(int region) const {
  std::vector<int> result;
  for (const FrameRecord& record : frames)
    if (record.region == region) result.push_back(record.frame);
  return result;
}

std::vector<const Hold*> ThermalHistory::holds_of_region(int region) const {
  std::vector<const Hold*> result;
  for (const Hold& hold : holds)
    if (hold.region == region) result.push_back(&hold);
  return result;
}

ThermalHistory make_thermal_history(const std::vector<ThermalEntry>& entries, double tolerance_K) {
  ThermalHistory history;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const ThermalEntry& entry = entries[i];
    check_entry(entry, i);
    const auto known = std::find(history.regions.begin(), history.regions.end(), entry.region);
    const int region = static_cast<int>(known - history.regions.begin());
    if (known == history.regions.end()) history.regions.push_back(entry.region);

    Hold* last = nullptr;
    int region_frames = 0;
    for (Hold& hold : history.holds)
      if (hold.region == region) {
        last = &hold;
        region_frames += static_cast<int>(hold.frames.size());
      }
    if (last && entry.start_s < last->end_s - 1e-9 * std::abs(last->end_s))
      throw Error(
          fmt::format("frames[{}].start_s is {} s, before the entry ahead of it in region '{}' ends ({} s): "
                      "entries must stand in time order",
                      i, entry.start_s, entry.region, last->end_s));
    if (!last || !same_temperature(last->temperature_K, entry.temperature_K, tolerance_K)) {
      history.holds.push_back(
          {last ? last->hold + 1 : 0, region, entry.temperature_K, entry.start_s, entry.start_s, {}});
      last = &history.holds.back();
    }
    for (int k = 0; k < entry.frames; ++k) {
      const int frame = static_cast<int>(history.frames.size());
      const double time_s = entry.start_s + k * entry.frame_interval_s;
      history.frames.push_back({frame, region, last->hold, region_frames + k, time_s, entry.temperature_K});
      last->frames.push_back(frame);
    }
    last->end_s = entry.start_s + entry.frames * entry.frame_interval_s;
  }
  std::stable_sort(history.holds.begin(), history.holds.end(),
                   [](const Hold& a, const Hold& b) { return a.region < b.region; });
  return history;
}

}  // namespace sinterscope
