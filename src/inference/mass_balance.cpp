// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/mass_balance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sinterscope/core/error.h"
#include "sinterscope/core/median.h"
#include "sinterscope/core/units.h"
#include "sinterscope/inference/counting.h"
#include "sinterscope/inference/hold_count.h"

namespace sinterscope {
namespace {

constexpr double largest_weight = 10.0;
constexpr std::size_t enough_for_a_law = 4;  ///< particles
constexpr double least_log_spread = 0.1;     ///< of their diameters
constexpr double one_sided_95 = 1.6448536269514722;
constexpr double two_sided_95 = 1.959963984540054;

void check(const ThermalHistory& history, const Sample& sample, std::span<const SupportArea> supports,
           std::span<const CompletenessCurve> completeness, std::span<const Drift> drift,
           double pixel_size_nm) {
  const auto positive = [](double value, const char* name) {
    if (!(value > 0.0) || !std::isfinite(value))
      throw Error(fmt::format("inventory: {} is {}: must be positive", name, value));
  };
  positive(pixel_size_nm, "the pixel size in nm");
  positive(sample.volume_per_metal_atom_nm3, "the volume per metal atom");
  positive(sample.site_density_nm2, "the site density of the support");
  positive(sample.shape_factor, "the shape factor");
  if (supports.size() != history.regions.size())
    throw Error(
        fmt::format("inventory: {} support areas for {} regions", supports.size(), history.regions.size()));
  if (completeness.size() != history.holds.size())
    throw Error(fmt::format("inventory: {} completeness curves for {} holds", completeness.size(),
                            history.holds.size()));
  if (!drift.empty() && drift.size() != history.regions.size())
    throw Error(fmt::format("inventory: {} drifts for {} regions", drift.size(), history.regions.size()));
  for (const CompletenessCurve& curve : completeness) {
    positive(curve.width_px, "the width of a completeness curve");
    positive(curve.plateau, "the plateau of a completeness curve");
  }
}

/// The sums of Horvitz and Thompson over the particles of a hold.
struct WeightedSums {
  double atoms = 0.0;  ///< per site
  double atoms_square = 0.0;
};

double weight(double probability) { return 1.0 / std::max(probability, 1.0 / largest_weight); }

WeightedSums sum_up(const HoldInventory& hold, const Sample& sample, double d50_shift_nm = 0.0) {
  WeightedSums sums;
  const double sites = hold.support_area_nm2 * sample.site_density_nm2;
  for (const SizedParticle& particle : hold.particles) {
    const double d = particle.diameter_nm, s2 = particle.diameter_se_nm * particle.diameter_se_nm;
    const double w = weight(hold.limit.probability(d - d50_shift_nm));
    const double atoms =
        w * sample.atoms_per_nm3() * std::max(d * d * d - 3.0 * d * s2, 0.1 * d * d * d) / sites;
    sums.atoms += atoms;
    sums.atoms_square += atoms * atoms;
  }
  return sums;
}

/// Atoms per site that false detections pretend to be.
double false_atoms(const DetectionLimit& limit, const Sample& sample) {
  if (!(limit.false_density_nm2 > 0.0) || !(limit.false_diameter_nm > 0.0)) return 0.0;
  const double spread = limit.false_diameter_log_sd;
  return limit.false_density_nm2 * sample.atoms(limit.false_diameter_nm) * std::exp(4.5 * spread * spread) /
         sample.site_density_nm2;
}

/// Sums of w for one of the particles of a hold; what one more particle would weigh.
double weight_of_next(const WeightedSums& sums) {
  return sums.atoms > 0.0 ? sums.atoms_square / sums.atoms : 0.0;
}

/// For each particle of a hold the probability that it is no false detection: by the expected number and the
/// diameters of those against a lognormal law about the median of what was found. A false one is mostly
/// small, where each stands for many that were missed, so that one alone could move the mean diameter.
std::vector<double> genuine(const HoldInventory& hold) {
  std::vector<double> result(hold.particles.size(), 1.0), all;
  const double expected = hold.limit.false_density_nm2 * hold.support_area_nm2;
  if (result.size() < enough_for_a_law || !(expected > 0.0)) return result;
  for (const SizedParticle& particle : hold.particles) all.push_back(std::log(particle.diameter_nm));
  const double centre = median(all), spread = std::max(robust_sd(all), least_log_spread);
  const auto density = [](double x, double mean, double sd) {
    return std::exp(-0.5 * std::pow((x - mean) / sd, 2)) / sd;
  };
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double d = hold.particles[i].diameter_nm, error = hold.particles[i].diameter_se_nm / d;
    const double real =
        static_cast<double>(result.size()) * density(std::log(d), centre, std::hypot(spread, error));
    const double spurious = expected * density(std::log(d), std::log(hold.limit.false_diameter_nm),
                                               std::hypot(hold.limit.false_diameter_log_sd, error));
    result[i] = real > 0.0 ? real / (real + spurious) : spurious > 0.0 ? 0.0 : 1.0;
  }
  return result;
}

/// Number density and coverage; `real` of genuine. False ones that no law tells from particles are taken off
/// by their expected number.
void add_densities(HoldInventory& hold, const std::vector<double>& real) {
  double count = 0.0, covered_nm2 = 0.0;
  for (std::size_t i = 0; i < real.size(); ++i) {
    const double d = hold.particles[i].diameter_nm, se = hold.particles[i].diameter_se_nm;
    const double w = real[i] * weight(hold.limit.probability(d));
    count += w;
    covered_nm2 += w * pi / 4.0 * std::max(d * d - se * se, 0.0);
  }
  const double falsely = real.size() < enough_for_a_law ? hold.limit.false_density_nm2 : 0.0;
  hold.number_density_nm2 = std::max(count / hold.support_area_nm2 - falsely, 0.0);
  hold.coverage = covered_nm2 / hold.support_area_nm2;
}

void add_diameters(HoldInventory& hold, const std::vector<double>& real, double common_error) {
  if (hold.particles.empty()) return;
  std::vector<double> weights;
  double n = 0.0, total = 0.0, mean = 0.0;
  for (std::size_t i = 0; i < real.size(); ++i) {
    const double d = hold.particles[i].diameter_nm;
    weights.push_back(real[i] * weight(hold.limit.probability(d)));
    n += real[i], total += weights.back(), mean += weights.back() * d;
  }
  mean /= total;
  double scatter = 0.0, measured = 0.0, mean_variance = 0.0;
  for (std::size_t i = 0; i < real.size(); ++i) {
    const SizedParticle& particle = hold.particles[i];
    const double w = weights[i] / total;
    const double step = particle.diameter_nm - mean;
    const double own_variance = std::max(
        particle.diameter_se_nm * particle.diameter_se_nm - std::pow(common_error * particle.diameter_nm, 2),
        0.0);
    scatter += w * step * step;
    measured += w * own_variance;
    mean_variance += w * w * (n > 1.0 ? step * step * n / (n - 1.0) : own_variance);
  }
  hold.diameter_mean_nm = mean;
  hold.diameter_mean_se_nm = std::hypot(std::sqrt(mean_variance), common_error * mean);
  if (n > 1.0) hold.diameter_sd_nm = std::sqrt(std::max(scatter * n / (n - 1.0) - measured, 0.0));
}

/// The part of c_np_se that is not counting: it shifts the sum as a whole.
double systematic_se(const HoldInventory& hold, const WeightedSums& sums) {
  const double total = hold.c_np_se.value_or(0.0);
  return std::sqrt(std::max(total * total - sums.atoms_square, 0.0));
}

void add_atoms(HoldInventory& hold, const Sample& sample, const WeightedSums& sums, double unseen_diameter_nm,
               const InventoryOptions& options) {
  const double falsely = false_atoms(hold.limit, sample);
  const double c_np = std::max(sums.atoms - falsely, 0.0);
  hold.c_np = c_np;
  if (!hold.particles.empty()) {
    const double by_limit = sum_up(hold, sample, hold.limit.d50_se_nm).atoms - sums.atoms;
    const double by_area = hold.support_area_se_nm2 / hold.support_area_nm2 * sums.atoms;
    const double by_pixel = options.pixel_size_error * sums.atoms;  // cubed in atoms, squared in area
    const double by_size = 3.0 * options.common_size_error * sums.atoms;
    hold.c_np_se = std::sqrt(sums.atoms_square + by_limit * by_limit + by_area * by_area +
                             by_pixel * by_pixel + by_size * by_size + falsely * falsely);
  }
  const double sites = hold.support_area_nm2 * sample.site_density_nm2;
  const double unseen =
      sample.atoms(unseen_diameter_nm) / std::max(hold.limit.probability(unseen_diameter_nm), 1e-3) / sites;
  const double next = hold.particles.empty() ? unseen : weight_of_next(sums);
  const double counting = weighted_count_upper(sums.atoms, sums.atoms_square, next, 0.95) - sums.atoms;
  hold.c_np_upper95 = c_np + std::hypot(counting, one_sided_95 * systematic_se(hold, sums));
}

/// The diameter whose atoms are the mean of those of all particles of the sample.
double mean_atoms_diameter(std::span<const HoldInventory> holds, double none) {
  double cubes = 0.0, count = 0.0;
  for (const HoldInventory& hold : holds)
    for (const SizedParticle& particle : hold.particles) {
      cubes += std::pow(particle.diameter_nm, 3);
      count += 1.0;
    }
  return count > 0.0 ? std::cbrt(cubes / count) : none;
}

/// The hold without its first settle_s; at least its last frame.
Hold settled_part(const Hold& hold, const ThermalHistory& history, double settle_s) {
  const auto time = [&history](int frame) { return history.frames[static_cast<std::size_t>(frame)].time_s; };
  Hold rest = hold;
  while (rest.frames.size() > 1 && time(rest.frames.front()) < time(hold.frames.front()) + settle_s)
    rest.frames.erase(rest.frames.begin());
  if (rest.frames.size() < hold.frames.size()) rest.start_s = time(rest.frames.front());
  return rest;
}

}  // namespace

std::vector<HoldInventory> take_inventory(std::span<const Particle> particles, std::span<const Track> tracks,
                                          const ThermalHistory& history, const Sample& sample,
                                          std::span<const SupportArea> supports,
                                          std::span<const CompletenessCurve> completeness,
                                          std::span<const Drift> drift, double pixel_size_nm,
                                          const InventoryOptions& options) {
  validate(options);
  check(history, sample, supports, completeness, drift, pixel_size_nm);
  const Drift none;
  const CountRule rule{options.min_presence, options.max_false_tracks, options.common_size_error};
  std::vector<HoldInventory> holds;
  for (std::size_t i = 0; i < history.holds.size(); ++i) {
    const std::size_t region = static_cast<std::size_t>(history.holds[i].region);
    const Hold counted = settled_part(history.holds[i], history, options.settle_s);
    holds.push_back(count_hold(particles, tracks, counted, history, supports[region], completeness[i],
                               drift.empty() ? none : drift[region], pixel_size_nm, rule));
  }
  const double unseen_diameter_nm = mean_atoms_diameter(holds, options.unseen_diameter_nm);
  for (HoldInventory& hold : holds) {
    const WeightedSums sums = sum_up(hold, sample);
    const std::vector<double> real = genuine(hold);
    add_densities(hold, real);
    add_diameters(hold, real, options.common_size_error);
    add_atoms(hold, sample, sums, unseen_diameter_nm, options);
  }
  return holds;
}

Interval c_np_interval95(const HoldInventory& hold, const Sample& sample) {
  if (hold.particles.empty()) return {0.0, hold.c_np_upper95};
  const WeightedSums sums = sum_up(hold, sample);
  // Half an event more on both sides (as in Jeffreys' interval of a Poisson mean) covers close to 95 %; a
  // whole one above and none below would cover too much.
  const double half = 0.5 * weight_of_next(sums);
  const double low = weighted_count_lower(sums.atoms + half, sums.atoms_square + 2.0 * half * half, 0.025);
  const double high = weighted_count_upper(sums.atoms, sums.atoms_square, half, 0.975);
  const double systematic = two_sided_95 * systematic_se(hold, sums);
  const double c_np = hold.c_np.value_or(0.0);
  return {std::max(c_np - std::hypot(sums.atoms - low, systematic), 0.0),
          c_np + std::hypot(high - sums.atoms, systematic)};
}

std::vector<AtomBalance> balance_atoms(std::span<const HoldInventory> inventories, const Sample& sample) {
  std::map<std::string, const HoldInventory*> fullest;
  for (const HoldInventory& hold : inventories) {
    const HoldInventory*& most = fullest[hold.region];
    if (!most || hold.c_np.value_or(0.0) > most->c_np.value_or(0.0)) most = &hold;
  }
  std::vector<AtomBalance> balance;
  for (const HoldInventory& hold : inventories) {
    const HoldInventory& most = *fullest[hold.region];
    const double c_np = hold.c_np.value_or(0.0), se = hold.c_np_se.value_or(0.0);
    AtomBalance one{hold.hold, hold.region, c_np, most.c_np.value_or(0.0) - c_np, 0.0, {}, {}, {}};
    if (&hold != &most) one.released_se = std::hypot(se, most.c_np_se.value_or(0.0));
    if (sample.loading_per_site) {
      one.ad_atoms = std::max(*sample.loading_per_site - c_np, 0.0);
      one.imbalance = std::max(c_np - *sample.loading_per_site, 0.0);
      if (se > 0.0) one.imbalance_z = (c_np - *sample.loading_per_site) / se;
    }
    balance.push_back(std::move(one));
  }
  return balance;
}

}  // namespace sinterscope
