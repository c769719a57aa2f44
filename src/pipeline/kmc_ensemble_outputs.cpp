// SPDX-License-Identifier: GPL-3.0-or-later
// Tables and figures over all runs of a lattice ensemble, and of a phase diagram.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sinterscope/io/output_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/kmc/binodal.h"
#include "sinterscope/kmc/kmc_tables.h"
#include "sinterscope/pipeline/height_maps.h"
#include "sinterscope/pipeline/kmc_outputs.h"
#include "sinterscope/report/lattice_figure.h"
#include "sinterscope/synth/lattice_scene.h"
#include "sinterscope/theory/entropy_model.h"

namespace sinterscope {
namespace {

constexpr const char* minus = "\xE2\x88\x92";

std::string enthalpy_text(double dh_eV) {
  return fmt::format("{}{:.3g} eV", dh_eV < 0.0 ? minus : "", std::abs(dh_eV));
}

/// 4·10^8 for a label.
std::string power_text(std::uint64_t value) {
  const int decade = value > 0 ? static_cast<int>(std::floor(std::log10(static_cast<double>(value)))) : 0;
  if (decade < 4) return fmt::format("{}", value);
  return fmt::format("{:.2g}\xC2\xB7\x31\x30^{{{}}}", static_cast<double>(value) / std::pow(10.0, decade),
                     decade);
}

/// One lattice a series, in its last state, rolled so that the period cuts few clusters; the first ones where
/// there are many.
std::vector<LatticePanel> panels_of(const KmcConfig& config, const std::vector<KmcResult>& results) {
  constexpr std::size_t most_panels = 12;
  std::vector<LatticePanel> panels;
  std::string before;
  for (std::size_t i = 0; i < results.size() && panels.size() < most_panels; ++i) {
    const NamedRun& named = config.runs[i];
    if (named.series == before) continue;
    before = named.series;
    panels.push_back({named.name,
                      fmt::format("{:.0f} K, {}, {} hops", named.run.program.back().to_K,
                                  enthalpy_text(results[i].dh_ground_eV), power_text(results[i].events)),
                      unwrapped(matrix_of(results[i].final_heights))});
  }
  return panels;
}

std::string how(const KmcRun& run) { return run.options.flat ? "flat" : "stacked"; }

/// c* of one enthalpy between two temperatures; `sigma` = 1 is Eq. (4).
Curve solvus(const std::string& label, double dh_eV, double sigma, double low_K, double high_K) {
  constexpr int steps = 60;
  Curve curve{label, {}, {}};
  for (int k = 0; k <= steps; ++k) {
    curve.x.push_back(low_K + (high_K - low_K) * k / steps);
    curve.y.push_back(critical_concentration(dh_eV, curve.x.back(), sigma));
  }
  return curve;
}

/// Ad-atoms beside a particle, of all runs; empty unless they have one enthalpy and two temperatures have a
/// particle.
std::optional<LatticeComparison> coexistence_of(const KmcConfig& config,
                                                const std::vector<KmcResult>& results) {
  LatticeComparison comparison;
  comparison.y_label = "c_{ad} beside a particle (per site)";
  comparison.logarithmic = true;
  std::map<std::string, std::size_t> index;
  std::vector<const KmcResult*> example;  // a run of each series
  double low_K = INFINITY, high_K = 0.0, flat_pair_eV = 0.0;
  for (std::size_t i = 0; i < results.size(); ++i)
    for (const HoldAverages& hold : results[i].holds) {
      if (!hold.dh_largest_eV || !(hold.c_ad > 0.0)) continue;
      if (!example.empty() && std::abs(results[i].dh_ground_eV - example[0]->dh_ground_eV) > 1e-9)
        return std::nullopt;
      const std::string label = fmt::format("{}, N = {}", how(config.runs[i].run), results[i].atoms);
      const auto [place, is_new] = index.emplace(label, comparison.points.size());
      if (is_new) comparison.points.push_back({label, {}, {}}), example.push_back(&results[i]);
      comparison.points[place->second].points.push_back({hold.temperature_K, hold.c_ad, hold.c_ad_se});
      low_K = std::min(low_K, hold.temperature_K);
      high_K = std::max(high_K, hold.temperature_K);
      if (config.runs[i].run.options.flat) flat_pair_eV = results[i].pair_energy_eV;
    }
  if (!(high_K > low_K)) return std::nullopt;
  comparison.lines = {solvus("Eq. (4)", example[0]->dh_ground_eV, entropy_per_atom_kB, low_K, high_K)};
  comparison.model_label = "marginal \xCE\x94h, no entropy";
  for (std::size_t i = 0; i < example.size(); ++i)
    comparison.points[i].model = solvus("", example[i]->dh_marginal_ground_eV, 0.0, low_K, high_K);
  if (flat_pair_eV > 0.0) {
    Curve exact{"flat, without end (exact)", comparison.lines[0].x, {}};
    for (const double kelvin : exact.x)
      exact.y.push_back(lattice_gas_binodal(flat_pair_eV, kelvin).value_or(NAN));
    comparison.lines.push_back(exact);
  }
  return comparison;
}

/// The run after the last of the series that begins with run `first`.
std::size_t end_of_series(const KmcConfig& config, std::size_t first) {
  std::size_t end = first;
  while (end < config.runs.size() && config.runs[end].series == config.runs[first].series) ++end;
  return end;
}

/// One scene a series of repeats, with the first of them where there are many.
FileNames write_series_scenes(const KmcConfig& config, std::span<const FilmedRun> films,
                              const std::filesystem::path& out) {
  constexpr std::size_t most_lattices = 64;
  FileNames files;
  for (std::size_t i = 0, end = 0; i < films.size(); i = end) {
    end = end_of_series(config, i);
    if (end - i < 2) continue;
    const std::string& series = config.runs[i].series;
    files.push_back(series + ".scene.json");
    write_file(out / files.back(),
               scene_of_films(config, series, films.subspan(i, std::min(end - i, most_lattices))));
  }
  return files;
}

/// Means over the repeats of a series.
Table averages_table(const KmcConfig& config, const std::vector<KmcResult>& results) {
  Table table({"series", "step", "temperature_k", "runs", "monomers", "monomers_se", "largest_atoms",
               "largest_atoms_se", "energy_ev", "energy_se_ev"});
  for (std::size_t i = 0, end = 0; i < results.size(); i = end) {
    end = end_of_series(config, i);
    for (std::size_t h = 0; h < results[i].holds.size(); ++h) {
      std::vector<SeriesMean> monomers, largest, energy;
      for (std::size_t k = i; k < end; ++k) {
        monomers.push_back(results[k].holds[h].monomers);
        largest.push_back(results[k].holds[h].largest_atoms);
        energy.push_back(results[k].holds[h].energy_eV);
      }
      const SeriesMean m = mean_of_runs(monomers), l = mean_of_runs(largest), e = mean_of_runs(energy);
      const HoldAverages& hold = results[i].holds[h];
      table.add_row({config.runs[i].series, std::int64_t{hold.step}, hold.temperature_K,
                     static_cast<std::int64_t>(end - i), m.mean, m.standard_error, l.mean, l.standard_error,
                     e.mean, e.standard_error});
    }
  }
  return table;
}

/// Where DeltaG(N) of Eq. (2) is zero for all atoms of the lattice: dispersed above.
std::optional<double> delta_g_zero_K(double dh_eV, double atoms, double sites) {
  // DeltaG / T is linear in 1/T: two temperatures fix it.
  const double at_one = delta_g_eV(atoms, sites, dh_eV, 1.0) - atoms * dh_eV;
  const double kelvin = -atoms * dh_eV / at_one;
  return kelvin > 0.0 ? std::optional(kelvin) : std::nullopt;
}

}  // namespace

Table holds_of_runs(const KmcConfig& config, const std::vector<KmcResult>& results) {
  Table all;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const NamedRun& named = config.runs[i];
    const Table holds = holds_table(results[i]);
    if (all.columns().empty()) {
      std::vector<std::string> columns{"run",   "lattice", "side",           "atoms",
                                       "start", "dh_ev",   "pair_energy_ev", "c_star"};
      columns.insert(columns.end(), holds.columns().begin(), holds.columns().end());
      all = Table(columns);
    }
    for (std::size_t row = 0; row < holds.size(); ++row) {
      std::vector<Cell> cells{
          named.name,
          how(named.run),
          std::int64_t{results[i].side},
          results[i].atoms,
          named.run.start ? Cell("file") : Cell(named.run.options.start),
          results[i].dh_ground_eV,
          results[i].pair_energy_eV,
          critical_concentration(results[i].dh_ground_eV, results[i].holds[row].temperature_K)};
      cells.insert(cells.end(), holds.rows()[row].begin(), holds.rows()[row].end());
      all.add_row(std::move(cells));
    }
  }
  return all;
}

FileNames write_lattice_ensemble(const KmcConfig& config, const std::vector<KmcResult>& results,
                                 std::span<const FilmedRun> films, const std::filesystem::path& out) {
  write_csv(out / "holds.csv", holds_of_runs(config, results),
            {"one row per run and hold; c_ad: free ad-atoms per site; c_star: c*_ad of Eq. (4), Zhu et al., "
             "arXiv:2204.00812",
             "dh_ground_ev: per atom at T = 0, sets the pair energy; dh_largest_ev: energy of the largest "
             "cluster per atom; dh_marginal_ev: per atom it gains"});
  FileNames files{"holds.csv"};
  const auto add = [&files](const FileNames& more) { files.insert(files.end(), more.begin(), more.end()); };
  if (std::any_of(config.runs.begin(), config.runs.end(),
                  [](const NamedRun& run) { return run.name != run.series; })) {
    write_csv(out / "averages.csv", averages_table(config, results),
              {"means over the repeats of a series, errors from their scatter"});
    add({"averages.csv"});
    add(write_series_scenes(config, films, out));
  }
  add(write_figure(out, "snapshots", lattice_snapshots_svg(panels_of(config, results))));
  if (const auto comparison = coexistence_of(config, results))
    add(write_figure(out, "comparison", lattice_comparison_svg(*comparison)));
  return files;
}

FileNames write_phase_diagram(const KmcConfig& config, const PhaseDiagram& diagram,
                              const std::filesystem::path& out) {
  const double sites = static_cast<double>(config.lattice.side) * config.lattice.side;
  const double atoms = config.lattice.atoms;
  write_csv(out / "points.csv", points_table(diagram), {"particle_fraction: largest cluster / all atoms"});
  const Table lattice = transitions_table(diagram);
  std::vector<std::string> columns = lattice.columns();
  columns.insert(columns.end(), {"c_star_k", "delta_g_zero_k"});
  Table transitions(columns);
  for (std::size_t row = 0; row < lattice.size(); ++row) {
    const double dh_eV = diagram.transitions[row].dh_eV;
    std::vector<Cell> cells = lattice.rows()[row];
    cells.push_back(cell(redispersion_temperature(dh_eV, atoms / sites)));
    cells.push_back(cell(delta_g_zero_K(dh_eV, atoms, sites)));
    transitions.add_row(std::move(cells));
  }
  write_csv(
      out / "transitions.csv", transitions,
      {"transition_k: half of the atoms in the largest cluster; c_star_k: c*_ad(T) of Eq. (4) = atoms / "
       "sites; delta_g_zero_k: DeltaG(N) of Eq. (2) = 0 (Zhu et al., arXiv:2204.00812)"});
  FileNames files{"points.csv", "transitions.csv"};
  const PhaseOptions& grid = *config.phases;
  if (grid.enthalpies < 2) return files;

  LatticePhases figure;
  const auto columns_n = static_cast<std::size_t>(grid.temperatures);
  const bool rising = grid.from_dh_eV < grid.to_dh_eV;
  figure.particle_share.create(grid.enthalpies, grid.temperatures);
  Curve formula{"c*_{ad} = N/M", {}, {}}, zero{"\xCE\x94G(N) = 0", {}, {}};
  for (int row = 0; row < grid.enthalpies; ++row) {
    const auto e = static_cast<std::size_t>(rising ? row : grid.enthalpies - 1 - row);
    const PhaseTransition& transition = diagram.transitions[e];
    figure.dh_eV.push_back(transition.dh_eV);
    for (std::size_t t = 0; t < columns_n; ++t)
      figure.particle_share(row, static_cast<int>(t)) =
          diagram.points[e * columns_n + t].particle_fraction.mean;
    if (transition.temperature_K)
      figure.transitions.push_back(
          {*transition.temperature_K, transition.dh_eV, transition.standard_error_K.value_or(0.0)});
  }
  for (std::size_t t = 0; t < columns_n; ++t) figure.temperature_K.push_back(diagram.points[t].temperature_K);
  // Both lines are straight through the origin: dh/kT is fixed by N and M.
  for (const double kelvin : {grid.from_K - 1000.0, grid.to_K + 1000.0}) {
    formula.x.push_back(kelvin);
    formula.y.push_back(enthalpy_for_critical_concentration(atoms / sites, 1.0) * kelvin);
    if (const auto at_one_eV = delta_g_zero_K(-1.0, atoms, sites)) {
      zero.x.push_back(kelvin);
      zero.y.push_back(-kelvin / *at_one_eV);
    }
  }
  figure.lines = {formula, zero};
  const FileNames drawn = write_figure(out, "phase_diagram", lattice_phases_svg(figure));
  files.insert(files.end(), drawn.begin(), drawn.end());
  return files;
}

}  // namespace sinterscope
