// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/kmc_tables.h"

namespace sinterscope {
namespace {

Cell whole(std::uint64_t value) { return static_cast<std::int64_t>(value); }
Cell yes_no(bool value) { return std::int64_t{value}; }

std::optional<double> mean_of(const std::optional<SeriesMean>& value) {
  return value ? std::optional<double>(value->mean) : std::nullopt;
}
std::optional<double> error_of(const std::optional<SeriesMean>& value) {
  return value ? std::optional<double>(value->standard_error) : std::nullopt;
}

}  // namespace

Table series_table(const KmcResult& result) {
  Table table({"step", "time", "temperature_k", "events", "monomers", "bonds", "stacked", "clusters",
               "largest_atoms", "largest_columns", "msd_sites2", "monomers_mean", "bonds_mean",
               "stacked_mean"});
  const KmcSample* before = nullptr;
  for (const KmcSample& s : result.samples) {
    std::optional<double> monomers, bonds, stacked;
    if (before && before->step == s.step && s.time > before->time) {
      const double duration = s.time - before->time;
      monomers = (s.integrals.monomers - before->integrals.monomers) / duration;
      bonds = (s.integrals.bonds - before->integrals.bonds) / duration;
      stacked = (s.integrals.stacked - before->integrals.stacked) / duration;
    }
    table.add_row({s.step, s.time, s.temperature_K, whole(s.events), s.monomers, s.count.bonds,
                   s.count.stacked, s.clusters, s.largest_atoms, s.largest_columns,
                   s.mean_square_displacement, cell(monomers), cell(bonds), cell(stacked)});
    before = &s;
  }
  return table;
}

Table holds_table(const KmcResult& result) {
  Table table({"step",
               "temperature_k",
               "from_time",
               "to_time",
               "events",
               "monomers",
               "monomers_se",
               "c_ad",
               "c_ad_se",
               "bonds",
               "bonds_se",
               "stacked",
               "stacked_se",
               "energy_ev",
               "energy_se_ev",
               "largest_atoms",
               "largest_atoms_se",
               "clusters",
               "clusters_se",
               "dh_ground_ev",
               "dh_largest_ev",
               "dh_largest_se_ev",
               "dh_marginal_ev",
               "dh_marginal_se_ev",
               "entropy_k",
               "correlation_time",
               "settled_time",
               "settled",
               "reliable",
               "frozen"});
  for (const HoldAverages& h : result.holds)
    table.add_row({std::int64_t{h.step},
                   h.temperature_K,
                   h.from_time,
                   h.to_time,
                   whole(h.events),
                   h.monomers.mean,
                   h.monomers.standard_error,
                   h.c_ad,
                   h.c_ad_se,
                   h.bonds.mean,
                   h.bonds.standard_error,
                   h.stacked.mean,
                   h.stacked.standard_error,
                   h.energy_eV.mean,
                   h.energy_eV.standard_error,
                   h.largest_atoms.mean,
                   h.largest_atoms.standard_error,
                   h.clusters.mean,
                   h.clusters.standard_error,
                   result.dh_ground_eV,
                   cell(mean_of(h.dh_largest_eV)),
                   cell(error_of(h.dh_largest_eV)),
                   cell(h.dh_marginal_eV),
                   cell(h.dh_marginal_se_eV),
                   cell(h.entropy_k),
                   h.correlation_time,
                   h.settled_time,
                   yes_no(h.settled),
                   yes_no(h.energy_eV.reliable && h.largest_atoms.reliable),
                   yes_no(h.frozen)});
  return table;
}

Table sizes_table(const KmcResult& result) {
  Table table({"step", "temperature_k", "cluster_atoms", "clusters"});
  for (const HoldAverages& h : result.holds)
    for (std::size_t n = 0; n < h.cluster_counts.size(); ++n)
      if (h.cluster_counts[n] > 0.0)
        table.add_row({std::int64_t{h.step}, h.temperature_K, whole(std::uint64_t{n}), h.cluster_counts[n]});
  return table;
}

Table points_table(const PhaseDiagram& diagram) {
  Table table({"dh_ev", "temperature_k", "pair_energy_ev", "particle_fraction", "particle_fraction_se",
               "monomer_fraction", "monomer_fraction_se", "c_ad", "settled"});
  for (const PhasePoint& p : diagram.points)
    table.add_row({p.dh_eV, p.temperature_K, p.pair_energy_eV, p.particle_fraction.mean,
                   p.particle_fraction.standard_error, p.monomer_fraction.mean,
                   p.monomer_fraction.standard_error, p.c_ad, yes_no(p.settled)});
  return table;
}

Table transitions_table(const PhaseDiagram& diagram) {
  Table table({"dh_ev", "transition_k", "transition_se_k"});
  for (const PhaseTransition& t : diagram.transitions)
    table.add_row({t.dh_eV, cell(t.temperature_K), cell(t.standard_error_K)});
  return table;
}

}  // namespace sinterscope
