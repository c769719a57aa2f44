// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/phase_diagram.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

/// The i-th of n equally spaced values.
double spaced(double from, double to, int i, int n) {
  return n > 1 ? from + (to - from) * i / (n - 1) : from;
}

KmcRun grid_run(const KmcOptions& lattice, const PhaseOptions& options, int enthalpy, int temperature) {
  KmcRun run;
  run.options = lattice;
  run.options.pair_energy_eV.reset();
  run.options.dh_eV = spaced(options.from_dh_eV, options.to_dh_eV, enthalpy, options.enthalpies);
  run.options.snapshots = 1;
  const double temperature_K = spaced(options.from_K, options.to_K, temperature, options.temperatures);
  run.program = {{temperature_K, temperature_K, options.events, 0.0}};
  return run;
}

SeriesMean scaled(SeriesMean mean, double factor) {
  mean.mean *= factor;
  mean.standard_error *= factor;
  return mean;
}

PhasePoint point_of(std::span<const HoldAverages> holds, int atoms) {
  const double share = 1.0 / static_cast<double>(atoms);
  std::vector<SeriesMean> largest, monomers;
  PhasePoint point;
  for (const HoldAverages& hold : holds) {
    largest.push_back(scaled(hold.largest_atoms, share));
    monomers.push_back(scaled(hold.monomers, share));
    point.c_ad += hold.c_ad / static_cast<double>(holds.size());
    point.settled = point.settled && hold.settled;
  }
  point.particle_fraction = mean_of_runs(largest);
  point.monomer_fraction = mean_of_runs(monomers);
  return point;
}

/// The last fall of the particle fraction through one half, with rising temperature, by linear interpolation.
PhaseTransition transition_of(std::span<const PhasePoint> row) {
  PhaseTransition transition;
  transition.dh_eV = row.front().dh_eV;
  for (std::size_t i = 0; i + 1 < row.size(); ++i) {
    const SeriesMean &cold = row[i].particle_fraction, &hot = row[i + 1].particle_fraction;
    if (cold.mean < 0.5 || hot.mean >= 0.5) continue;
    const double drop = cold.mean - hot.mean, width_K = row[i + 1].temperature_K - row[i].temperature_K;
    const double part = (cold.mean - 0.5) / drop;
    transition.temperature_K = row[i].temperature_K + part * width_K;
    transition.standard_error_K =
        width_K / drop * std::hypot((1.0 - part) * cold.standard_error, part * hot.standard_error);
  }
  return transition;
}

/// All runs: enthalpy by enthalpy, temperature by temperature, copy by copy.
std::vector<KmcRun> grid_of(const KmcOptions& lattice, const PhaseOptions& options) {
  validate(lattice, options);
  std::vector<KmcRun> runs;
  for (int e = 0; e < options.enthalpies; ++e)
    for (int t = 0; t < options.temperatures; ++t)
      runs.insert(runs.end(), static_cast<std::size_t>(options.runs), grid_run(lattice, options, e, t));
  return runs;
}

}  // namespace

void validate(const KmcOptions& lattice, const PhaseOptions& options) {
  validate(options);
  if (!(options.from_K < options.to_K))
    throw usage_error(
        fmt::format("option 'from_k' is {} K: must be below 'to_k', {} K", options.from_K, options.to_K));
  validate(grid_run(lattice, options, 0, 0));
}

PhaseDiagram map_phases(const KmcOptions& lattice, const PhaseOptions& options, const Rng& rng, int threads,
                        Progress& progress, const CheckpointStore* store) {
  const std::vector<KmcRun> runs = grid_of(lattice, options);
  const auto temperatures = static_cast<std::size_t>(options.temperatures);
  const auto enthalpies = static_cast<std::size_t>(options.enthalpies),
             copies = static_cast<std::size_t>(options.runs);
  // Only the averages of a run are kept: its samples would fill the memory of a large grid.
  std::vector<HoldAverages> holds(runs.size());
  run_ensemble(
      runs, rng, threads, progress,
      [&holds](std::size_t i, const KmcResult& result) { holds[i] = result.holds.front(); }, store);

  PhaseDiagram diagram;
  for (std::size_t p = 0; p < enthalpies * temperatures; ++p) {
    const KmcRun& run = runs[p * copies];
    PhasePoint point = point_of(std::span(holds).subspan(p * copies, copies), lattice.atoms);
    point.temperature_K = run.program[0].to_K;
    point.dh_eV = run.options.dh_eV;
    point.pair_energy_eV = lattice_energies(run.options, lattice.atoms).pair_eV;
    diagram.points.push_back(point);
  }
  for (std::size_t e = 0; e < enthalpies; ++e)
    diagram.transitions.push_back(
        transition_of(std::span(diagram.points).subspan(e * temperatures, temperatures)));
  return diagram;
}

}  // namespace sinterscope
