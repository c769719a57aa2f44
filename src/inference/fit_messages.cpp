// SPDX-License-Identifier: GPL-3.0-or-later
// The sentences that must stand beside the numbers, each with the condition that calls it.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fit_parts.h"

namespace sinterscope {
namespace {

using Messages = std::vector<FitMessage>;

std::string celsius(double kelvin) { return fmt::format("{:.0f} C", celsius_from_kelvin(kelvin)); }

/// dh < X or dh > X as a sentence; the profile decides, not the box.
std::string bound_sentence(const DhProfile& profile) {
  const Interval limit = likelihood_set(profile.dh_eV, profile.log_posterior, one_sided_95);
  if (profile.drop_high > chi_square_95)
    return fmt::format(
        "dh < {:.3f} eV (95 %, one-sided: bound at least that strongly). No more negative value is excluded; "
        "the lower end is the edge of the search box, not a result",
        limit.high.value_or(0.0));
  return fmt::format(
      "dh > {:.3f} eV (95 %, one-sided: bound no more strongly). No less negative value is excluded",
      limit.low.value_or(0.0));
}

void say_bounds(const FitWork& work, Messages& messages) {
  const bool low = work.profile.drop_low > chi_square_95;
  const bool high = work.profile.drop_high > chi_square_95;
  if (low && high) return;
  if (low != high) {
    messages.push_back({"one_sided", bound_sentence(work.profile) + "."});
    return;
  }
  messages.push_back(
      {"unconstrained", "These data do not constrain dh: every value of the search box fits them."});
  if (!work.dilute_profile) return;
  const bool dilute_low = work.dilute_profile->drop_low > chi_square_95;
  const bool dilute_high = work.dilute_profile->drop_high > chi_square_95;
  if (dilute_low != dilute_high)
    messages.push_back(
        {"one_sided_if_dilute", "Without a bound on c_ad: not constrained. If c_ad <= 0.1 per site: " +
                                    bound_sentence(*work.dilute_profile) +
                                    ". A loading and surface area of the sample would give that bound."});
}

void say_flat(const FitWork& work, const EntropyFit& fit, Messages& messages) {
  if (fit.dh_eV.bounded != "both") return;
  constexpr double flat_drop = 0.1;
  const Interval flat = likelihood_set(work.profile.dh_eV, work.profile.log_posterior, flat_drop);
  const double low = flat.low.value_or(work.profile.dh_eV.front());
  const double high = flat.high.value_or(work.profile.dh_eV.back());
  const double width68 = *fit.dh_eV.interval68.high - *fit.dh_eV.interval68.low;
  if (high - low > 0.05 || high - low > 0.5 * width68)
    messages.push_back(
        {"flat", fmt::format("Every dh from {:.3f} to {:.3f} eV fits equally well; within it the median is "
                             "determined by the prior.",
                             low, high)});
}

void say_prior_dominated(const FitWork& work, const EntropyFit& fit, Messages& messages) {
  if (fit.dh_eV.bounded != "both") return;
  const double width = *fit.dh_eV.interval95.high - *fit.dh_eV.interval95.low;
  const double box = -work.options.dh_min_eV;
  if (width > 0.6 * box)
    messages.push_back(
        {"prior_dominated", fmt::format("The 95 % interval of dh is {:.2f} eV wide, {:.0f} % of the search "
                                        "box: the prior decides it.",
                                        width, 100.0 * width / box)});
}

/// What each temperature of a region shows, coldest first.
struct Level {
  double temperature_K;
  TableReading reading;
};

std::vector<Level> levels_of(const SolvusRegion& region) {
  std::vector<Level> levels;
  for (const SolvusTable& table : region.tables)
    levels.push_back({table.temperature_K, read_table(table.log_likelihood)});
  std::sort(levels.begin(), levels.end(),
            [](const Level& a, const Level& b) { return a.temperature_K < b.temperature_K; });
  return levels;
}

void say_no_partial_hold(const FitWork& work, Messages& messages) {
  bool partial = false;
  double last_with = 0.0, first_without = 0.0;
  for (const SolvusRegion& region : work.problem.regions) {
    const std::vector<Level> levels = levels_of(region);
    double most = 0.0;
    for (const Level& level : levels)
      if (level.reading.particles()) most = std::max(most, level.reading.c_np);
    double with = 0.0, without = 0.0;
    for (const Level& level : levels) {
      const double share = level.reading.particles() ? level.reading.c_np / std::max(most, 1e-300) : 0.0;
      partial = partial || (share > 0.1 && share < 0.9);
      if (share >= 0.9) with = level.temperature_K;
      if (share <= 0.1 && without == 0.0 && with > 0.0) without = level.temperature_K;
    }
    if (without > with && with > 0.0 && last_with == 0.0) {
      last_with = with;
      first_without = without;
    }
  }
  if (partial) return;
  if (first_without > 0.0)
    messages.push_back(
        {"no_partial_hold",
         fmt::format("No hold is partly redispersed: add temperatures between {} and {}, where the "
                     "particles go.",
                     celsius(last_with), celsius(first_without))});
  else
    messages.push_back(
        {"no_partial_hold", "No hold is partly redispersed: without one, dh cannot be pinned down."});
}

void say_inexplicable_loss(const FitWork& work, Messages& messages) {
  for (const SolvusRegion& region : work.problem.regions) {
    const std::vector<Level> levels = levels_of(region);
    for (std::size_t i = 0; i < levels.size(); ++i)
      for (std::size_t j = i + 1; j < levels.size(); ++j) {
        if (!levels[i].reading.particles()) continue;
        const double loss = levels[i].reading.c_np - levels[j].reading.upper95;
        const LargestLoss most =
            largest_loss(levels[i].temperature_K, levels[j].temperature_K, work.options.entropy_per_atom);
        if (loss <= most.concentration) continue;
        messages.push_back(
            {"no_dh_explains_loss",
             fmt::format(
                 "Region '{}' loses at least {:.3f} atoms per site between {} and {}; no dh of this model "
                 "lets "
                 "more than {:.4f} go. Loading, shape, phase or site density are wrong, or the model is.",
                 region.region, loss, celsius(levels[i].temperature_K), celsius(levels[j].temperature_K),
                 most.concentration)});
        return;
      }
  }
}

void say_not_settled(const FitWork& work, Messages& messages) {
  for (const RegionObservations& region : work.observations)
    for (const HoldObservation& observation : region.holds) {
      const HoldInventory& hold = work.holds[observation.input];
      if (hold.settled.value_or(true)) continue;
      messages.push_back(
          {"not_settled",
           fmt::format("Region '{}', hold {} ({}): the atoms in particles were still changing at "
                       "its end, so it says less of equilibrium than the fit assumes.",
                       hold.region, hold.hold, celsius(observation.temperature_K))});
    }
}

void say_tests(const EntropyFit& fit, Messages& messages) {
  constexpr double alarm = 0.01;
  if (fit.branch_p < alarm)
    messages.push_back(
        {"branches_disagree",
         fmt::format("Holds of one temperature disagree (chi2 {:.1f} for {}, p = {:.1g}): not in equilibrium "
                     "or not reversible. dh from the equilibrium model is not meaningful.",
                     fit.branch_chi2, fit.branch_dof, fit.branch_p)});
  if (fit.goodness_dof > 0 && fit.goodness_p < alarm)
    messages.push_back(
        {"lack_of_fit", fmt::format("The entropy model does not fit: G2 = {:.1f} for {} degrees of freedom, "
                                    "p = {:.1g}. Compare holds one by one.",
                                    fit.goodness_g2, fit.goodness_dof, fit.goodness_p)});
}

void say_loading(const FitWork& work, const EntropyFit& fit, Messages& messages) {
  const double ceiling = 1.0 / (1.0 + std::exp(work.options.entropy_per_atom));
  for (const RegionEstimate& region : fit.regions) {
    const auto high = region.c_ad.interval95.high;
    if (high && work.sample.loading_per_site && *high > *work.sample.loading_per_site)
      messages.push_back({"above_loading",
                          fmt::format("Region '{}': the interval of c_ad reaches {:.3g} per site, above the "
                                      "{:.3g} of the whole loading.",
                                      region.region, *high, *work.sample.loading_per_site)});
    if (high && *high > ceiling)
      messages.push_back(
          {"above_ceiling", fmt::format("Region '{}': the interval of c_ad reaches {:.3g} per site; above "
                                        "{:.3g} the model never disperses everything, at any temperature.",
                                        region.region, *high, ceiling)});
  }
}

void say_spectra(const FitWork& work, const EntropyFit& fit, Messages& messages) {
  constexpr double alarm = 0.01;
  for (const SolvusRegion& region : work.problem.regions)
    if (region.shares && fit.goodness_dof > 0 && fit.goodness_p < alarm)
      messages.push_back(
          {"spectra_disagree",
           "The interfacial fractions of the spectra are part of a fit that does not hold: compare "
           "it with the fit without them before either is trusted. A powder loaded unlike the "
           "imaged facets needs the option xps_own_total."});
}

}  // namespace

std::vector<FitMessage> fit_messages(const FitWork& work, const EntropyFit& fit) {
  Messages messages;
  if (work.observations.empty()) {
    messages.push_back({"unconstrained", "No hold has a temperature: nothing to fit."});
    return messages;
  }
  say_tests(fit, messages);
  say_not_settled(work, messages);
  say_inexplicable_loss(work, messages);
  say_bounds(work, messages);
  say_flat(work, fit, messages);
  say_prior_dominated(work, fit, messages);
  say_no_partial_hold(work, messages);
  say_loading(work, fit, messages);
  say_spectra(work, fit, messages);
  return messages;
}

}  // namespace sinterscope
