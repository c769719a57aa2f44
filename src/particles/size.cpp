// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/size.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "amplitude_prior.h"
#include "fit_window.h"
#include "group_fit.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

using Eigen::Index;

/// One particle on its way: its outline for windows and groups, and the fit so far.
struct Work {
  Outline outline;
  SizedFit fit;
  double log_amplitude_se = 0.0;
  double chi2 = 0.0;  ///< of its group
};

class Sizer {
 public:
  Sizer(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise, const std::vector<Seed>& seeds,
        const Probe& probe, const SizeOptions& options)
      : frames_(frames),
        noise_(noise),
        seeds_(seeds),
        probe_(probe),
        options_(options),
        sigma_(blurred_sigma(probe.sigma_px)),
        window_(options.window_sigmas * sigma_ + 1.0) {}

  std::vector<SizedFit> run() {
    start();
    shape_ = choose_shape();
    fit_all({});
    refit_where_windows_moved();
    if (options_.amplitude_prior)
      if (const auto prior = learn_prior()) fit_all(prior);
    std::vector<SizedFit> fits;
    for (const Work& work : works_) fits.push_back(work.fit);
    return fits;
  }

 private:
  void start() {
    works_.resize(seeds_.size());
    for (std::size_t i = 0; i < seeds_.size(); ++i) {
      const double diameter =
          std::clamp(seeds_[i].diameter_px, options_.smallest_diameter_px, options_.largest_diameter_px);
      works_[i].outline = {seeds_[i].x_px, seeds_[i].y_px, 0.5 * diameter};
    }
  }

  std::vector<Outline> outlines() const {
    std::vector<Outline> all;
    for (const Work& work : works_) all.push_back(work.outline);
    return all;
  }

  std::vector<Neighbourhood> groups() const {
    return group_neighbours(outlines(), sigma_, window_, options_.largest_group);
  }

  /// The given profile, or the candidate of the detector under which the frame's best-seen particles fit
  /// best.
  ProfileShape choose_shape() {
    const ProfileKind asked = profile_kind(options_.profile);
    if (asked != ProfileKind::automatic) return {asked, options_.rim};
    std::vector<ProfileKind> candidates = {ProfileKind::disk, ProfileKind::cap, ProfileKind::rim_disk};
    if (options_.detector == "SE") candidates = {ProfileKind::disk, ProfileKind::rim_disk};
    if (options_.detector == "HAADF") candidates = {ProfileKind::cap, ProfileKind::disk};
    shape_ = {candidates.front(), options_.rim};
    auto hoods = groups();
    std::erase_if(hoods, [](const Neighbourhood& hood) { return hood.members.size() > 1; });
    constexpr std::size_t enough = 60;  // spread evenly over the seeds
    if (hoods.size() > enough) {
      std::vector<Neighbourhood> fewer;
      for (std::size_t k = 0; k < enough; ++k) fewer.push_back(hoods[k * hoods.size() / enough]);
      hoods = std::move(fewer);
    }
    std::vector<std::vector<double>> chi2(candidates.size(), std::vector<double>(hoods.size()));
    const std::vector<Work> before = works_;
    std::vector<bool> usable(hoods.size(), true);
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      shape_.kind = candidates[c];
      works_ = before;
      for (std::size_t k = 0; k < hoods.size(); ++k) {
        fit_group(hoods[k], {});
        const Work& work = works_[hoods[k].members.front()];
        chi2[c][k] = work.chi2;
        if (work.fit.flags.has(ParticleFlag::fit_failed) || work.fit.flags.has(ParticleFlag::at_bound))
          usable[k] = false;
      }
    }
    works_ = before;
    std::size_t best = 0;
    std::vector<double> sums(candidates.size(), 0.0);
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      for (std::size_t k = 0; k < hoods.size(); ++k)
        if (usable[k]) sums[c] += chi2[c][k];
      if (sums[c] < sums[best]) best = c;
    }
    return {candidates[best], options_.rim};
  }

  void fit_all(const std::optional<AmplitudePrior>& prior) {
    for (const Neighbourhood& hood : groups()) fit_group(hood, prior);
  }

  /// A seed may have been far too large or small for its window, or its neighbours wrongly told apart.
  void refit_where_windows_moved() {
    std::vector<bool> moved(works_.size(), false);
    bool any = false;
    for (std::size_t i = 0; i < works_.size(); ++i) {
      Work& work = works_[i];
      if (work.fit.flags.has(ParticleFlag::fit_failed)) continue;
      const Outline now = {work.fit.x_px, work.fit.y_px, 0.5 * work.fit.diameter_px};
      const double growth = now.radius - work.outline.radius;
      moved[i] = growth > std::max(0.15 * work.outline.radius, 0.5 * sigma_) ||
                 -growth > std::max(0.3 * work.outline.radius, sigma_) ||
                 std::hypot(now.x - work.outline.x, now.y - work.outline.y) > sigma_;
      if (!moved[i]) continue;
      work.outline = now;
      any = true;
    }
    if (!any) return;
    for (const Neighbourhood& hood : groups())
      if (std::any_of(hood.members.begin(), hood.members.end(), [&](std::size_t i) { return moved[i]; }))
        fit_group(hood, {});
  }

  std::optional<AmplitudePrior> learn_prior() const {
    std::vector<AmplitudeSample> samples;
    int bright = 0;
    for (const Work& work : works_) {
      const bool usable = !work.fit.flags.has(ParticleFlag::fit_failed) &&
                          !work.fit.flags.has(ParticleFlag::at_bound) && work.fit.snr > 5 &&
                          work.log_amplitude_se < 0.35;
      if (!usable) continue;
      samples.push_back(
          {std::log(std::abs(work.fit.amplitude)), work.log_amplitude_se, std::log(work.fit.diameter_px)});
      bright += work.fit.amplitude > 0 ? 1 : -1;
    }
    if (std::abs(bright) < static_cast<int>(samples.size()) * 8 / 10)
      return std::nullopt;  // dark and bright mixed
    const bool thickness = shape_.kind == ProfileKind::cap;
    return learn_amplitude_prior(samples, thickness ? 1.0 : 0.0, thickness ? 0.3 : 0.1);
  }

  GroupProblem pose(const Neighbourhood& hood, const std::optional<AmplitudePrior>& prior,
                    bool& saturated) const {
    GroupProblem problem;
    problem.pixels = collect_pixels(frames_, outlines_of(hood), local(hood), sigma_, window_,
                                    noise_.saturation, saturated);
    problem.noise = noise_;
    problem.profile = shape_;
    problem.blurred_sigma_px = sigma_;
    problem.particles = static_cast<int>(hood.members.size());
    double largest = 0.0;
    for (const std::size_t member : hood.members) {
      const Outline& outline = works_[member].outline;
      problem.centre_x += outline.x / problem.particles;
      problem.centre_y += outline.y / problem.particles;
      problem.seed_x.push_back(outline.x);
      problem.seed_y.push_back(outline.y);
      problem.wander_px.push_back(std::max(outline.radius, 2 * sigma_));
      largest = std::max(largest, 2 * (outline.radius + window_));
      problem.amplitude_priors.push_back(prior);
    }
    problem.smallest_px = options_.smallest_diameter_px;
    problem.largest_px = std::min(options_.largest_diameter_px, largest);
    return problem;
  }

  /// The outlines a neighbourhood needs, members first; `local` numbers them likewise.
  std::vector<Outline> outlines_of(const Neighbourhood& hood) const {
    std::vector<Outline> list;
    for (const std::size_t member : hood.members) list.push_back(works_[member].outline);
    for (const std::size_t other : hood.others) list.push_back(works_[other].outline);
    return list;
  }
  static Neighbourhood local(const Neighbourhood& hood) {
    Neighbourhood numbered;
    for (std::size_t k = 0; k < hood.members.size(); ++k) numbered.members.push_back(k);
    for (std::size_t k = 0; k < hood.others.size(); ++k) numbered.others.push_back(hood.members.size() + k);
    return numbered;
  }

  GroupParameters first_guess(const GroupProblem& problem, const Neighbourhood& hood) const {
    GroupSolution best;
    for (const double scale : {1.0, 0.75, 1.33}) {
      GroupParameters start = GroupParameters::Zero(problem.parameters());
      for (int k = 0; k < problem.particles; ++k) {
        const Work& work = works_[hood.members[static_cast<std::size_t>(k)]];
        const double diameter = std::clamp(2 * scale * work.outline.radius, problem.smallest_px * 1.01,
                                           problem.largest_px * 0.99);
        start.segment<3>(static_cast<Index>(k) * problem.shape_parameters()) << work.outline.x,
            work.outline.y, std::log(diameter);
      }
      GroupSolution tried = solve_linear(problem, std::move(start));
      if (best.parameters.size() == 0 || tried.chi2 < best.chi2) best = std::move(tried);
      if (best.chi2 < 1.5 * static_cast<double>(problem.pixels.size())) break;  // near enough already
    }
    return best.parameters;
  }

  void fit_group(const Neighbourhood& hood, const std::optional<AmplitudePrior>& prior) {
    bool saturated = false;
    GroupProblem problem = pose(hood, prior, saturated);
    GroupSolution solution;
    if (static_cast<int>(problem.pixels.size()) > problem.parameters() + 3)
      solution = solve_group(problem, first_guess(problem, hood), options_.bias_correction);
    if (!solution.converged || solution.covariance.size() == 0) {
      for (const std::size_t member : hood.members) note_failure(member, saturated);
      return;
    }
    try_ellipses(problem, solution);
    for (std::size_t k = 0; k < hood.members.size(); ++k) note_fit(problem, solution, hood, k, saturated);
  }

  void try_ellipses(GroupProblem& problem, GroupSolution& solution) const {
    const double excess = std::max(1.0, solution.chi2 / solution.degrees_of_freedom);
    const double needed = options_.elliptic_significance * options_.elliptic_significance * excess;
    double promised = 0.0;
    for (int k = 0; k < problem.particles; ++k)
      if (std::exp(solution.parameters[4 * static_cast<Index>(k) + 2]) > 2 * sigma_)
        promised = std::max(promised, solution.ellipse_gain[static_cast<std::size_t>(k)]);
    if (promised < needed) return;
    GroupProblem elliptic = problem;
    elliptic.elliptic = true;
    GroupParameters start = GroupParameters::Zero(elliptic.parameters());
    for (int k = 0; k < problem.particles; ++k)
      start.segment<4>(6 * static_cast<Index>(k)) = solution.parameters.segment<4>(4 * static_cast<Index>(k));
    start.tail(3 * problem.pixels.frames) = solution.parameters.tail(3 * problem.pixels.frames);
    GroupSolution tried = solve_group(elliptic, std::move(start), options_.bias_correction);
    if (!tried.converged || tried.covariance.size() == 0 || solution.chi2 - tried.chi2 < needed) return;
    problem.elliptic = true;
    solution = std::move(tried);
  }

  void note_failure(std::size_t member, bool saturated) {
    Work& work = works_[member];
    work.fit = {};
    work.fit.profile = shape_;
    work.fit.x_px = work.outline.x;
    work.fit.y_px = work.outline.y;
    work.fit.position_se_px = work.outline.radius;
    work.fit.diameter_px = 2 * work.outline.radius;
    work.fit.diameter_se_px = work.fit.diameter_px;
    work.fit.flags.set(ParticleFlag::fit_failed);
    if (saturated) work.fit.flags.set(ParticleFlag::saturated);
    flag_edge(work.fit);
  }

  void note_fit(const GroupProblem& problem, const GroupSolution& solution, const Neighbourhood& hood,
                std::size_t k, bool saturated) {
    Work& work = works_[hood.members[k]];
    const Index at = static_cast<Index>(k) * problem.shape_parameters();
    const auto& p = solution.parameters;
    const auto& c = solution.covariance;
    const double excess = std::max(1.0, solution.chi2 / solution.degrees_of_freedom);
    SizedFit fit;
    fit.profile = shape_;
    fit.x_px = p[at];
    fit.y_px = p[at + 1];
    fit.position_se_px = std::sqrt(0.5 * (c(at, at) + c(at + 1, at + 1)) * excess);
    const double log_variance = c(at + 2, at + 2);
    // E[d] = d (1 + bias of ln d + variance / 2); never more than half a standard error is taken out.
    const double most = 0.5 * std::sqrt(log_variance);
    const double shift =
        options_.bias_correction ? std::clamp(solution.bias[at + 2] + 0.5 * log_variance, -most, most) : 0.0;
    fit.diameter_px = std::exp(p[at + 2] - shift);
    const double log_sigma_se = probe_.sigma_px * probe_.sigma_se_px / (sigma_ * sigma_);
    fit.diameter_probe_se_px = fit.diameter_px * std::abs(solution.by_log_sigma[at + 2]) * log_sigma_se;
    fit.diameter_se_px =
        std::hypot(fit.diameter_px * std::sqrt(log_variance * excess), fit.diameter_probe_se_px);
    fit.amplitude = p[at + 3];
    fit.amplitude_se = std::sqrt(c(at + 3, at + 3) * excess);
    const Index plane = static_cast<Index>(problem.particles) * problem.shape_parameters();
    fit.background = p[plane] + p[plane + 1] * (fit.x_px - problem.centre_x) +
                     p[plane + 2] * (fit.y_px - problem.centre_y);
    if (problem.elliptic) {
      fit.axis_ratio = std::exp(2 * std::hypot(p[at + 4], p[at + 5]));
      fit.angle_rad = 0.5 * std::atan2(p[at + 5], p[at + 4]);
    }
    fit.chi2_per_dof = solution.chi2 / solution.degrees_of_freedom;
    fit.snr = solution.snr[k];
    fit.probe_score = solution.sigma_score / problem.particles;
    fit.probe_information = solution.sigma_information / problem.particles;
    const double wandered = std::hypot(p[at] - problem.seed_x[k], p[at + 1] - problem.seed_y[k]);
    if (p[at + 2] < std::log(problem.smallest_px * 1.02) || p[at + 2] > std::log(problem.largest_px * 0.98) ||
        wandered > 0.98 * problem.wander_px[k])
      fit.flags.set(ParticleFlag::at_bound);
    if (fit.chi2_per_dof > options_.poor_fit_chi2) fit.flags.set(ParticleFlag::poor_fit);
    if (saturated) fit.flags.set(ParticleFlag::saturated);
    if (touches(hood, k)) fit.flags.set(ParticleFlag::touching);
    flag_edge(fit);
    work.fit = fit;
    work.log_amplitude_se = fit.amplitude_se / std::max(std::abs(fit.amplitude), 1e-12);
    work.chi2 = solution.chi2;
  }

  bool touches(const Neighbourhood& hood, std::size_t k) const {
    const Outline& own = works_[hood.members[k]].outline;
    const auto close = [&](std::size_t other) { return edge_gap(own, works_[other].outline) < 2 * sigma_; };
    for (std::size_t j = 0; j < hood.members.size(); ++j)
      if (j != k && close(hood.members[j])) return true;
    return std::any_of(hood.others.begin(), hood.others.end(), close);
  }

  /// Cut by the edge of any frame.
  void flag_edge(SizedFit& fit) const {
    for (const ShiftedFrame& frame : frames_) {
      const double x = fit.x_px + frame.shift_px.x, y = fit.y_px + frame.shift_px.y;
      const double nearest = std::min({x, y, frame.pixels.cols - 1 - x, frame.pixels.rows - 1 - y}) + 0.5;
      if (nearest < 0.5 * fit.diameter_px) fit.flags.set(ParticleFlag::cut_by_edge);
    }
  }

  const std::vector<ShiftedFrame>& frames_;
  const NoiseModel& noise_;
  const std::vector<Seed>& seeds_;
  const Probe& probe_;
  const SizeOptions& options_;
  double sigma_, window_;
  ProfileShape shape_;
  std::vector<Work> works_;
};

}  // namespace

std::vector<SizedFit> fit_particles(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise,
                                    const std::vector<Seed>& seeds, const Probe& probe,
                                    const SizeOptions& options) {
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
  return Sizer(frames, noise, seeds, probe, options).run();
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
