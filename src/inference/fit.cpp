// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "fit_parts.h"
#include "sinterscope/inference/design.h"
#include "sinterscope/inference/statistics.h"
#include "sinterscope/theory/nanoparticle.h"

namespace sinterscope {
namespace {

constexpr double dilute_c = 0.1;  // above, the ideal lattice gas is not credible
constexpr std::size_t draw_count = 1000;
constexpr double low68 = 0.16, high68 = 0.84, low95 = 0.025, high95 = 0.975;

std::string bounded_word(bool below, bool above) {
  return below && above ? "both" : below ? "below" : above ? "above" : "none";
}
bool bounded_below(const Estimate& estimate) {
  return estimate.bounded == "both" || estimate.bounded == "below";
}
bool bounded_above(const Estimate& estimate) {
  return estimate.bounded == "both" || estimate.bounded == "above";
}

/// Median and intervals from a quantile function, ends left open where the data do not bound them.
template <typename Quantile>
Estimate credible(Quantile quantile, bool below, bool above) {
  Estimate result;
  result.bounded = bounded_word(below, above);
  if (below && above) result.estimate = quantile(0.5);
  if (below) {
    result.interval68.low = quantile(low68);
    result.interval95.low = quantile(low95);
  }
  if (above) {
    result.interval68.high = quantile(high68);
    result.interval95.high = quantile(high95);
  }
  return result;
}

Estimate estimate_dh(const DhProfile& profile, std::span<const double> axis,
                     std::span<const double> density) {
  const bool below = profile.drop_low > chi_square_95;
  const bool above = profile.drop_high > chi_square_95;
  Estimate dh = credible([&](double p) { return density_quantile(axis, density, p); }, below, above);
  dh.profile95 = likelihood_set(profile.dh_eV, profile.log_posterior, chi_square_95);
  if (below != above) {
    // One-sided: the box, not the data, would decide a credible interval. The likelihood-ratio limit does not
    // see it.
    const Interval limit95 = likelihood_set(profile.dh_eV, profile.log_posterior, one_sided_95);
    const Interval limit68 = likelihood_set(profile.dh_eV, profile.log_posterior, one_sided_68);
    dh.interval95 = below ? Interval{limit95.low, std::nullopt} : Interval{std::nullopt, limit95.high};
    dh.interval68 = below ? Interval{limit68.low, std::nullopt} : Interval{std::nullopt, limit68.high};
  }
  return dh;
}

/// The posterior of one region's c_ad and T_r.
RegionEstimate estimate_region(const PosteriorGrid& grid, std::size_t r, const std::string& name,
                               const Estimate& dh, double sigma) {
  const PosteriorAxes& axes = grid.axes();
  const std::vector<double> joint = grid.joint_weight_c(r);
  const std::size_t nc = axes.log_c.size();
  std::vector<double> marginal(nc, 0.0);
  std::vector<std::pair<double, double>> temperatures;  // with weight
  for (std::size_t k = 0; k < axes.dh_eV.size(); ++k)
    for (std::size_t c = 0; c < nc; ++c) {
      const double weight = joint[k * nc + c];
      marginal[c] += weight;
      if (weight <= 0.0) continue;
      const auto temperature = redispersion_temperature(axes.dh_eV[k], std::exp(axes.log_c[c]), sigma);
      temperatures.emplace_back(temperature.value_or(std::numeric_limits<double>::infinity()), weight);
    }
  RegionEstimate region;
  region.region = name;
  const std::vector<double> curve = grid.region_profiles(r).over_c;
  const double top = *std::max_element(curve.begin(), curve.end());
  const bool below = 2.0 * (top - curve.front()) > chi_square_95;
  const bool above = 2.0 * (top - curve.back()) > chi_square_95;
  region.c_ad =
      credible([&](double p) { return std::exp(density_quantile(axes.log_c, marginal, p)); }, below, above);
  region.c_ad.profile95 = likelihood_set(axes.log_c, curve, chi_square_95);
  for (auto* end : {&region.c_ad.profile95.low, &region.c_ad.profile95.high})
    if (*end) *end = std::exp(**end);

  std::sort(temperatures.begin(), temperatures.end());
  std::vector<double> values, weights;
  for (const auto& [temperature, weight] : temperatures) {
    values.push_back(temperature);
    weights.push_back(weight);
  }
  // T_r grows with -dh: a bound of dh below bounds T_r above, unless c_ad reaches where no temperature
  // disperses all.
  const bool finite = std::isfinite(weighted_quantile(values, weights, high95));
  region.redispersion_temperature_K =
      credible([&](double p) { return weighted_quantile(values, weights, p); }, bounded_above(dh),
               bounded_below(dh) && finite);
  return region;
}

/// The mean over regions, weighted by area, from draws.
void estimate_overall(EntropyFit& fit, const FitWork& work, const std::vector<PosteriorDraw>& draws) {
  double total_area = 0.0;
  bool below = true, above = true, temperature_below = true, temperature_above = true;
  for (std::size_t r = 0; r < fit.regions.size(); ++r) {
    total_area += work.observations[r].support_area_nm2;
    below = below && bounded_below(fit.regions[r].c_ad);
    above = above && bounded_above(fit.regions[r].c_ad);
    temperature_below = temperature_below && bounded_below(fit.regions[r].redispersion_temperature_K);
    temperature_above = temperature_above && bounded_above(fit.regions[r].redispersion_temperature_K);
  }
  std::vector<double> means, temperatures;
  for (const PosteriorDraw& draw : draws) {
    double mean = 0.0;
    for (std::size_t r = 0; r < fit.regions.size(); ++r)
      mean += std::exp(draw.log_c[r]) * work.observations[r].support_area_nm2 / total_area;
    means.push_back(mean);
    const auto temperature = redispersion_temperature(draw.dh_eV, mean, work.options.entropy_per_atom);
    temperatures.push_back(temperature.value_or(std::numeric_limits<double>::infinity()));
  }
  std::sort(means.begin(), means.end());
  std::sort(temperatures.begin(), temperatures.end());
  const std::vector<double> equal(draws.size(), 1.0);
  fit.c_ad = credible([&](double p) { return weighted_quantile(means, equal, p); }, below, above);
  temperature_above = temperature_above && std::isfinite(weighted_quantile(temperatures, equal, high95));
  fit.redispersion_temperature_K =
      credible([&](double p) { return weighted_quantile(temperatures, equal, p); }, temperature_below,
               temperature_above);
}

void fit_goodness(EntropyFit& fit, const FitWork& work) {
  int tables = 0;
  double saturated = 0.0;
  for (const SolvusRegion& region : work.problem.regions)
    for (const SolvusTable& table : region.tables) {
      saturated += read_table(table.log_likelihood).log_likelihood;
      ++tables;
    }
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
      if (dh95.low) verdict.c_star_interval95.low = c_star(*dh95.low);
      if (dh95.high) verdict.c_star_interval95.high = c_star(*dh95.high);
      verdict.observed = read_table(observation.table).particles() ? "particles" : "dispersed";
      verdict.detected = static_cast<int>(hold.particles.size());
      foretell(verdict, work, draws, r, hold, sizes);
      verdicts.push_back(verdict);
    }
  return verdicts;
}

/// Shifts that are exact degeneracies of the model, at the temperature where the data bite: near T_r.
std::vector<Sensitivity> sensitivities(const EntropyFit& fit, const FitWork& work, double redispersion_K) {
  double coldest = std::numeric_limits<double>::infinity(), hottest = 0.0;
  for (const RegionObservations& region : work.observations)
    for (const HoldObservation& hold : region.holds) {
      coldest = std::min(coldest, hold.temperature_K);
      hottest = std::max(hottest, hold.temperature_K);
    }
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
  if (const auto error = work.options.temperature_error_K)
    table.push_back({fmt::format("all temperatures {} K higher", *error),
                     fit.posterior_median_dh_eV * *error * boltzmann_eV_per_K / kT});
  if (const auto energy = work.options.surface_energy_J_m2) {
    const double diameter = std::exp(size_prior(work.holds, work.options).mean_log_nm);
    table.push_back({fmt::format("dh of the bulk, surface energy {} J/m2 at {:.3g} nm", *energy, diameter),
                     -gibbs_thomson_marginal_eV(*energy, work.sample.volume_per_metal_atom_nm3, diameter)});
  }
  return table;
}

void propose_temperature(EntropyFit& fit, const FitWork& work, const std::vector<PosteriorDraw>& draws) {
  constexpr double step_K = 10.0;
  double coldest = std::numeric_limits<double>::infinity(), hottest = 0.0;
  for (const RegionObservations& region : work.observations)
    for (const HoldObservation& hold : region.holds) {
      coldest = std::min(coldest, hold.temperature_K);
      hottest = std::max(hottest, hold.temperature_K);
    }
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

std::size_t count_particles(const FitWork& work) {
  std::size_t count = 0;
  for (const RegionObservations& region : work.observations)
    for (const HoldObservation& hold : region.holds) count += work.holds[hold.input].particles.size();
  return count;
}

std::vector<double> axis_of(const std::vector<PosteriorPoint>& points) {
  std::vector<double> axis;
  for (const PosteriorPoint& point : points) axis.push_back(point.dh_eV);
  return axis;
}

/// Points over the whole box, replaced by the finer ones where those lie.
std::vector<PosteriorPoint> join(const std::vector<PosteriorPoint>& whole,
                                 const std::vector<PosteriorPoint>& finer) {
  std::vector<PosteriorPoint> points;
  for (const PosteriorPoint& point : whole)
    if (point.dh_eV < finer.front().dh_eV) points.push_back(point);
  points.insert(points.end(), finer.begin(), finer.end());
  for (const PosteriorPoint& point : whole)
    if (point.dh_eV > finer.back().dh_eV) points.push_back(point);
  return points;
}

/// The normalised posterior density of dh at nodes that contain those of the grid; negligible outside of it.
std::vector<double> density_on(const std::vector<double>& axis, const PosteriorGrid& grid) {
  const std::vector<double> log_marginal = grid.log_marginal_dh();
  const std::vector<double>& inner = grid.axes().dh_eV;
  const double log_total = log_sum_exp(log_marginal) + std::log(inner[1] - inner[0]);
  std::vector<double> density;
  std::size_t k = 0;
  for (const double dh : axis) {
    const bool here = k < inner.size() && dh == inner[k];
    density.push_back(here ? std::exp(log_marginal[k++] - log_total) : 0.0);
  }
  return density;
}

}  // namespace

DhProfile make_profile(const std::vector<PosteriorPoint>& points, const PosteriorPoint& best) {
  DhProfile profile;
  bool placed = false;
  const auto add = [&profile](const PosteriorPoint& point) {
    profile.dh_eV.push_back(point.dh_eV);
    profile.log_posterior.push_back(point.log_posterior);
  };
  for (const PosteriorPoint& point : points) {
    if (!placed && best.dh_eV < point.dh_eV) {
      add(best);
      placed = true;
    }
    if (point.dh_eV != best.dh_eV) add(point);
  }
  if (!placed) add(best);
  profile.top = *std::max_element(profile.log_posterior.begin(), profile.log_posterior.end());
  profile.drop_low = 2.0 * (profile.top - profile.log_posterior.front());
  profile.drop_high = 2.0 * (profile.top - profile.log_posterior.back());
  return profile;
}

Interval likelihood_set(std::span<const double> axis, std::span<const double> log_curve, double drop) {
  const double top = *std::max_element(log_curve.begin(), log_curve.end());
  const auto excess = [&](std::size_t i) { return 2.0 * (top - log_curve[i]) - drop; };
  const auto crossing = [&](std::size_t out, std::size_t in) {
    return axis[out] + (axis[in] - axis[out]) * excess(out) / (excess(out) - excess(in));
  };
  std::size_t first = 0, last = axis.size() - 1;
  while (excess(first) > 0.0) ++first;
  while (excess(last) > 0.0) --last;
  Interval set;
  if (first > 0) set.low = crossing(first - 1, first);
  if (last + 1 < axis.size()) set.high = crossing(last + 1, last);
  return set;
}

EntropyFit fit_entropy_model(std::span<const HoldInventory> holds, const Sample& sample,
                             const FitOptions& options, int threads) {
  validate(options);
  if (!(options.c_ad_min < options.c_ad_max))
    throw usage_error(fmt::format("options 'c_ad_min' {} and 'c_ad_max' {}: the first must be the smaller",
                                  options.c_ad_min, options.c_ad_max));
  FitWork work{holds, sample, options, observe(holds, sample, options, threads), {}, {}, {}};
  EntropyFit fit;
  if (work.observations.empty()) {
    fit.messages = fit_messages(work, fit);
    return fit;
  }
  work.problem = {solvus_regions(work.observations), options, sample.loading_per_site, 1.0};
  double area_error =
      0.0;  // one mask serves all holds of a region: its error is a common factor, like the calibration
  for (const HoldInventory& hold : holds)
    area_error = std::max(area_error, hold.support_area_se_nm2 / hold.support_area_nm2);
  work.problem.options.calibration_log_sd = std::hypot(options.calibration_log_sd, area_error);

  GridSize size;
  size.dh = options.dh_steps;
  const auto whole_grid = [&](const EntropyProblem& problem) {
    return PosteriorGrid(problem, posterior_axes(problem, size, whole_window(problem)), threads);
  };
  PosteriorGrid whole = whole_grid(work.problem);
  std::vector<PosteriorPoint> points = profile(work.problem, whole);
  const PosteriorGrid grid = resolved_grid(work.problem, std::move(whole), count_particles(work), threads);
  if (grid.axes().dh_eV != axis_of(points)) points = join(points, profile(work.problem, grid));
  const PosteriorPoint best = maximum(work.problem, points);
  work.profile = make_profile(points, best);
  if (work.profile.drop_low <= chi_square_95 && work.profile.drop_high <= chi_square_95 &&
      !sample.loading_per_site && options.c_ad_max > dilute_c && options.c_ad_min < dilute_c) {
    EntropyProblem dilute = work.problem;
    dilute.options.c_ad_max = dilute_c;
    const std::vector<PosteriorPoint> limited = profile(dilute, whole_grid(dilute));
    work.dilute_profile = make_profile(limited, maximum(dilute, limited));
  }

  fit.grid_dh_eV = axis_of(points);
  for (const PosteriorPoint& point : points) fit.profile_log_likelihood.push_back(point.log_posterior);
  fit.posterior_density = density_on(fit.grid_dh_eV, grid);
  const auto quantile = [&](double p) { return density_quantile(fit.grid_dh_eV, fit.posterior_density, p); };
  fit.posterior_median_dh_eV = quantile(0.5);
  fit.maximum_dh_eV = best.dh_eV;
  fit.log_likelihood = log_likelihood(work.problem, best);
  fit.dh_eV = estimate_dh(work.profile, fit.grid_dh_eV, fit.posterior_density);

  const std::vector<PosteriorDraw> draws = posterior_draws(work.problem, grid, draw_count);
  for (std::size_t r = 0; r < work.observations.size(); ++r)
    fit.regions.push_back(
        estimate_region(grid, r, work.observations[r].region, fit.dh_eV, options.entropy_per_atom));
  if (fit.regions.size() == 1) {
    fit.c_ad = fit.regions[0].c_ad;
    fit.redispersion_temperature_K = fit.regions[0].redispersion_temperature_K;
  } else {
    estimate_overall(fit, work, draws);
  }
  fit_goodness(fit, work);
  fit.holds = judge_holds(fit, work, draws, fit.dh_eV.interval95);
  std::vector<double> log_c;
  for (const PosteriorDraw& draw : draws) log_c.push_back(draw.log_c[0]);
  std::sort(log_c.begin(), log_c.end());
  const auto redispersion_K = redispersion_temperature(
      fit.posterior_median_dh_eV, std::exp(log_c[log_c.size() / 2]), options.entropy_per_atom);
  fit.sensitivity =
      sensitivities(fit, work, redispersion_K.value_or(std::numeric_limits<double>::infinity()));
  propose_temperature(fit, work, draws);
  fit.messages = fit_messages(work, fit);
  return fit;
}

}  // namespace sinterscope
