// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/size.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "fit_for_search.h"
#include "fit_reading.h"
#include "fit_window.h"
#include "group_fit.h"
#include "shared_amplitude.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/particles/probe.h"
#include "uneven_ground.h"

namespace sinterscope {
namespace {

constexpr double well_known = 0.03;    ///< error of ln d, below which the covariance of a fit tells enough
constexpr double window_radii = 0.25;  ///< scales of the search are a factor 2^(1/3) apart
constexpr int most_windows = 4;        ///< laid for one particle
constexpr std::size_t asked_of_a_size = 4;  ///< what the ground does to their diameters

/// One particle on its way: its outline for windows and groups, and the fit so far.
struct Work {
  Outline outline;
  SizedFit fit;
  DiameterEstimate estimate;       ///< with the amplitude
  GroupParameters solution;        ///< of the round fit of its group, with the group's first member
  std::vector<std::size_t> group;  ///< whose solution it is
  double window_px = 0.0;          ///< how far it reaches beyond the outline
  bool alone = false;              ///< nothing else near its window
  bool quiet_ground = false;       ///< image and model differ along the outline, if anywhere
  bool done = false;               ///< fitted with success

  bool tells_amplitude() const { return done && fit.snr > 3; }
  double excess() const { return std::max(1.0, fit.chi2_per_dof); }
};

class Sizer {
 public:
  Sizer(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise, const std::vector<Seed>& seeds,
        const Probe& probe, const SizeOptions& options, const std::vector<Seed>& elsewhere)
      : frames_(frames), probe_(probe), options_(options), elsewhere_(elsewhere) {
    setting_.frames = &frames_;
    setting_.noise = &noise;
    setting_.blurred_sigma_px = blurred_sigma(probe.sigma_px);
    setting_.window_px = options.window_sigmas * setting_.blurred_sigma_px + 1.0;
    setting_.smallest_px = options.smallest_diameter_px;
    setting_.largest_px = options.largest_diameter_px;
    setting_.window_radii = window_radii;
    const bool automatic = profile_kind(options.profile) == ProfileKind::automatic;
    setting_.profile = automatic && probe.profile ? *probe.profile
                                                  : choose_profile({{frames, seeds}}, noise, probe, options);
    for (const Seed& seed : seeds) {
      Work work;
      const double d =
          std::clamp(seed.diameter_px, options.smallest_diameter_px, options.largest_diameter_px);
      work.outline = {seed.x_px, seed.y_px, 0.5 * d};
      works_.push_back(work);
    }
  }

  /// ground_errors: whether to ask what the ground does to the diameters.
  std::vector<SizedFit> run(bool ground_errors) {
    fit_groups([](const Neighbourhood&) { return true; }, nullptr);
    refit_where_windows_moved();
    for (int sweep = 0; sweep < 2; ++sweep)  // each with its neighbours' light known from before
      fit_groups([](const Neighbourhood& hood) { return hood.crowded; }, nullptr);
    const std::optional<AmplitudePrior> prior = share_amplitudes();
    if (ground_errors) add_uneven_ground(prior ? &*prior : nullptr);
    std::vector<SizedFit> fits;
    for (const Work& work : works_) fits.push_back(work.fit);
    return fits;
  }

 private:
  template <typename Wanted>
  void fit_groups(const Wanted& wanted, const AmplitudePrior* prior) {
    const std::vector<Outline> all = outlines();
    for (const Neighbourhood& hood : neighbourhoods())
      if (wanted(hood)) fit_group(all, hood, prior);
  }

  std::vector<Outline> outlines() const {
    std::vector<Outline> all;
    for (const Work& work : works_) all.push_back(work.outline);
    return all;
  }

  std::vector<Neighbourhood> neighbourhoods() const {
    const std::vector<Outline> all = outlines();
    double widest = setting_.window_px;
    for (const Outline& one : all)
      widest = std::max(widest, blur_sigmas * setting_.blurred_sigma_px + window_radii * one.radius);
    return group_neighbours(all, setting_.blurred_sigma_px, widest, options_.largest_group);
  }

  std::optional<AmplitudePrior> share_amplitudes() {
    if (!options_.amplitude_prior) return std::nullopt;
    const auto prior = learn_prior();
    if (prior) fit_groups([&](const Neighbourhood& hood) { return worth_a_prior(hood, *prior); }, &*prior);
    return prior;
  }

  /// What the ground does to a diameter goes with the size: some of about one size are asked for all.
  void add_uneven_ground(const AmplitudePrior* prior) {
    const std::vector<Outline> all = outlines();
    std::optional<UnevenGround> ground;
    std::map<long, std::vector<double>> added;
    const auto size_class = [](const Work& work) { return std::lround(4 * std::log(work.fit.diameter_px)); };
    for (const Neighbourhood& hood :
         group_neighbours(all, setting_.blurred_sigma_px, setting_.window_px, 1)) {
      const Work& work = works_[hood.members.front()];
      if (!believed(work) || work.group != hood.members || added[size_class(work)].size() >= asked_of_a_size)
        continue;
      GroupProblem problem = pose(all, hood);
      if (prior != nullptr) problem.amplitude_priors.assign(1, *prior);
      if (work.solution.size() != problem.parameters()) continue;
      const GroupSolution solution =
          solve_group(problem, work.solution, StartFrom::solution, Places::most_likely);
      // With its neighbours' light as it is now the pixels may not tell this one from nothing, and a step in
      // ln d has no bound then.
      if (!solution.converged || !(solution.covariance(2, 2) < 1.0)) continue;
      if (!ground) ground.emplace(setting_, everything(all));
      added[size_class(work)].push_back(ground->added_variance(problem, solution));
    }
    for (Work& work : works_) {
      const std::vector<double>& found = added[size_class(work)];
      if (!believed(work) || found.empty()) continue;
      const double share =
          std::accumulate(found.begin(), found.end(), 0.0) / static_cast<double>(found.size());
      SizedFit& fit = work.fit;
      const double log_variance = work.estimate.variance_diameter / work.excess();  // by the covariance alone
      fit.diameter_ground_se_px = fit.diameter_px * std::sqrt(log_variance * share);
      fit.diameter_se_px = std::hypot(fit.diameter_se_px, fit.diameter_ground_se_px);
    }
  }

  std::vector<Outline> everything(std::vector<Outline> all) const {
    for (const Seed& seed : elsewhere_) all.push_back({seed.x_px, seed.y_px, 0.5 * seed.diameter_px});
    return all;
  }

  static bool believed(const Work& work) { return work.done && !work.fit.flags.has(ParticleFlag::at_bound); }

  /// A seed may have been far too large or small for its window, or its neighbours wrongly told apart.
  void refit_where_windows_moved() {
    refit([&](const Work& work) {
      const double before = work.outline.radius, sigma = setting_.blurred_sigma_px;
      const double growth = 0.5 * work.fit.diameter_px - before;
      // With nothing near, more ground is had for the asking.
      const double much = work.alone ? std::min(0.15 * before, 0.25 * work.window_px) : 0.15 * before;
      return growth > std::max(much, 0.5 * sigma) || -growth > std::max(0.3 * before, sigma) ||
             std::hypot(work.fit.x_px - work.outline.x, work.fit.y_px - work.outline.y) > sigma;
    });
    const auto outgrown = [&](const Work& work) { return work.alone && has_outgrown(work); };
    for (int window = 2; window < most_windows && refit(outgrown); ++window) {
    }
    for (Work& work : works_)
      if (work.done && has_outgrown(work)) work.fit.flags.set(ParticleFlag::at_bound);
  }

  /// No ground was left in the window to tell the particle from.
  bool has_outgrown(const Work& work) const {
    return 0.5 * work.fit.diameter_px + blur_sigmas * setting_.blurred_sigma_px >
           work.outline.radius + work.window_px;
  }

  /// Lays the windows of such particles anew, about what their fits found; whether there were any.
  template <typename Such>
  bool refit(const Such& such) {
    std::vector<bool> moved(works_.size(), false);
    for (std::size_t i = 0; i < works_.size(); ++i) {
      Work& work = works_[i];
      // Where the ground is as irregular as the particle, more of it would not help.
      const bool helps = work.quiet_ground || !work.fit.flags.has(ParticleFlag::irregular);
      moved[i] = work.done && helps && such(work);
      if (moved[i]) work.outline = {work.fit.x_px, work.fit.y_px, 0.5 * work.fit.diameter_px};
    }
    if (std::none_of(moved.begin(), moved.end(), [](bool one) { return one; })) return false;
    fit_groups(
        [&](const Neighbourhood& hood) {
          return std::any_of(hood.members.begin(), hood.members.end(),
                             [&](std::size_t i) { return moved[i]; });
        },
        nullptr);
    return true;
  }

  std::optional<AmplitudePrior> learn_prior() const {
    std::vector<double> log_diameters;
    int bright = 0;
    for (const Work& work : works_) {
      if (!work.tells_amplitude()) continue;
      log_diameters.push_back(work.estimate.log_diameter);
      bright += work.fit.amplitude > 0 ? 1 : -1;
    }
    if (std::abs(bright) < static_cast<int>(log_diameters.size()) * 8 / 10)
      return std::nullopt;  // dark and bright mixed
    const std::vector<Outline> all = outlines();
    const std::vector<Neighbourhood> hoods = neighbourhoods();
    return learn_shared_amplitude(
        log_diameters,
        [&](const Population& law, double blurred_sigma_px, std::size_t most) {
          return look_at_many(all, hoods, law, blurred_sigma_px, most);
        },
        slope_prior(setting_.profile), setting_.blurred_sigma_px, probe_.sigma_se_px == 0.0);
  }

  /// Groups are taken evenly out of all.
  std::vector<DiameterLikelihood> look_at_many(const std::vector<Outline>& all,
                                               const std::vector<Neighbourhood>& hoods, const Population& law,
                                               double blurred_sigma_px, std::size_t most) const {
    std::vector<DiameterLikelihood> seen;
    const std::size_t wanted = std::min(hoods.size(), most);
    for (std::size_t k = 0; k < wanted; ++k)
      for (DiameterLikelihood& one : look_at(all, hoods[k * hoods.size() / wanted], law, blurred_sigma_px))
        if (!one.empty()) seen.push_back(std::move(one));
    return seen;
  }

  /// What the members of a group say along their diameters, after their free fit.
  std::vector<DiameterLikelihood> look_at(const std::vector<Outline>& all, const Neighbourhood& hood,
                                          const Population& law, double blurred_sigma_px) const {
    const Work& first = works_[hood.members.front()];
    std::optional<GroupProblem> problem;  // posed where a covariance does not tell enough
    Eigen::VectorXd weights;
    std::vector<DiameterLikelihood> seen;
    for (std::size_t k = 0; k < hood.members.size(); ++k) {
      const Work& work = works_[hood.members[k]];
      if (!work.tells_amplitude()) continue;
      if (work.estimate.variance_diameter < well_known * well_known) {
        seen.push_back(expand_along_diameter(work.estimate));
        continue;
      }
      if (first.group != hood.members) continue;
      if (!problem) {
        problem = pose(all, hood);
        if (first.solution.size() != problem->parameters()) return seen;
        weights = inverse_sd_at(*problem, first.solution);
        problem->blurred_sigma_px = blurred_sigma_px;
      }
      seen.push_back(look_along_diameter(*problem, first.solution, weights, work.excess(),
                                         static_cast<int>(k), law.square_range(work.estimate)));
    }
    return seen;
  }

  /// Whether the prior has something to say beside what a member's own pixels say.
  bool worth_a_prior(const Neighbourhood& hood, const AmplitudePrior& prior) const {
    return std::any_of(hood.members.begin(), hood.members.end(), [&](std::size_t i) {
      const Work& work = works_[i];
      return !work.done || work.fit.flags.has(ParticleFlag::at_bound) ||
             std::sqrt(work.estimate.variance_amplitude) > 0.2 * prior.log_sd;
    });
  }

  /// The neighbours' light, where each of a crowd is fitted alone and all have been fitted before.
  std::vector<std::optional<KnownParticle>> known_light(const Neighbourhood& hood) const {
    std::vector<std::optional<KnownParticle>> known;
    if (!hood.crowded || !works_[hood.members.front()].done) return known;
    known.resize(works_.size());
    for (const std::size_t other : hood.others) {
      const SizedFit& fit = works_[other].fit;
      if (works_[other].done && !fit.flags.has(ParticleFlag::at_bound))
        known[other] = KnownParticle{fit.x_px, fit.y_px, fit.diameter_px, fit.amplitude};
    }
    return known;
  }

  GroupProblem pose(const std::vector<Outline>& all, const Neighbourhood& hood,
                    bool* any_saturated = nullptr) const {
    const auto known = known_light(hood);
    bool saturated = false;
    GroupProblem problem = pose_group(setting_, all, hood, saturated, known.empty() ? nullptr : &known);
    if (any_saturated != nullptr) *any_saturated = saturated;
    return problem;
  }

  void fit_group(const std::vector<Outline>& outlines, const Neighbourhood& hood,
                 const AmplitudePrior* prior) {
    bool saturated = false;
    GroupProblem problem = pose(outlines, hood, &saturated);
    if (prior != nullptr) problem.amplitude_priors.assign(hood.members.size(), *prior);
    GroupSolution solution;
    if (static_cast<int>(problem.pixels.size()) > problem.parameters() + 3)
      solution = fit_from_best_start(problem, hood, prior != nullptr);
    if (!solution.converged && prior != nullptr) return;  // the fit without it stands
    if (solution.converged) try_ellipses(problem, solution, options_);
    if (solution.converged && !problem.elliptic) {
      works_[hood.members.front()].solution = solution.parameters;
      works_[hood.members.front()].group = hood.members;
    }
    Eigen::VectorXd model;
    if (solution.converged) model = model_values(problem, solution.parameters);
    for (std::size_t k = 0; k < hood.members.size(); ++k) {
      Work& work = works_[hood.members[k]];
      const auto number = static_cast<int>(k);
      work.done = solution.converged;
      work.window_px = window_of(setting_, outlines, hood, hood.members[k]);
      work.alone = hood.members.size() == 1 && hood.others.empty();
      work.fit = solution.converged ? read_fit(problem, solution, model, number, probe_, options_)
                                    : without_fit(work.outline, setting_.profile);
      work.quiet_ground = work.done && try_contour(problem, solution, model, options_, work.fit);
      if (work.done) work.estimate = estimate_of(problem, solution, work.excess(), number);
      if (saturated) work.fit.flags.set(ParticleFlag::saturated);
      if (touches(outlines, hood, k)) work.fit.flags.set(ParticleFlag::touching);
      flag_edge(frames_, work.fit);
    }
  }

  /// With a prior, from where the fit before ended, unless that went astray.
  GroupSolution fit_from_best_start(const GroupProblem& problem, const Neighbourhood& hood,
                                    bool again) const {
    const Work& first = works_[hood.members.front()];
    const bool astray = std::any_of(hood.members.begin(), hood.members.end(), [&](std::size_t i) {
      return !works_[i].done || works_[i].fit.flags.has(ParticleFlag::at_bound);
    });
    const Places places = places_of(options_);
    if (again && !astray && first.group == hood.members && first.solution.size() == problem.parameters())
      return solve_group(problem, first.solution, StartFrom::solution, places);
    return solve_group(problem, first_guess(problem), StartFrom::guess, places);
  }

  bool touches(const std::vector<Outline>& outlines, const Neighbourhood& hood, std::size_t k) const {
    const std::size_t self = hood.members[k];
    const auto close = [&](std::size_t other) {
      return other != self && edge_gap(outlines[self], outlines[other]) < 2 * setting_.blurred_sigma_px;
    };
    return std::any_of(hood.members.begin(), hood.members.end(), close) ||
           std::any_of(hood.others.begin(), hood.others.end(), close);
  }

  const std::vector<ShiftedFrame>& frames_;
  const Probe& probe_;
  const SizeOptions& options_;
  const std::vector<Seed>& elsewhere_;
  FitSetting setting_;
  std::vector<Work> works_;
};

std::vector<SizedFit> fit_all(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise,
                              const std::vector<Seed>& seeds, const Probe& probe, const SizeOptions& options,
                              const std::vector<Seed>& elsewhere, bool ground_errors) {
  validate(options);
  if (frames.empty()) throw Error("particles cannot be measured without a frame");
  for (const ShiftedFrame& frame : frames)
    if (frame.pixels.empty() || frame.pixels.size() != frames.front().pixels.size())
      throw Error(fmt::format("frames that are measured together differ in size: {}x{} and {}x{}",
                              frame.pixels.cols, frame.pixels.rows, frames.front().pixels.cols,
                              frames.front().pixels.rows));
  if (!(probe.sigma_px >= 0 && probe.sigma_se_px >= 0))
    throw usage_error(
        fmt::format("probe sigma is {} +- {} px: must not be negative", probe.sigma_px, probe.sigma_se_px));
  return Sizer(frames, noise, seeds, probe, options, elsewhere).run(ground_errors);
}

}  // namespace

std::vector<SizedFit> fit_particles(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise,
                                    const std::vector<Seed>& seeds, const Probe& probe,
                                    const SizeOptions& options, const std::vector<Seed>& elsewhere) {
  return fit_all(frames, noise, seeds, probe, options, elsewhere, true);
}

std::vector<SizedFit> fit_without_ground_errors(const std::vector<ShiftedFrame>& frames,
                                                const NoiseModel& noise, const std::vector<Seed>& seeds,
                                                const Probe& probe, const SizeOptions& options) {
  return fit_all(frames, noise, seeds, probe, options, {}, false);
}

Particle to_particle(const SizedFit& fit) {
  Particle particle;
  particle.x_px = particle.x_specimen_px = fit.x_px;
  particle.y_px = particle.y_specimen_px = fit.y_px;
  particle.position_se_px = fit.position_se_px;
  particle.diameter_px = fit.diameter_px;
  particle.diameter_se_px = fit.diameter_se_px;
  particle.area_px = 0.25 * pi * fit.diameter_px * fit.diameter_px;
  particle.contrast = fit.background != 0.0 ? fit.amplitude / std::abs(fit.background) : 0.0;
  particle.snr = fit.snr;
  particle.axis_ratio = fit.axis_ratio;
  particle.chi2_per_dof = fit.chi2_per_dof;
  particle.flags = fit.flags;
  return particle;
}

std::vector<Particle> measure_particles(const cv::Mat1f& raw, const NoiseModel& noise,
                                        const std::vector<Seed>& seeds, const Probe& probe,
                                        const SizeOptions& options) {
  std::vector<Particle> particles;
  for (const SizedFit& fit : fit_particles({{raw, {}}}, noise, seeds, probe, options))
    particles.push_back(to_particle(fit));
  return particles;
}

}  // namespace sinterscope
