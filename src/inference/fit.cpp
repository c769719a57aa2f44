// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "fit_parts.h"
#include "sinterscope/inference/design.h"
#include "sinterscope/inference/statistics.h"

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

/// The spectra as a term of the only region, or of a region of their own.
void add_shares(FitWork& work, std::span<const DispersedShare> shares) {
  for (const DispersedShare& share : shares)
    if (!(share.fraction > 0.0 && share.fraction < 1.0) || !(share.logit_se > 0.0) ||
        !(share.temperature_K > 0.0))
      throw Error(
          fmt::format("interfacial fraction {} +- {} (logit) at {} K: must lie inside (0, 1), with an error "
                      "and a temperature above 0",
                      share.fraction, share.logit_se, share.temperature_K));
  std::vector<double> diameters_nm;
  for (const HoldInventory& hold : work.holds)
    for (const SizedParticle& particle : hold.particles) diameters_nm.push_back(particle.diameter_nm);
  if (diameters_nm.empty()) diameters_nm.push_back(work.options.size_prior_nm);
  std::vector<SolvusRegion>& regions = work.problem.regions;
  if (regions.size() > 1 || work.options.xps_own_total) regions.push_back({"powder", {}});
  regions.back().shares = {{shares.begin(), shares.end()},
                           particle_escape(diameters_nm, work.sample, work.options.xps_mean_free_path_nm),
                           work.options.xps_logit_sd};
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
                             const FitOptions& options, int threads, std::span<const DispersedShare> shares) {
  validate(options);
  if (!(options.c_ad_min < options.c_ad_max))
    throw usage_error(fmt::format("options 'c_ad_min' {} and 'c_ad_max' {}: the first must be the smaller",
                                  options.c_ad_min, options.c_ad_max));
  FitWork work{holds, sample, options, observe(holds, sample, options, threads), {}, {}, {}};
  EntropyFit fit;
  fit.options = options;
  fit.loading_per_site = sample.loading_per_site;
  if (work.observations.empty()) {
    fit.messages = fit_messages(work, fit);
    return fit;
  }
  work.problem = {solvus_regions(work.observations), options, sample.loading_per_site, 1.0};
  if (!shares.empty()) add_shares(work, shares);
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
  // A closed region knows its inventory like thousands of randomly met particles do.
  const std::size_t detections =
      options.closed_regions ? std::numeric_limits<std::size_t>::max() : count_particles(work);
  const PosteriorGrid grid = resolved_grid(work.problem, std::move(whole), detections, threads);
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
  for (const PosteriorDraw& draw : draws)
    fit.draws.push_back({draw.dh_eV, work.problem.options.calibration_log_sd * draw.x});
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
