// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/temperature_programme.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "sinterscope/core/error.h"
#include "sinterscope/core/median.h"

namespace sinterscope {
namespace {

constexpr double narrowest_band_K = 2.0;
constexpr double widest_band_K = 10.0;
constexpr double steady_over_s = 60.0;  // a hold drifts by less than half its band in this time
constexpr double longest_gap_s = 60.0;  // without a row, unless the rows around it agree
constexpr double shortest_hold_s = 10.0;
constexpr double set_point_spacing_s = 10.0;

// Set temperatures where every row has one, else the measured ones.
std::vector<double> followed_temperatures(const std::vector<LogEntry>& entries) {
  const bool set = std::all_of(entries.begin(), entries.end(),
                               [](const LogEntry& entry) { return entry.set_temperature_K.has_value(); });
  std::vector<double> result;
  for (const LogEntry& entry : entries)
    result.push_back(set ? *entry.set_temperature_K : entry.temperature_K);
  return result;
}

// Standard deviation of the noise from second differences, by their median absolute value.
double noise_K(const std::vector<double>& temperatures) {
  std::vector<double> differences;
  for (std::size_t i = 2; i < temperatures.size(); ++i)
    differences.push_back(std::abs(temperatures[i] - 2.0 * temperatures[i - 1] + temperatures[i - 2]));
  return median_to_sd / std::sqrt(6.0) * median(differences);
}

double median_spacing_s(const std::vector<LogEntry>& entries) {
  std::vector<double> spacings;
  for (std::size_t i = 1; i < entries.size(); ++i)
    spacings.push_back(entries[i].time_s - entries[i - 1].time_s);
  return median(spacings);
}

// Runs of rows that stay within a band, without a trend.
class PlateauSearch {
 public:
  explicit PlateauSearch(const std::vector<LogEntry>& entries)
      : entries_(entries),
        followed_(followed_temperatures(entries)),
        noise_K_(noise_K(followed_)),
        band_K_(std::clamp(4.0 * noise_K_, narrowest_band_K, widest_band_K)),
        shortest_s_(std::min(shortest_hold_s, 0.05 * (entries.back().time_s - entries.front().time_s))),
        sums_{0.0} {
    for (const double temperature : followed_) sums_.push_back(sums_.back() + temperature);
  }

  std::vector<Plateau> find() const {
    const std::vector<std::size_t> ends = run_ends();
    std::vector<Plateau> plateaus;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!is_hold(i, ends[i])) continue;
      const auto [first, last] = trimmed(i, ends[i]);
      std::vector<double> measured;
      for (std::size_t k = first; k <= last; ++k) measured.push_back(entries_[k].temperature_K);
      plateaus.push_back({entries_[first].time_s, entries_[last].time_s, median(measured)});
      i = last;
    }
    return plateaus;
  }

 private:
  // For every row the last one up to which all stay within the band: a window with its extremes.
  std::vector<std::size_t> run_ends() const {
    std::vector<std::size_t> ends(followed_.size());
    std::deque<std::size_t> high;
    std::deque<std::size_t> low;
    std::size_t next = 0;
    for (std::size_t first = 0; first < followed_.size(); ++first) {
      while (!high.empty() && high.front() < first) high.pop_front();
      while (!low.empty() && low.front() < first) low.pop_front();
      next = std::max(next, first);
      for (; next < followed_.size() && joins(first, next, high, low); ++next) {
        while (!high.empty() && followed_[high.back()] <= followed_[next]) high.pop_back();
        while (!low.empty() && followed_[low.back()] >= followed_[next]) low.pop_back();
        high.push_back(next);
        low.push_back(next);
      }
      ends[first] = next - 1;
    }
    return ends;
  }

  bool joins(std::size_t first, std::size_t next, const std::deque<std::size_t>& high,
             const std::deque<std::size_t>& low) const {
    if (next == first) return true;
    const double top = std::max(followed_[high.front()], followed_[next]);
    const double bottom = std::min(followed_[low.front()], followed_[next]);
    return top - bottom <= 2.0 * band_K_;
  }

  double mean(std::size_t first, std::size_t count) const {
    return (sums_[first + count] - sums_[first]) / static_cast<double>(count);
  }

  bool is_hold(std::size_t first, std::size_t last) const {
    const std::size_t third = (last - first + 1 + 2) / 3;
    const double duration_s = entries_[last].time_s - entries_[first].time_s;
    if (last == first || duration_s < shortest_s_) return false;
    const double drift_K = std::abs(mean(first, third) - mean(last + 1 - third, third));
    const double by_chance_K = 4.0 * noise_K_ * std::sqrt(2.0 / static_cast<double>(third));
    return drift_K <= 0.5 * band_K_ * std::min(1.0, duration_s / steady_over_s) + by_chance_K;
  }

  // Without the rows at both ends that still belong to the ramps.
  std::pair<std::size_t, std::size_t> trimmed(std::size_t first, std::size_t last) const {
    std::vector<double> within(followed_.begin() + static_cast<std::ptrdiff_t>(first),
                               followed_.begin() + static_cast<std::ptrdiff_t>(last) + 1);
    const double middle = median(within);
    while (first < last && std::abs(followed_[first] - middle) > band_K_) ++first;
    while (first < last && std::abs(followed_[last] - middle) > band_K_) --last;
    return {first, last};
  }

  const std::vector<LogEntry>& entries_;
  std::vector<double> followed_;
  double noise_K_;
  double band_K_;
  double shortest_s_;
  std::vector<double> sums_;
};

std::vector<Plateau> set_points(const std::vector<LogEntry>& entries) {
  std::vector<Plateau> plateaus;
  for (std::size_t i = 0; i < entries.size(); ++i)
    plateaus.push_back({entries[i].time_s,
                        i + 1 < entries.size() ? std::nextafter(entries[i + 1].time_s, 0.0)
                                               : std::numeric_limits<double>::infinity(),
                        entries[i].temperature_K});
  return plateaus;
}

}  // namespace

TemperatureProgramme::TemperatureProgramme(ExperimentLog log, double offset_s, double settle_s)
    : log_(std::move(log)), shift_s_(log_.start_s + offset_s), settle_s_(settle_s) {
  if (log_.entries.empty()) throw Error("the temperature log holds no entry");
  const double spacing_s = median_spacing_s(log_.entries);
  plateaus_ = PlateauSearch(log_.entries).find();
  if (plateaus_.empty() && (log_.entries.size() == 1 || spacing_s >= set_point_spacing_s)) {
    log_.warnings.emplace_back(
        "no two neighbouring rows agree: read as set points, each held until the next row");
    plateaus_ = set_points(log_.entries);
  } else if (!plateaus_.empty()) {  // the log goes on for one more row at both ends
    if (plateaus_.front().start_s == log_.entries.front().time_s) plateaus_.front().start_s -= spacing_s;
    if (plateaus_.back().end_s == log_.entries.back().time_s) plateaus_.back().end_s += spacing_s;
  }
  for (Plateau& plateau : plateaus_) {
    plateau.start_s += shift_s_;
    plateau.end_s += shift_s_;
  }
}

std::optional<std::size_t> TemperatureProgramme::plateau_at(double time_s) const {
  constexpr double rounding_s = 1e-6;
  for (std::size_t i = 0; i < plateaus_.size(); ++i)
    if (time_s >= plateaus_[i].start_s + settle_s_ - rounding_s && time_s <= plateaus_[i].end_s + rounding_s)
      return i;
  return std::nullopt;
}

std::optional<double> TemperatureProgramme::temperature_K_at(double time_s) const {
  if (const auto found = log_.temperature_K_at(time_s - shift_s_, longest_gap_s)) return found;
  const auto plateau = plateau_at(time_s);
  return plateau ? std::optional(plateaus_[*plateau].temperature_K) : std::nullopt;
}

}  // namespace sinterscope
