// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/xps_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/inference/statistics.h"
#include "xps_messages.h"
#include "xps_problem.h"

namespace sinterscope {
namespace {

constexpr double chi_square_68 = 0.98895, chi_square_95 = 3.84146;
constexpr double poor_fit = 0.01;

/// The point as far along the line from `origin` through `known` as `ratio` says.
XpsParameters along(const XpsParameters& origin, const XpsParameters& known, double ratio) {
  XpsParameters point = origin;
  for (std::size_t k = 0; k < point.shared.size(); ++k)
    point.shared[k] += ratio * (known.shared[k] - origin.shared[k]);
  for (std::size_t i = 0; i < point.own.size(); ++i)
    for (std::size_t k = 0; k < point.own[i].size(); ++k)
      point.own[i][k] += ratio * (known.own[i][k] - origin.own[i][k]);
  return point;
}

/// Where twice the loss of the profile along sum(weight * fraction) reaches a drop. The signed root of the
/// loss is nearly straight, so the secant through the last point and the maximum ends in two or three fits;
/// the other parameters are nearly straight too, and each fit begins on their line.
class ProfileWalk {
 public:
  ProfileWalk(const XpsProblem& problem, const XpsSolution& best, FractionWeights weights, double se)
      : problem_(problem), best_(best), weights_(std::move(weights)), se_(se), known_(best.parameters) {
    for (std::size_t i = 0; i < weights_.size(); ++i)
      centre_ += weights_[i] * best.parameters.own[i][fraction];
  }

  double centre() const { return centre_; }

  double end(double side, double drop) {
    constexpr int most_fits = 12;
    constexpr double close = 0.01;  // of the root of the drop: a hundredth of half an interval
    const double wanted = std::sqrt(drop);
    double step = wanted * std::max(se_, 1e-6);
    for (int fit = 0; fit < most_fits; ++fit) {
      const double offset = side * step;
      XpsParameters start = along(best_.parameters, known_, known_at_ != 0.0 ? offset / known_at_ : 0.0);
      if (!problem_.possible(start)) start = best_.parameters;
      const XpsSolution held = problem_.solve_held(start, weights_, centre_ + offset);
      known_ = held.parameters;
      known_at_ = offset;
      const double root = std::sqrt(std::max(held.deviance - best_.deviance, 1e-12));
      const double ratio = std::clamp(wanted / root, 0.3, 3.0);
      step *= ratio;
      se_ = step / wanted;
      if (std::abs(ratio - 1.0) < close) break;
      if (step > farthest) return centre_ + side * farthest;
    }
    return centre_ + side * step;
  }

 private:
  static constexpr double farthest = 3.0;  // a fraction beyond any meaning
  const XpsProblem& problem_;
  const XpsSolution& best_;
  FractionWeights weights_;
  double se_, centre_ = 0.0;
  XpsParameters known_;    ///< the last fit,
  double known_at_ = 0.0;  ///< and how far from the maximum the quantity was held
};

/// The profile's intervals, cut to where the quantity can lie.
Estimate estimate_of(ProfileWalk walk, double dispersion, double lowest, double highest) {
  Estimate result;
  const auto interval = [&](double drop) {
    return Interval{std::clamp(walk.end(-1.0, drop * dispersion), lowest, highest),
                    std::clamp(walk.end(1.0, drop * dispersion), lowest, highest)};
  };
  result.interval68 = interval(chi_square_68);
  result.interval95 = result.profile95 = interval(chi_square_95);
  const bool below = *result.interval95.low > lowest, above = *result.interval95.high < highest;
  result.bounded = below && above ? "both" : below ? "below" : above ? "above" : "none";
  if (result.bounded != "none") result.estimate = std::clamp(walk.centre(), lowest, highest);
  return result;
}

FittedValue positive(double logarithm, double se) {
  const double value = std::exp(logarithm);
  return {value, value * se};
}

void fill_shared(XpsFit& fit, const XpsParameters& at, const XpsCurvature& curvature) {
  const auto& value = at.shared;
  const auto& se = curvature.shared_se;
  fit.particle_line_eV = {value[particle_line], se[particle_line]};
  fit.separation_eV = {value[separation], se[separation]};
  fit.splitting_eV = {value[splitting], se[splitting]};
  fit.area_ratio = positive(value[log_area_ratio], se[log_area_ratio]);
  fit.fwhm_eV = positive(value[log_fwhm], se[log_fwhm]);
  const double lorentz = 1.0 / (1.0 + std::exp(-value[logit_lorentz]));
  fit.lorentz = {lorentz, lorentz * (1.0 - lorentz) * se[logit_lorentz]};
  fit.width_ratio = positive(value[log_width_ratio], se[log_width_ratio]);
}

XpsCurves curves_of(const XpsChannels& data, const XpsModel<double>& model) {
  XpsCurves curves;
  curves.binding_energy_eV = data.energy_eV;
  curves.counts = data.counts;
  for (std::size_t k = 0; k < data.counts.size(); ++k) {
    const ExpectedCounts<double> expected = model.at(data, k);
    curves.fit.push_back(expected.sum());
    curves.background.push_back(expected.background);
    curves.particle.push_back(expected.particle);
    curves.interfacial.push_back(expected.interfacial);
  }
  return curves;
}

XpsSpectrumFit describe_spectrum(const XpsProblem& problem, const XpsParameters& at,
                                 const XpsCurvature& curvature, const Spectrum& spectrum, std::size_t i) {
  const auto& own = at.own[i];
  const auto& se = curvature.own_se[i];
  XpsSpectrumFit result;
  result.name = spectrum.name;
  result.temperature_K = spectrum.temperature_K;
  result.fraction_se = se[fraction];
  result.line_counts = positive(own[log_counts], se[log_counts]);
  result.shirley_rise = {own[shirley_rise], se[shirley_rise]};
  result.loss_slope = {own[loss_slope], se[loss_slope]};
  result.shift_eV = own[line_shift];
  result.deviance = problem.deviance(at, i);
  result.channels = static_cast<int>(problem.channels()[i].counts.size());
  result.curves = curves_of(problem.channels()[i], problem.model(at, i));
  return result;
}

/// Nothing is known of it but where it can lie.
Estimate unknown(double lowest, double highest) {
  Estimate result;
  result.interval68 = result.interval95 = result.profile95 = {lowest, highest};
  return result;
}

bool has_lines(const XpsSpectrumFit& spectrum) {
  return spectrum.line_counts.value > 3.0 * spectrum.line_counts.se;
}

/// Whether one species alone, in all spectra, would fit as well as the other: then only the energy scale
/// tells which it is, and a walk along the likelihood from one of them does not see the other.
bool is_one_line(const XpsProblem& problem, const XpsSolution& best, double dispersion) {
  constexpr double few = 0.25;
  const auto& own = best.parameters.own;
  const auto all = [&](auto&& is) { return std::all_of(own.begin(), own.end(), is); };
  const bool particles = all([](const auto& one) { return one[fraction] < few; });
  const bool interfacial = all([](const auto& one) { return one[fraction] > 1.0 - few; });
  if (!particles && !interfacial) return false;
  XpsParameters other = best.parameters;
  other.shared[particle_line] += (particles ? -1.0 : 1.0) * other.shared[separation];
  for (auto& one : other.own) one[fraction] = particles ? 0.95 : 0.05;
  if (!problem.possible(other)) return false;
  const XpsSolution solution = problem.solve(other);
  const double moved = solution.parameters.shared[particle_line] - best.parameters.shared[particle_line];
  return std::abs(moved) > 0.5 * best.parameters.shared[separation] &&
         solution.deviance - best.deviance < chi_square_95 * dispersion;
}

std::vector<std::pair<std::size_t, std::size_t>> compared(std::size_t spectra) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 1; i < spectra; ++i) pairs.emplace_back(i - 1, i);
  if (spectra > 2) pairs.emplace_back(0, spectra - 1);
  return pairs;
}

}  // namespace

XpsFit fit_xps(std::span<const Spectrum> spectra, const XpsOptions& options) {
  validate(options);
  if (!(options.low_eV < options.high_eV))
    throw usage_error(fmt::format("options 'low_ev' {} and 'high_ev' {}: the first must be the smaller",
                                  options.low_eV, options.high_eV));
  const XpsProblem problem(spectra, options);
  const XpsSolution best = problem.solve();
  const XpsCurvature curvature = problem.curvature(best.parameters);
  XpsFit fit;
  fit.options = options;
  fit.converged = best.converged;
  fill_shared(fit, best.parameters, curvature);
  int channels = 0;
  for (std::size_t i = 0; i < spectra.size(); ++i) {
    fit.spectra.push_back(describe_spectrum(problem, best.parameters, curvature, spectra[i], i));
    channels += fit.spectra.back().channels;
  }
  fit.goodness_g2 = best.deviance;
  fit.goodness_dof = std::max(1, channels + problem.priors() - problem.free_parameters());
  fit.goodness_p = chi_square_survival(fit.goodness_g2, fit.goodness_dof);
  if (fit.goodness_p < poor_fit) fit.dispersion = fit.goodness_g2 / fit.goodness_dof;

  fit.one_line = is_one_line(problem, best, fit.dispersion);

  const std::size_t n = spectra.size();
  const auto& covariance = curvature.fraction_covariance;
  for (std::size_t i = 0; i < n; ++i) {
    FractionWeights weights(n, 0.0);
    weights[i] = 1.0;
    const ProfileWalk walk(problem, best, weights, curvature.own_se[i][fraction]);
    const bool known = has_lines(fit.spectra[i]) && !fit.one_line;
    fit.spectra[i].fraction = known ? estimate_of(walk, fit.dispersion, 0.0, 1.0) : unknown(0.0, 1.0);
  }
  for (const auto& [from, to] : compared(n)) {
    FractionWeights weights(n, 0.0);
    weights[from] = -1.0;
    weights[to] = 1.0;
    const double variance = covariance[from][from] + covariance[to][to] - 2.0 * covariance[from][to];
    const ProfileWalk walk(problem, best, weights, std::sqrt(std::max(variance, 0.0)));
    const bool known = has_lines(fit.spectra[from]) && has_lines(fit.spectra[to]);
    fit.changes.push_back(
        {from, to, known ? estimate_of(walk, fit.dispersion, -1.0, 1.0) : unknown(-1.0, 1.0)});
  }
  fit.messages = xps_messages(fit);
  return fit;
}

}  // namespace sinterscope
