// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/averages.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

double largest_energy_eV(const KmcSample& sample, const LatticeEnergies& energies) {
  return -(energies.pair_eV * static_cast<double>(sample.largest_count.bonds) +
           energies.stack_eV * static_cast<double>(sample.largest_count.stacked));
}

/// Mean over the time between the first sample and the end of something whose integral is known; the error
/// comes from the intervals between samples.
template <typename IntegralOf>
SeriesMean mean_of_integral(std::span<const KmcSample> samples, const KmcSample& end,
                            IntegralOf&& integral_of, double value_now) {
  const double duration = end.time - samples.front().time;
  if (!(duration > 0.0)) {
    SeriesMean instant;
    instant.mean = value_now;
    return instant;
  }
  std::vector<double> intervals;
  for (std::size_t i = 0; i + 1 < samples.size(); ++i) {
    const double length = samples[i + 1].time - samples[i].time;
    const double rise = integral_of(samples[i + 1].integrals) - integral_of(samples[i].integrals);
    if (length > 0.0) intervals.push_back(rise / length);
  }
  const double mean = (integral_of(end.integrals) - integral_of(samples.front().integrals)) / duration;
  if (intervals.empty()) intervals.push_back(mean);
  SeriesMean result = mean_of_series(intervals);
  result.mean = mean;  // with the last, shorter interval
  return result;
}

template <typename ValueOf>
std::vector<double> series_of(std::span<const KmcSample> samples, ValueOf&& value_of) {
  std::vector<double> series;
  series.reserve(samples.size());
  for (const KmcSample& sample : samples) series.push_back(value_of(sample));
  return series;
}

struct Slope {
  double value = 0.0;
  bool known = false;
};

/// Slope of the largest cluster's energy over its atoms by least squares, leaving out samples [skip_from,
/// skip_to).
Slope energy_slope(std::span<const KmcSample> samples, const LatticeEnergies& energies, std::size_t skip_from,
                   std::size_t skip_to) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  const auto origin = static_cast<double>(samples.front().largest_atoms);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i >= skip_from && i < skip_to) continue;
    const double x = static_cast<double>(samples[i].largest_atoms) - origin;
    const double y = largest_energy_eV(samples[i], energies);
    n += 1, sx += x, sy += y, sxx += x * x, sxy += x * y;
  }
  const double spread = n * sxx - sx * sx;
  return spread > 0.0 ? Slope{(n * sxy - sx * sy) / spread, true} : Slope{};
}

/// The slope with its error by leaving out one of sixteen blocks at a time (jackknife over correlated
/// samples).
void measure_marginal(HoldAverages& averages, std::span<const KmcSample> samples,
                      const LatticeEnergies& energies) {
  constexpr std::size_t blocks = 16;
  const Slope whole = energy_slope(samples, energies, 0, 0);
  if (!whole.known || samples.size() < 4 * blocks) return;
  double sum = 0.0, squares = 0.0;
  for (std::size_t b = 0; b < blocks; ++b) {
    const Slope part =
        energy_slope(samples, energies, samples.size() * b / blocks, samples.size() * (b + 1) / blocks);
    if (!part.known) return;  // all that is known of the slope happened in one block
    sum += part.value, squares += part.value * part.value;
  }
  const double mean = sum / blocks;
  averages.dh_marginal_eV = whole.value;
  averages.dh_marginal_se_eV = std::sqrt(std::max(squares / blocks - mean * mean, 0.0) * (blocks - 1));
}

/// Whether the two halves of a series agree within three standard errors.
bool halves_agree(std::span<const double> series) {
  if (series.size() < 4) return false;
  const SeriesMean a = mean_of_series(series.first(series.size() / 2));
  const SeriesMean b = mean_of_series(series.subspan(series.size() / 2));
  return std::abs(a.mean - b.mean) <= 3.0 * std::hypot(a.standard_error, b.standard_error);
}

void measure_particle(HoldAverages& averages, std::span<const KmcSample> samples,
                      const LatticeEnergies& energies, std::int64_t atoms, std::int64_t sites) {
  if (averages.largest_atoms.mean < 0.5 * static_cast<double>(atoms)) return;
  averages.dh_largest_eV = mean_of_series(series_of(samples, [&](const KmcSample& s) {
    return largest_energy_eV(s, energies) / static_cast<double>(s.largest_atoms);
  }));
  measure_marginal(averages, samples, energies);
  double columns = 0.0;
  for (const KmcSample& sample : samples) columns += static_cast<double>(sample.largest_columns);
  columns /= static_cast<double>(samples.size());
  const double c = averages.monomers.mean / (static_cast<double>(sites) - columns);
  if (c > 0.0 && c < 1.0)
    averages.entropy_k = std::log((1.0 - c) / c) +
                         averages.dh_largest_eV->mean / (boltzmann_eV_per_K * averages.temperature_K);
}

}  // namespace

double step_fraction(const TemperatureStep& step, const StepRecord& record, double time,
                     std::uint64_t events) {
  double fraction = 0.0;
  if (step.events > 0.0) fraction = static_cast<double>(events - record.start_events) / step.events;
  if (step.duration > 0.0) fraction = std::max(fraction, (time - record.start_time) / step.duration);
  return std::min(fraction, 1.0);
}

HoldAverages average_hold(const TemperatureStep& step, const StepRecord& record,
                          std::span<const KmcSample> samples, const LatticeEnergies& energies,
                          std::int64_t atoms, std::int64_t sites, double burn_in) {
  if (samples.empty()) throw Error("a hold without samples cannot be averaged: lengthen it");
  const auto first = std::find_if(samples.begin(), samples.end(), [&](const KmcSample& s) {
    return step_fraction(step, record, s.time, s.events) >= burn_in;
  });
  const auto skipped =
      std::min<std::size_t>(static_cast<std::size_t>(first - samples.begin()), samples.size() - 1);
  const std::span<const KmcSample> measured = samples.subspan(skipped);
  const KmcSample& end = record.end;

  HoldAverages averages;
  averages.step = static_cast<int>(end.step);
  averages.temperature_K = step.to_K;
  averages.from_time = measured.front().time;
  averages.to_time = end.time;
  averages.events = end.events - record.start_events;
  averages.frozen = record.frozen;
  averages.monomers = mean_of_integral(
      measured, end, [](const TimeIntegrals& i) { return i.monomers; }, static_cast<double>(end.monomers));
  averages.bonds = mean_of_integral(
      measured, end, [](const TimeIntegrals& i) { return i.bonds; }, static_cast<double>(end.count.bonds));
  averages.stacked = mean_of_integral(
      measured, end, [](const TimeIntegrals& i) { return i.stacked; },
      static_cast<double>(end.count.stacked));
  const auto energy = [&](double bonds, double stacked) {
    return -(energies.pair_eV * bonds + energies.stack_eV * stacked) / static_cast<double>(atoms);
  };
  averages.energy_eV = mean_of_integral(
      measured, end, [&](const TimeIntegrals& i) { return energy(i.bonds, i.stacked); },
      energy(static_cast<double>(end.count.bonds), static_cast<double>(end.count.stacked)));
  averages.c_ad = averages.monomers.mean / static_cast<double>(sites);
  averages.c_ad_se = averages.monomers.standard_error / static_cast<double>(sites);

  const auto largest_of = [](const KmcSample& s) { return static_cast<double>(s.largest_atoms); };
  const auto energy_of = [&](const KmcSample& s) {
    return energy(static_cast<double>(s.count.bonds), static_cast<double>(s.count.stacked));
  };
  averages.largest_atoms = mean_of_series(series_of(measured, largest_of));
  averages.clusters =
      mean_of_series(series_of(measured, [](const KmcSample& s) { return static_cast<double>(s.clusters); }));
  measure_particle(averages, measured, energies, atoms, sites);

  const std::size_t settled =
      std::max(settled_from(series_of(samples, largest_of)), settled_from(series_of(samples, energy_of)));
  averages.settled_time = samples[settled].time;
  averages.settled =
      halves_agree(series_of(measured, largest_of)) && halves_agree(series_of(measured, energy_of));
  const double spacing = samples.size() > 1 ? samples[1].time - samples[0].time : 0.0;
  averages.correlation_time =
      spacing * std::max(averages.largest_atoms.correlation_samples, averages.energy_eV.correlation_samples);
  averages.cluster_counts = record.cluster_time;
  if (record.size_time > 0.0)
    for (double& count : averages.cluster_counts) count /= record.size_time;
  return averages;
}

}  // namespace sinterscope
