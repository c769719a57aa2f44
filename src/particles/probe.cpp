// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/probe.h"

#include <algorithm>
#include <cmath>

#include "fit_window.h"
#include "sinterscope/core/median.h"

namespace sinterscope {
namespace {

struct Candidate {
  ProfileShape shape;
  double penalty = 0.0;  ///< in -2 ln L
};

/// What the detector suggests, most expected first.
std::vector<Candidate> candidates(const SizeOptions& options) {
  const ProfileKind asked = profile_kind(options.profile);
  if (asked != ProfileKind::automatic) return {{{asked, options.rim}, 0.0}};
  const ProfileShape disk{ProfileKind::disk, options.rim}, cap{ProfileKind::cap, options.rim};
  const ProfileShape rim{ProfileKind::rim_disk, options.rim}, faint{ProfileKind::rim_disk, 0.5 * options.rim},
      strong{ProfileKind::rim_disk, 1.7 * options.rim};
  if (options.detector == "SE") return {{rim, 0.0}, {faint, 1.0}, {strong, 1.0}, {disk, 25.0}};
  if (options.detector == "HAADF") return {{cap, 0.0}, {disk, 25.0}};
  return {{disk, 0.0}, {cap, 0.0}, {rim, 0.0}};
}

/// All particles together under one profile and one sigma.
struct Verdict {
  double deviance = 0.0;  ///< -2 ln L, each particle's share divided by its own excess chi2
  double score = 0.0, information = 0.0, score_variance = 0.0;
};

/// The edge of a particle, where the probe shows, lies within three sigmas; beyond them the pixels speak of
/// the ground alone, and where that is no plane its hills pass for the skirts of a wider probe.
constexpr double edge_sigmas = 3.0;

/// A fixed set of pixels around particles that stand alone, fitted under whatever profile and sigma is asked
/// for.
class Jury {
 public:
  Jury(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise, const std::vector<Seed>& seeds,
       const SizeOptions& options, double window_sigma, const ProfileShape& first) {
    std::vector<Outline> outlines;
    for (const Seed& seed : seeds) outlines.push_back({seed.x_px, seed.y_px, 0.5 * seed.diameter_px});
    const FitSetting setting{&frames,
                             &noise,
                             first,
                             window_sigma,
                             std::min(options.window_sigmas, edge_sigmas) * window_sigma + 1.0,
                             options.smallest_diameter_px,
                             options.largest_diameter_px};
    auto hoods = group_neighbours(outlines, window_sigma, setting.window_px, 1);
    // Those with nothing near first, larger crowds last; spread evenly over the seeds.
    std::stable_partition(hoods.begin(), hoods.end(),
                          [](const Neighbourhood& hood) { return hood.others.empty(); });
    const auto alone = static_cast<std::size_t>(std::count_if(
        hoods.begin(), hoods.end(), [](const Neighbourhood& hood) { return hood.others.empty(); }));
    const std::size_t pool = std::max(alone, std::min<std::size_t>(hoods.size(), most));
    const std::size_t wanted = std::min(pool, most);
    for (std::size_t k = 0; k < wanted; ++k) add(setting, outlines, hoods[k * pool / wanted]);
  }

  std::size_t size() const { return members_.size(); }

  Verdict judge(const ProfileShape& shape, double blurred_sigma) {
    Verdict verdict;
    for (Member& member : members_) {
      member.problem.profile = shape;
      member.problem.blurred_sigma_px = blurred_sigma;
      const GroupSolution solution = solve_group(member.problem, member.start, StartFrom::solution, false);
      verdict.deviance += solution.deviance / member.excess;
      if (!solution.converged) continue;
      const double score = solution.sigma_score / member.excess;
      verdict.score += score;
      verdict.score_variance += score * score;
      verdict.information += solution.sigma_information / member.excess;
    }
    return verdict;
  }

 private:
  static constexpr std::size_t most = 40;
  struct Member {
    GroupProblem problem;
    GroupParameters start;
    double excess = 1.0;
  };

  /// Takes a particle in if a first fit finds it clearly there.
  void add(const FitSetting& setting, const std::vector<Outline>& outlines, const Neighbourhood& hood) {
    bool saturated = false;
    Member member;
    member.problem = pose_group(setting, outlines, hood, saturated);
    if (saturated || static_cast<int>(member.problem.pixels.size()) < 3 * member.problem.parameters()) return;
    const GroupSolution solution =
        solve_group(member.problem, first_guess(member.problem), StartFrom::guess, false);
    const double d = solution.converged ? std::exp(solution.parameters[2]) : 0.0;
    if (!solution.converged || solution.snr.front() < 6 || d < 1.1 * setting.smallest_px ||
        d > 0.9 * member.problem.largest_px)
      return;
    member.start = solution.parameters;
    member.excess = std::max(1.0, solution.chi2 / solution.degrees_of_freedom);
    members_.push_back(std::move(member));
  }

  std::vector<Member> members_;
};

constexpr double narrowest = 0.42, widest = 8.0;  // blurred sigma in px; the pixel alone has 0.29

struct BestSigma {
  double blurred = 0.0;
  Verdict verdict;
  bool inside = false;
};

/// Fisher scoring in ln sigma; a step that makes things worse is halved.
BestSigma search_sigma(Jury& jury, const ProfileShape& shape, double start) {
  BestSigma best{start, jury.judge(shape, start), false};
  for (int step = 0; step < 12; ++step) {
    const double wish = best.verdict.information > 0 ? best.verdict.score / best.verdict.information : 0.0;
    if (std::abs(wish) < 2e-3) break;
    double move = std::clamp(wish, -0.35, 0.35);
    bool better = false;
    for (int half = 0; half < 4 && !better; ++half, move *= 0.4) {
      const double sigma = std::clamp(best.blurred * std::exp(move), narrowest, widest);
      const Verdict verdict = jury.judge(shape, sigma);
      if (verdict.deviance < best.verdict.deviance) {
        best = {sigma, verdict, false};
        better = true;
      }
    }
    if (!better) break;
  }
  best.inside =
      best.blurred > narrowest * 1.01 && best.blurred < widest * 0.99 && best.verdict.information > 0;
  return best;
}

double median_diameter(const std::vector<Seed>& seeds) {
  std::vector<double> diameters;
  for (const Seed& seed : seeds) diameters.push_back(seed.diameter_px);
  return median(diameters);
}

}  // namespace

std::optional<Probe> estimate_probe(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise,
                                    const std::vector<Seed>& seeds, const SizeOptions& options) {
  if (seeds.size() < 3) return std::nullopt;
  const auto shapes = candidates(options);
  const double window_sigma = std::clamp(0.3 * median_diameter(seeds), 1.0, 2.5);
  Jury jury(frames, noise, seeds, options, window_sigma, shapes.front().shape);
  if (jury.size() < 3) return std::nullopt;
  struct Found {
    BestSigma best;
    ProfileShape shape;
    double deviance = 0.0;
  };
  std::vector<Found> found;
  for (const Candidate& candidate : shapes) {
    const double start = found.empty() ? 0.7 * window_sigma : found.front().best.blurred;
    const BestSigma best = search_sigma(jury, candidate.shape, start);
    if (best.inside) found.push_back({best, candidate.shape, best.verdict.deviance + candidate.penalty});
  }
  if (found.empty()) return std::nullopt;
  const Found& first = *std::min_element(
      found.begin(), found.end(), [](const Found& a, const Found& b) { return a.deviance < b.deviance; });
  const Verdict& verdict = first.best.verdict;
  double log_variance =
      std::max(verdict.score_variance, verdict.information) / std::pow(verdict.information, 2);
  for (const Found& other : found) {  // what a rival profile would say, by its odds
    const double odds = std::exp(-0.5 * (other.deviance - first.deviance));
    log_variance += odds / (1 + odds) * std::pow(std::log(other.best.blurred / first.best.blurred), 2);
  }
  const double blurred = first.best.blurred;
  const double sigma = std::sqrt(std::max(blurred * blurred - 1.0 / 12.0, 0.01));
  return Probe{sigma, std::sqrt(log_variance) * blurred * blurred / sigma, first.shape};
}

std::optional<Probe> estimate_probe(const cv::Mat1f& raw, const NoiseModel& noise,
                                    const std::vector<Seed>& seeds, const SizeOptions& options) {
  return estimate_probe(std::vector<ShiftedFrame>{{raw, {}}}, noise, seeds, options);
}

ProfileShape choose_profile(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise,
                            const std::vector<Seed>& seeds, const Probe& probe, const SizeOptions& options) {
  const auto shapes = candidates(options);
  if (shapes.size() == 1 || seeds.empty()) return shapes.front().shape;
  const double sigma = blurred_sigma(probe.sigma_px);
  Jury jury(frames, noise, seeds, options, sigma, shapes.front().shape);
  if (jury.size() == 0) return shapes.front().shape;
  std::size_t best = 0;
  double least = 0.0;
  for (std::size_t k = 0; k < shapes.size(); ++k) {
    const double deviance = jury.judge(shapes[k].shape, sigma).deviance + shapes[k].penalty;
    if (k > 0 && deviance >= least) continue;
    best = k;
    least = deviance;
  }
  return shapes[best].shape;
}

}  // namespace sinterscope
