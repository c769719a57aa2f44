// SPDX-License-Identifier: GPL-3.0-or-later
#include "jury.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "sinterscope/core/median.h"

namespace sinterscope {
namespace {

/// The edge of a particle, where the probe shows, lies within three sigmas; beyond them the pixels speak of
/// the ground alone, and where that is no plane its hills pass for the skirts of a wider probe.
constexpr double edge_sigmas = 3.0;
constexpr double least_snr = 3.5;
constexpr std::size_t least = 3;  ///< particles that can tell
constexpr double without_fit =
    10.0;                            ///< so much less probable is an image that the profile cannot be laid to
constexpr double well_known = 0.03;  ///< error of ln d, below which the covariance of a fit tells enough

/// Outlines are no circles: their radius scatters as that of a hexagon (4 %) or of an ellipse of axis
/// ratio 1.1 (3.4 %; squares have 10 %, octagons 2 %), which along the mean radius is one more blur. Beyond
/// four blurs the pixels begin to show the outline itself, and no more than that is taken.
constexpr double outline_scatter = 0.04, seen_round = 4.0;

constexpr double near_enough = 0.03;  ///< of ln d, by which the law may have moved

/// Of a particle's image along one axis, over q.
double second_moment(const ProfileShape& shape) {
  return shape.kind == ProfileKind::cap ? 1.0 / 20.0 : 1.0 / 16.0;
}

}  // namespace

Jury::Jury(const SeenHold& hold, const NoiseModel& noise, const SizeOptions& options, double window_sigma,
           const ProfileShape& first, std::size_t most)
    : last_shape_(first), last_sigma_(window_sigma) {
  std::vector<Outline> outlines;
  for (const Seed& seed : hold.seeds) outlines.push_back({seed.x_px, seed.y_px, 0.5 * seed.diameter_px});
  const FitSetting setting{&hold.frames,
                           &noise,
                           first,
                           window_sigma,
                           std::min(options.window_sigmas, edge_sigmas) * window_sigma + 1.0,
                           options.smallest_diameter_px,
                           options.largest_diameter_px};
  auto hoods = group_neighbours(outlines, window_sigma, setting.window_px, 1);
  // Those with nothing near first, larger crowds last; spread evenly over the seeds.
  const auto stands_alone = [](const Neighbourhood& one) { return one.others.empty(); };
  std::stable_partition(hoods.begin(), hoods.end(), stands_alone);
  const auto alone = static_cast<std::size_t>(std::count_if(hoods.begin(), hoods.end(), stands_alone));
  const std::size_t pool = std::max(alone, std::min<std::size_t>(hoods.size(), most));
  const std::size_t wanted = std::min(pool, most);
  all_asked_ = wanted == pool;
  for (std::size_t k = 0; k < wanted; ++k) add(setting, outlines, hoods[k * pool / wanted]);
  std::vector<double> diameters;
  for (const Member& member : members_) diameters.push_back(member.start[2]);
  last_.log_diameter = median(diameters);
}

/// Takes a particle in if a first fit finds it clearly there.
void Jury::add(const FitSetting& setting, const std::vector<Outline>& outlines, const Neighbourhood& hood) {
  bool saturated = false;
  Member member;
  member.problem = pose_group(setting, outlines, hood, saturated);
  if (saturated || static_cast<int>(member.problem.pixels.size()) < 3 * member.problem.parameters()) return;
  const GroupSolution solution =
      solve_group(member.problem, first_guess(member.problem), StartFrom::guess, Places::most_likely);
  if (!solution.converged || solution.snr.front() < least_snr ||
      std::exp(solution.parameters[2]) > 0.9 * member.problem.largest_px)
    return;
  member.start = solution.parameters;
  member.weights = inverse_sd_at(member.problem, member.start);
  member.excess = std::max(1.0, solution.chi2 / solution.degrees_of_freedom);
  member.well_known = solution.covariance(2, 2) < well_known * well_known;
  members_.push_back(std::move(member));
}

Population Jury::expected(const ProfileShape& shape, double blurred_sigma) const {
  // The second moment of the image stays: that of the particle and that of the blur.
  const double share = second_moment(shape), q = std::exp(2 * last_.log_diameter);
  const double kept =
      second_moment(last_shape_) * q + last_sigma_ * last_sigma_ - blurred_sigma * blurred_sigma;
  Population expected = last_;
  expected.log_diameter = 0.5 * std::log(std::max(kept / share, 0.3 * q));
  expected.log_amplitude += 2 * (last_.log_diameter - expected.log_diameter);
  return expected;
}

DiameterLikelihood Jury::ask(Member& member, const Population& expected) const {
  const GroupSolution solution =
      solve_group(member.problem, member.start, StartFrom::solution, Places::most_likely);
  std::optional<DiameterEstimate> own;
  if (solution.converged) {
    if (member.well_known) return expand_along_diameter(member.problem, solution, member.excess, 0);
    own = estimate_of(member.problem, solution, member.excess, 0);
  }
  return look_along_diameter(member.problem, member.start, member.weights, member.excess, 0,
                             expected.square_range(own));
}

double Jury::smear_of(const Member& member, double blurred_sigma) {
  return outline_scatter * std::min(0.5 * std::exp(member.start[2]), seen_round * blurred_sigma);
}

Jury::Verdict Jury::judge(const ProfileShape& shape, double blurred_sigma) {
  for (Member& member : members_) {
    member.problem.profile = shape;
    member.problem.blurred_sigma_px = std::hypot(blurred_sigma, smear_of(member, blurred_sigma));
  }
  Population law = expected(shape, blurred_sigma);
  std::vector<DiameterLikelihood> seen;
  std::vector<std::size_t> whose;
  std::optional<Population> population;
  for (int tries = 0; tries < 4; ++tries) {
    seen.clear(), whose.clear();
    for (std::size_t k = 0; k < members_.size(); ++k) {
      DiameterLikelihood one = ask(members_[k], law);
      if (one.empty()) continue;
      seen.push_back(std::move(one));
      whose.push_back(k);
    }
    const bool looked_there = tries > 0 || asked_before_;  // ranges of the first look are guesses
    population = learn_population(seen, slope_prior(shape), least, looked_there ? &law : nullptr);
    if (!population || (looked_there && std::abs(population->log_diameter - law.log_diameter) <
                                            std::max(near_enough, 0.5 * population->log_diameter_sd)))
      break;
    law = *population;
  }
  Verdict verdict;
  verdict.log_likelihood = -std::numeric_limits<double>::infinity();
  if (!population) return verdict;
  last_ = *population;
  asked_before_ = true;
  last_shape_ = shape;
  last_sigma_ = blurred_sigma;
  for (std::size_t i = 0; i < whose.size(); ++i) {
    double& best = members_[whose[i]].best;
    best = std::max(best, population->log_marginal[i]);
  }
  for (const Member& member : members_) verdict.of_each.push_back(member.best - without_fit);
  for (std::size_t i = 0; i < whose.size(); ++i) verdict.of_each[whose[i]] = population->log_marginal[i];
  verdict.log_likelihood = population->log_prior;
  for (const double one : verdict.of_each) verdict.log_likelihood += one;
  return verdict;
}

Juries::Juries(const std::vector<SeenHold>& holds, const NoiseModel& noise, const SizeOptions& options,
               double window_sigma, const ProfileShape& first, std::size_t most) {
  std::vector<const SeenHold*> fewest_first;
  for (const SeenHold& hold : holds) fewest_first.push_back(&hold);
  std::stable_sort(fewest_first.begin(), fewest_first.end(),
                   [](const SeenHold* a, const SeenHold* b) { return a->seeds.size() < b->seeds.size(); });
  std::size_t left = most, holds_left = holds.size();
  for (const SeenHold* hold : fewest_first) {
    const std::size_t share = left / holds_left--;
    Jury jury(*hold, noise, options, window_sigma, first, share);
    left -= std::min(share, hold->seeds.size());
    all_asked_ = all_asked_ && jury.all_asked();
    if (jury.size() >= least) juries_.push_back(std::move(jury));
  }
}

Jury::Verdict Juries::judge(const ProfileShape& shape, double blurred_sigma) {
  Jury::Verdict all;
  for (Jury& jury : juries_) {
    const Jury::Verdict one = jury.judge(shape, blurred_sigma);
    all.log_likelihood += one.log_likelihood;
    all.of_each.insert(all.of_each.end(), one.of_each.begin(), one.of_each.end());
  }
  return all;
}

}  // namespace sinterscope
