// SPDX-License-Identifier: GPL-3.0-or-later
// What follows from a fit: goodness, observed against predicted, sensitivities and the next temperature.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "fit_parts.h"
#include "sinterscope/inference/statistics.h"
#include "sinterscope/theory/nanoparticle.h"

namespace sinterscope {
namespace {

/// Coldest and hottest hold of the experiment.
std::pair<double, double> temperature_range(const FitWork& work) {
  double coldest = std::numeric_limits<double>::infinity(), hottest = 0.0;
  for (const RegionObservations& region : work.observations)
    for (const HoldObservation& hold : region.holds) {
      coldest = std::min(coldest, hold.temperature_K);
      hottest = std::max(hottest, hold.temperature_K);
    }
  return {coldest, hottest};
}

/// What a hold is expected to show, by the posterior.
void foretell(HoldVerdict& verdict, const FitWork& work, const std::vector<PosteriorDraw>& draws,
              std::size_t region, const HoldInventory& hold, const SizePrior& sizes) {
  const double per_c =
      detections_per_concentration(hold, work.sample, sizes.mean_log_nm, sizes.spread_median);
  const double spurious = hold.support_area_nm2 * hold.limit.false_density_nm2;
  const double share = 1.0 / static_cast<double>(draws.size());
  double mean = 0.0, squares = 0.0, none = 0.0, dispersed = 0.0;
  for (const PosteriorDraw& draw : draws) {
    const double n = per_c * foretold_c_np(work.problem, draw, region, verdict.temperature_K);
    mean += share * (n + spurious);
    squares += share * ((n + spurious) * (n + spurious) + n + spurious);  // Poisson about each draw
    none += share * std::exp(-n);
    if (draw.log_c[region] <
        log_critical_concentration(draw.dh_eV, verdict.temperature_K, work.options.entropy_per_atom))
      dispersed += share;
  }
  verdict.detections_expected = mean;
  verdict.detections_expected_sd = std::sqrt(std::max(0.0, squares - mean * mean));
  verdict.probability_dispersed = dispersed;
  verdict.predicted = dispersed >= 0.5 ? "dispersed" : "particles";
  const double chance = verdict.observed == "particles" ? 1.0 - none : none;
  verdict.agrees = verdict.observed == verdict.predicted || chance >= 0.05;
}

}  // namespace

void fit_goodness(EntropyFit& fit, const FitWork& work) {
  int tables = 0;  // and spectra
  double saturated = 0.0;
  for (const SolvusRegion& region : work.problem.regions)
    for (const SolvusTable& table : region.tables) {
      saturated += read_table(table.log_likelihood).log_likelihood;
      ++tables;
    }
  for (const SolvusRegion& region : work.problem.regions)
    if (region.shares) tables += static_cast<int>(region.shares->shares.size());
  fit.goodness_g2 = std::max(0.0, 2.0 * (saturated - fit.log_likelihood));
  fit.goodness_dof = std::max(0, tables - 1 - static_cast<int>(work.problem.regions.size()));
  fit.goodness_p = chi_square_survival(fit.goodness_g2, fit.goodness_dof);
  // Holds of one temperature share one expectation: what they gain by having their own each tests the
  // equilibrium.
  for (std::size_t r = 0; r < work.observations.size(); ++r) {
    std::vector<double> own(work.problem.regions[r].tables.size(), 0.0);
    std::vector<int> count(own.size(), 0);
    for (const HoldObservation& hold : work.observations[r].holds)
      for (std::size_t t = 0; t < own.size(); ++t)
        if (std::abs(work.problem.regions[r].tables[t].temperature_K - hold.temperature_K) <= 0.5) {
          own[t] += read_table(hold.table).log_likelihood;
          ++count[t];
          break;
        }
    for (std::size_t t = 0; t < own.size(); ++t) {
      if (count[t] < 2) continue;
      const TableReading shared = read_table(work.problem.regions[r].tables[t].log_likelihood);
      if (!shared.particles()) continue;  // nothing seen at either time: no test of anything
      fit.branch_chi2 += std::max(0.0, 2.0 * (own[t] - shared.log_likelihood));
      fit.branch_dof += count[t] - 1;
    }
  }
  fit.branch_p = chi_square_survival(fit.branch_chi2, fit.branch_dof);
}

std::vector<HoldVerdict> judge_holds(const EntropyFit& fit, const FitWork& work,
                                     const std::vector<PosteriorDraw>& draws, const Interval& dh95) {
  const SizePrior sizes = size_prior(work.holds, work.options);
  std::vector<HoldVerdict> verdicts;
  for (std::size_t r = 0; r < work.observations.size(); ++r)
    for (const HoldObservation& observation : work.observations[r].holds) {
      const HoldInventory& hold = work.holds[observation.input];
      const auto c_star = [&](double dh) {
        return critical_concentration(dh, observation.temperature_K, work.options.entropy_per_atom);
      };
      HoldVerdict verdict;
      verdict.hold = hold.hold;
      verdict.region = hold.region;
      verdict.temperature_K = observation.temperature_K;
      verdict.c_np = hold.c_np ? *hold.c_np : quick_inventory(hold, work.sample).c_np;
      if (const auto total = fit.regions[r].c_ad.estimate)
        verdict.c_ad_observed = std::max(0.0, *total - *verdict.c_np);
      verdict.c_star = c_star(fit.posterior_median_dh_eV);
      verdict.c_star_interval95 = mapped(dh95, c_star);
      verdict.observed = read_table(observation.table).particles() ? "particles" : "dispersed";
      verdict.detected = static_cast<int>(hold.particles.size());
      foretell(verdict, work, draws, r, hold, sizes);
      verdicts.push_back(verdict);
    }
  return verdicts;
}

/// Shifts that are exact degeneracies of the model, at the temperature where the data bite: near T_r.
std::vector<Sensitivity> sensitivities(const EntropyFit& fit, const FitWork& work, double redispersion_K) {
  const auto [coldest, hottest] = temperature_range(work);
  const double kT = boltzmann_eV_per_K * std::clamp(redispersion_K, coldest, hottest);
  std::vector<Sensitivity> table;
  table.push_back({"site density x 2", -kT * std::log(2.0)});
  table.push_back({"shape factor x 2 (hemisphere to sphere)", kT * std::log(2.0)});
  for (const ParticleMaterial& material : particle_materials())
    if (material.name == work.sample.particle_name)
      for (const ParticleMaterial& other : particle_materials())
        if (other.metal == material.metal && other.name != material.name)
          table.push_back(
              {"particles are " + other.name,
               kT * std::log(work.sample.volume_per_metal_atom_nm3 / other.volume_per_metal_atom_nm3)});
  const double sigma = work.options.entropy_per_atom;
  table.push_back({fmt::format("entropy per atom {} kB instead of {} kB", sigma > 0.5 ? 0 : 1, sigma),
                   kT * ((sigma > 0.5 ? 0.0 : 1.0) - sigma)});
  const double error = work.options.temperature_error_K;
  table.push_back({fmt::format("all temperatures {} K higher", error),
                   fit.posterior_median_dh_eV * error * boltzmann_eV_per_K / kT});
  if (const auto energy = work.options.surface_energy_J_m2) {
    const double diameter = std::exp(size_prior(work.holds, work.options).mean_log_nm);
    table.push_back({fmt::format("dh of the bulk, surface energy {} J/m2 at {:.3g} nm", *energy, diameter),
                     -gibbs_thomson_marginal_eV(*energy, work.sample.volume_per_metal_atom_nm3, diameter)});
  }
  return table;
}

void propose_temperature(EntropyFit& fit, const FitWork& work, const std::vector<PosteriorDraw>& draws) {
  constexpr double step_K = 10.0;
  const auto [coldest, hottest] = temperature_range(work);
  std::size_t largest = 0;
  for (std::size_t r = 1; r < work.observations.size(); ++r)
    if (work.observations[r].support_area_nm2 > work.observations[largest].support_area_nm2) largest = r;
  const SizePrior sizes = size_prior(work.holds, work.options);
  double per_c = 0.0;
  for (const HoldObservation& hold : work.observations[largest].holds)
    per_c += detections_per_concentration(work.holds[hold.input], work.sample, sizes.mean_log_nm,
                                          sizes.spread_median) /
             static_cast<double>(work.observations[largest].holds.size());
  std::vector<double> candidates;  // a little beyond what was done: the instrument can do it
  for (double temperature = std::max(coldest - 50.0, 273.15); temperature <= hottest + 100.0;
       temperature += step_K)
    candidates.push_back(temperature);
  const NextTemperature next = next_temperature(work.problem, draws, largest, per_c, candidates);
  fit.next_temperature_K = next.temperature_K;
  fit.next_dh_sd_ratio = next.sd_ratio;
}

}  // namespace sinterscope
