// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One clock for frames and temperature: when every frame of the pipeline file was taken, and at which
// temperature.
//
// Times: start_s of the entry (else the end of the one before it in its region) plus the recorded time of the
// frame, where its file carries one, or its number times the interval: frame_interval_s of the entry, else
// the file's, else 1 s. Temperatures: temperature_c of the entry; without one, the temperature_log, read on
// the same clock plus temperature_log_offset_s and cut into holds (temperature_programme.h).

#include <string>
#include <vector>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/experiment/thermal_history.h"
#include "sinterscope/pipeline/config.h"

namespace sinterscope {

struct EntryFrames {
  std::string label;  ///< "frames[3] (03_200C.tif)"
  const SourceDescription* description = nullptr;
};

/// One EntryFrames an entry of config.frames. Appends to `warnings` what could not be joined, and where an
/// entry's temperature_c differs from the log by more than 5 K (the entry wins). Throws Error where a log
/// cannot be read or entries overlap in time.
ThermalHistory join_times_and_temperatures(const PipelineConfig& config,
                                           const std::vector<EntryFrames>& entries,
                                           std::vector<std::string>& warnings);

}  // namespace sinterscope
