// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/join_temperatures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "sinterscope/core/units.h"
#include "sinterscope/pipeline/temperature_programme.h"

namespace sinterscope {
namespace {

// The frames of one entry on the clock of the pipeline file.
struct FrameTimes {
  double start_s = 0.0;
  double interval_s = 1.0;
  std::vector<double> recorded_s;  // since the first; empty = evenly spaced
  std::size_t frames = 0;

  double at(std::size_t i) const {
    return start_s + (i < recorded_s.size() ? recorded_s[i] : static_cast<double>(i) * interval_s);
  }
  double end_s() const { return at(frames - 1) + interval_s; }
};

FrameTimes times_of(const FrameEntry& entry, const SourceDescription& description, double follows_s) {
  FrameTimes times;
  times.frames = description.frames;
  times.start_s = entry.start_s.value_or(follows_s);
  times.interval_s = entry.frame_interval_s.value_or(description.frame_interval_s.value_or(1.0));
  // Clocks of whole seconds may give two frames one time: then the even spacing is the better one.
  const std::vector<double>& recorded = description.times_s;
  const bool rising =
      std::adjacent_find(recorded.begin(), recorded.end(), std::greater_equal<>()) == recorded.end();
  if (!entry.frame_interval_s && rising) times.recorded_s = recorded;
  return times;
}

// Frames [first, last) of an entry as one stretch at one temperature, or at none.
ThermalEntry stretch(const std::string& region, const FrameTimes& times, std::size_t first, std::size_t last,
                     const std::optional<double>& temperature_K) {
  ThermalEntry thermal;
  thermal.region = region;
  thermal.frames = static_cast<int>(last - first);
  thermal.start_s = times.at(first);
  const double end_s = last < times.frames ? times.at(last) : times.end_s();
  thermal.frame_interval_s = (end_s - thermal.start_s) / static_cast<double>(last - first);
  if (times.recorded_s.empty()) thermal.frame_interval_s = times.interval_s;
  thermal.temperature_K = temperature_K;
  return thermal;
}

class Joiner {
 public:
  Joiner(const PipelineConfig& config, std::vector<std::string>& warnings)
      : config_(config), warnings_(warnings) {}

  void add(const FrameEntry& entry, const EntryFrames& frames) {
    const FrameTimes times = times_of(entry, *frames.description, end_s_[entry.region]);
    end_s_[entry.region] = times.end_s();
    const TemperatureProgramme* programme =
        entry.temperature_log.empty() ? nullptr : &programme_of(entry.temperature_log);
    if (entry.temperature_c || programme == nullptr) {
      const auto given_K =
          entry.temperature_c ? std::optional(kelvin_from_celsius(*entry.temperature_c)) : std::nullopt;
      if (given_K && programme != nullptr) compare(*given_K, *programme, times, frames.label, entry);
      thermal_.push_back(stretch(entry.region, times, 0, times.frames, given_K));
      for (std::size_t i = 0; i < times.frames; ++i) note_frame(times.at(i), given_K);
    } else {
      add_by_log(entry, times, *programme, frames.label);
    }
  }

  ThermalHistory history() const {
    ThermalHistory result = make_thermal_history(thermal_);
    for (std::size_t i = 0; i < result.frames.size(); ++i) {
      result.frames[i].time_s = times_s_[i];
      result.frames[i].temperature_K = temperatures_K_[i];
    }
    return result;
  }

 private:
  void note_frame(double time_s, const std::optional<double>& temperature_K) {
    times_s_.push_back(time_s);
    temperatures_K_.push_back(temperature_K);
  }

  const TemperatureProgramme& programme_of(const std::filesystem::path& path) {
    const auto known = programmes_.find(path);
    if (known != programmes_.end()) return known->second;
    const TemperatureProgramme& programme =
        programmes_
            .emplace(path, TemperatureProgramme(read_experiment_log(path), config_.temperature_log_offset_s,
                                                config_.temperature_log_settle_s))
            .first->second;
    for (const std::string& warning : programme.warnings())
      warnings_.push_back(fmt::format("temperature_log {}: {}", path.filename().string(), warning));
    return programme;
  }

  void compare(double given_K, const TemperatureProgramme& programme, const FrameTimes& times,
               const std::string& label, const FrameEntry& entry) {
    constexpr double tolerance_K = 5.0;
    const auto logged_K = programme.temperature_K_at(0.5 * (times.start_s + times.end_s()));
    if (logged_K && std::abs(*logged_K - given_K) > tolerance_K)
      warnings_.push_back(fmt::format("{}: temperature_c is {:.6g} C, {} says {:.6g} C: the entry's wins",
                                      label, celsius_from_kelvin(given_K),
                                      entry.temperature_log.filename().string(),
                                      celsius_from_kelvin(*logged_K)));
  }

  // Frames in the same hold of the log become one stretch; those between holds have no temperature to fit.
  void add_by_log(const FrameEntry& entry, const FrameTimes& times, const TemperatureProgramme& programme,
                  const std::string& label) {
    std::size_t between = 0;
    for (std::size_t first = 0; first < times.frames;) {
      const auto plateau = programme.plateau_at(times.at(first));
      std::size_t last = first + 1;
      while (last < times.frames && programme.plateau_at(times.at(last)) == plateau) ++last;
      const auto hold_K =
          plateau ? std::optional(programme.plateaus()[*plateau].temperature_K) : std::nullopt;
      thermal_.push_back(stretch(entry.region, times, first, last, hold_K));
      for (std::size_t i = first; i < last; ++i)
        note_frame(times.at(i), plateau ? hold_K : programme.temperature_K_at(times.at(i)));
      if (!plateau) between += last - first;
      first = last;
    }
    if (between > 0)
      warnings_.push_back(fmt::format(
          "{}: {} of {} frames ({:.6g} to {:.6g} s) lie in no hold of {} (ramp, settling, gap or outside its "
          "{:.6g} to {:.6g} s): they are measured, not fitted{}",
          label, between, times.frames, times.at(0), times.at(times.frames - 1),
          entry.temperature_log.filename().string(), programme.start_s(), programme.end_s(),
          between == times.frames ? "; set start_s or temperature_log_offset_s where the clocks differ"
                                  : ""));
  }

  const PipelineConfig& config_;
  std::vector<std::string>& warnings_;
  std::map<std::filesystem::path, TemperatureProgramme> programmes_;
  std::map<std::string, double> end_s_;
  std::vector<ThermalEntry> thermal_;
  std::vector<double> times_s_;
  std::vector<std::optional<double>> temperatures_K_;
};

}  // namespace

ThermalHistory join_times_and_temperatures(const PipelineConfig& config,
                                           const std::vector<EntryFrames>& entries,
                                           std::vector<std::string>& warnings) {
  Joiner joiner(config, warnings);
  for (std::size_t i = 0; i < entries.size(); ++i) joiner.add(config.frames[i], entries[i]);
  return joiner.history();
}

}  // namespace sinterscope
