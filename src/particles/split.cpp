// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/split.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "fit_window.h"
#include "sinterscope/core/units.h"
#include "sinterscope/particles/probe.h"

namespace sinterscope {
namespace {

using Eigen::Index;

/// The same pixels as two particles, seeded at both sides of the one along an angle.
GroupProblem as_two(const GroupProblem& one, const Seed& blob, double angle) {
  GroupProblem two = one;
  two.particles = 2;
  const double side = 0.28 * blob.diameter_px, smaller = 0.68 * blob.diameter_px;
  two.seed_x = {blob.x_px - side * std::cos(angle), blob.x_px + side * std::cos(angle)};
  two.seed_y = {blob.y_px - side * std::sin(angle), blob.y_px + side * std::sin(angle)};
  two.seed_diameter_px = {smaller, smaller};
  two.wander_px.assign(2, std::max(0.6 * blob.diameter_px, 2 * one.blurred_sigma_px));
  two.amplitude_priors.assign(2, std::nullopt);
  return two;
}

struct Pair {
  Seed first, second;
  double deviance = 0.0;
  bool credible = false;
};

Pair read_pair(const GroupProblem& problem, const GroupSolution& solution, const SplitOptions& options) {
  const auto& p = solution.parameters;
  Pair pair{{p[0], p[1], std::exp(p[2])}, {p[4], p[5], std::exp(p[6])}, solution.deviance, false};
  if (!solution.converged) return pair;
  const double small = std::min(pair.first.diameter_px, pair.second.diameter_px);
  const double large = std::max(pair.first.diameter_px, pair.second.diameter_px);
  const double apart = std::hypot(p[0] - p[4], p[1] - p[5]);
  const double ratio = p[3] / p[7];
  pair.credible = solution.snr[0] > 5 && solution.snr[1] > 5 && ratio > 0.33 && ratio < 3 &&
                  small > 0.25 * large && small > 1.2 * problem.smallest_px &&
                  large < 0.9 * problem.largest_px &&
                  apart > 0.5 * (small + large) - options.largest_overlap * small;
  return pair;
}

/// The two that explain the neighbourhood's one seed better, if there are.
std::optional<Pair> find_pair(const FitSetting& setting, const std::vector<Outline>& outlines,
                              const Neighbourhood& hood, const SplitOptions& options) {
  bool saturated = false;
  GroupProblem problem = pose_group(setting, outlines, hood, saturated);
  if (static_cast<int>(problem.pixels.size()) < 60) return std::nullopt;
  GroupSolution one = solve_group(problem, first_guess(problem), StartFrom::guess, Places::most_likely);
  if (!one.converged || one.ellipse_gain.front() < options.evidence) return std::nullopt;
  GroupProblem elliptic = problem;
  elliptic.elliptic = true;
  const GroupSolution ellipse = solve_group(elliptic, round_to_elliptic(problem, one.parameters),
                                            StartFrom::solution, Places::most_likely);
  const auto& shape = ellipse.converged ? ellipse.parameters : one.parameters;
  const double long_axis = ellipse.converged ? 0.5 * std::atan2(shape[5], shape[4]) : 0.0;
  const double spread = ellipse.converged ? std::exp(std::hypot(shape[4], shape[5])) : 1.0;
  const Seed blob{shape[0], shape[1], std::exp(shape[2]) * spread};
  const double single = ellipse.converged ? std::min(one.deviance, ellipse.deviance) : one.deviance;
  Pair best;
  double excess = 1.0;
  for (const double turn : {0.0, 0.25 * pi, -0.25 * pi}) {
    const GroupProblem two = as_two(problem, blob, long_axis + turn);
    const GroupSolution solution = solve_group(two, first_guess(two), StartFrom::guess, Places::most_likely);
    const Pair pair = read_pair(two, solution, options);
    if (!pair.credible || (best.credible && pair.deviance >= best.deviance)) continue;
    best = pair;
    excess = std::max(1.0, solution.chi2 / solution.degrees_of_freedom);
  }
  if (!best.credible) return std::nullopt;
  const double gain =
      (single - best.deviance) / excess - 2 * std::log(static_cast<double>(problem.pixels.size()));
  if (gain > options.evidence) return best;
  return std::nullopt;
}

/// For each seed, the pair that explains it better.
std::vector<std::optional<Pair>> find_pairs(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise,
                                            const std::vector<Seed>& seeds, const Probe& probe,
                                            const SizeOptions& size, const SplitOptions& options) {
  std::vector<std::optional<Pair>> pairs(seeds.size());
  if (!options.enabled || seeds.empty()) return pairs;
  const double sigma = blurred_sigma(probe.sigma_px);
  const bool automatic = profile_kind(size.profile) == ProfileKind::automatic;
  FitSetting setting{&frames,
                     &noise,
                     {},
                     sigma,
                     size.window_sigmas * sigma + 1.0,
                     size.smallest_diameter_px,
                     size.largest_diameter_px};
  setting.profile =
      automatic && probe.profile ? *probe.profile : choose_profile({{frames, seeds}}, noise, probe, size);
  std::vector<Outline> outlines;
  for (const Seed& seed : seeds) outlines.push_back({seed.x_px, seed.y_px, 0.5 * seed.diameter_px});
  for (const Neighbourhood& hood : group_neighbours(outlines, sigma, setting.window_px, 1))
    pairs[hood.members.front()] = find_pair(setting, outlines, hood, options);
  return pairs;
}

/// Whether a half of what was seed `origin` is what another seed stands for already.
bool taken(const Seed& half, const std::vector<Seed>& seeds, std::size_t origin) {
  for (std::size_t k = 0; k < seeds.size(); ++k)
    if (k != origin && std::hypot(half.x_px - seeds[k].x_px, half.y_px - seeds[k].y_px) <
                           0.5 * std::min(half.diameter_px, seeds[k].diameter_px))
      return true;
  return false;
}

}  // namespace

SplitSeeds split_seeds(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise,
                       const std::vector<Seed>& seeds, const Probe& probe, const SizeOptions& size,
                       const SplitOptions& options) {
  validate(options);
  const auto pairs = find_pairs(frames, noise, seeds, probe, size, options);
  SplitSeeds result;
  for (std::size_t k = 0; k < seeds.size(); ++k) {
    std::vector<Seed> halves;
    if (pairs[k])
      for (const Seed& half : {pairs[k]->first, pairs[k]->second})
        if (!taken(half, seeds, k)) halves.push_back(half);
    if (halves.empty()) halves.push_back(seeds[k]);
    for (const Seed& half : halves) {
      result.seeds.push_back(half);
      result.origin.push_back(k);
    }
  }
  return result;
}

}  // namespace sinterscope
