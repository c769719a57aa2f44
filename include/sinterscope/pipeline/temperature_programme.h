// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From the log of a heating holder to holds: which stretches of time lay at one temperature, and at which.
//
// A hold is a stretch in which the logged temperature (the set one where the log carries it) stays within a
// band of +-2 K, or +-4 standard deviations of its noise (10 K at most) where that is wider, without a trend:
// from its first to its last third it drifts by less than half the band, or less than half the band a minute
// where it is shorter, beyond what the noise explains. It must last 10 s, or a twentieth of a log shorter
// than 200 s. Everything between is a ramp. The noise is taken from second differences, which a steady ramp
// does not touch. The temperature of a hold is the median of the measured one.
//
// Frames in a hold are fitted at its temperature; frames in a ramp, in a gap of the log, outside the log or
// within the settling time after a hold begins carry their interpolated temperature, belong to a hold without
// temperature and are measured, not fitted: the inventory of a ramp is that of no single temperature.
//
// A log of rows at least 10 s apart in which no two neighbours agree is a table of set points: each
// temperature holds until the next row, and a warning says so.
//
// Breaks where holds differ by less than the band: they are joined, or refused as a trend.

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sinterscope/io/experiment_log.h"

namespace sinterscope {

struct Plateau {
  double start_s = 0.0;  ///< on the clock of the pipeline file
  double end_s = 0.0;
  double temperature_K = 0.0;
};

class TemperatureProgramme {
 public:
  /// offset_s is added to the log's time; frames within settle_s after the start of a hold are left out of
  /// it.
  TemperatureProgramme(ExperimentLog log, double offset_s, double settle_s);

  const std::vector<Plateau>& plateaus() const { return plateaus_; }
  const std::vector<std::string>& warnings() const { return log_.warnings; }
  double start_s() const { return log_.entries.front().time_s + shift_s_; }
  double end_s() const { return log_.entries.back().time_s + shift_s_; }

  /// The plateau at a time; empty in ramps, gaps, while settling and outside the log.
  std::optional<std::size_t> plateau_at(double time_s) const;
  /// The temperature at a time, ramps included; empty in gaps and outside the log.
  std::optional<double> temperature_K_at(double time_s) const;

 private:
  ExperimentLog log_;
  double shift_s_ = 0.0;
  double settle_s_ = 0.0;
  std::vector<Plateau> plateaus_;
};

}  // namespace sinterscope
