// SPDX-License-Identifier: GPL-3.0-or-later
#include "xps_problem.h"

#include <ceres/ceres.h>
#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "sinterscope/core/error.h"
#include "sinterscope/inference/shirley.h"

namespace sinterscope {
namespace {

constexpr std::size_t fewest_channels = 30;
constexpr int end_channels = 5;
// Several times what oxides show: keeps both finite where there is no line.
constexpr double rise_sd_per_eV = 0.3, slope_sd_per_eV2 = 0.05;

XpsChannels cut(const Spectrum& spectrum, const XpsOptions& options) {
  const auto wrong = [&](const std::string& message) {
    return Error(fmt::format("spectrum '{}': {}", spectrum.name, message));
  };
  if (spectrum.counts.size() != spectrum.binding_energy_eV.size())
    throw wrong(fmt::format("{} counts for {} energies: one each is needed", spectrum.counts.size(),
                            spectrum.binding_energy_eV.size()));
  XpsChannels data;
  for (std::size_t i = 0; i < spectrum.counts.size(); ++i) {
    const double energy = spectrum.binding_energy_eV[i], counts = spectrum.counts[i];
    if (!std::isfinite(energy) || (i > 0 && !(energy > spectrum.binding_energy_eV[i - 1])))
      throw wrong(fmt::format("binding energy {} eV at channel {}: energies must rise", energy, i));
    if (energy < options.low_eV || energy > options.high_eV) continue;
    if (!(counts >= 0.0 && counts < 1e15))
      throw wrong(fmt::format("counts {} at {} eV: counts are zero or more", counts, energy));
    data.energy_eV.push_back(energy);
    data.counts.push_back(counts);
  }
  const std::size_t n = data.energy_eV.size();
  if (n < fewest_channels)
    throw wrong(fmt::format("{} channels between {} and {} eV (options low_ev, high_ev): {} are needed", n,
                            options.low_eV, options.high_eV, fewest_channels));
  const double both_low = options.particle_line_eV - 1.0;
  const double both_high = options.particle_line_eV + options.separation_eV + 1.0;
  if (data.energy_eV.front() > both_low || data.energy_eV.back() < both_high)
    throw wrong(fmt::format("covers {} to {} eV: the 3d5/2 lines need {} to {} eV", data.energy_eV.front(),
                            data.energy_eV.back(), both_low, both_high));
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t before = i > 0 ? i - 1 : 0, after = std::min(i + 1, n - 1);
    data.width_eV.push_back((data.energy_eV[after] - data.energy_eV[before]) /
                            static_cast<double>(after - before));
  }
  data.middle_eV = 0.5 * (data.energy_eV.front() + data.energy_eV.back());
  data.half_window_eV = 0.5 * (data.energy_eV.back() - data.energy_eV.front());
  if (options.background == "shirley") {
    data.fixed_background = shirley_background(data.energy_eV, data.counts, end_channels);
    for (double& value : data.fixed_background) value = std::max(value, 0.0);
  }
  return data;
}

double logit(double share) { return std::log(share / (1.0 - share)); }

/// Deviance residuals of one spectrum.
struct SpectrumResiduals {
  const XpsChannels& data;
  LineProfile profile;
  bool rises;

  template <typename Scalar>
  bool operator()(const Scalar* shared, const Scalar* own, Scalar* residuals) const {
    XpsModel<Scalar> model(profile, shared, own);
    if (!rises) model.leave_out_rise();
    for (std::size_t i = 0; i < data.counts.size(); ++i) {
      const Scalar expected = model.at(data, i).sum();
      if (!(expected > Scalar(0.0))) return false;  // no such spectrum: the step was too long
      residuals[i] = deviance_residual(data.counts[i], expected);
    }
    return true;
  }
};

/// (parameter - mean) / sd of some parameters of a block.
class Priors final : public ceres::CostFunction {
 public:
  struct Prior {
    std::size_t parameter;
    double mean, sd;
  };
  Priors(std::vector<Prior> priors, std::size_t block_size) : priors_(std::move(priors)) {
    set_num_residuals(static_cast<int>(priors_.size()));
    mutable_parameter_block_sizes()->push_back(static_cast<int>(block_size));
  }
  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    const std::size_t size = static_cast<std::size_t>(parameter_block_sizes()[0]);
    const bool derive = jacobians != nullptr && jacobians[0] != nullptr;
    if (derive) std::fill_n(jacobians[0], priors_.size() * size, 0.0);
    for (std::size_t i = 0; i < priors_.size(); ++i) {
      const Prior& prior = priors_[i];
      residuals[i] = (parameters[0][prior.parameter] - prior.mean) / prior.sd;
      if (derive) jacobians[0][i * size + prior.parameter] = 1.0 / prior.sd;
    }
    return true;
  }

 private:
  std::vector<Prior> priors_;
};

std::vector<Priors::Prior> shared_priors(const XpsOptions& options) {
  return {{particle_line, options.particle_line_eV, options.particle_line_sd_eV},
          {separation, options.separation_eV, options.separation_sd_eV},
          {splitting, options.splitting_eV, options.splitting_sd_eV},
          {log_area_ratio, std::log(options.area_ratio), options.area_ratio_log_sd},
          {log_fwhm, std::log(options.fwhm_eV), options.fwhm_log_sd},
          {logit_lorentz, logit(options.lorentz), options.lorentz_logit_sd},
          {log_width_ratio, 0.0, options.width_ratio_log_sd}};
}

std::vector<Priors::Prior> own_priors(const XpsOptions& options, bool rises, bool fitted_background) {
  std::vector<Priors::Prior> priors = {{line_shift, 0.0, options.spectrum_shift_sd_eV}};
  if (fitted_background) {
    priors.push_back({background_slope, 0.0, options.background_slope_sd});
    priors.push_back({background_curvature, 0.0, options.background_curvature_sd});
    priors.push_back({background_cubic, 0.0, options.background_curvature_sd});
  }
  if (rises) {
    priors.push_back({shirley_rise, 0.0, rise_sd_per_eV});
    priors.push_back({loss_slope, 0.0, slope_sd_per_eV2});
  }
  return priors;
}

/// Holds sum(weight * fraction) at a value by a stiff spring: its cost at a 95 % end is below 1e-4.
class HeldFractions final : public ceres::CostFunction {
 public:
  HeldFractions(std::vector<double> weights, double value) : weights_(std::move(weights)), value_(value) {
    set_num_residuals(1);
    mutable_parameter_block_sizes()->assign(weights_.size(), own_parameters);
  }
  bool Evaluate(double const* const* parameters, double* residuals, double** jacobians) const override {
    residuals[0] = -value_ / give;
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      residuals[0] += weights_[i] * parameters[i][fraction] / give;
      if (jacobians == nullptr || jacobians[i] == nullptr) continue;
      std::fill_n(jacobians[i], std::size_t{own_parameters}, 0.0);
      jacobians[i][fraction] = weights_[i] / give;
    }
    return true;
  }

 private:
  static constexpr double give = 1e-5;
  std::vector<double> weights_;
  double value_;
};

/// The likelihood as Ceres takes it; the parameters stay where they are.
class Minimisation {
 public:
  Minimisation(const std::vector<XpsChannels>& channels, const XpsOptions& options, LineProfile profile,
               bool rises, bool fitted_background, XpsParameters& parameters)
      : parameters_(parameters) {
    problem_.AddParameterBlock(shared(), shared_parameters);
    problem_.AddResidualBlock(new Priors(shared_priors(options), shared_parameters), nullptr, shared());
    std::vector<int> held;
    if (!rises) held.insert(held.end(), {shirley_rise, loss_slope});
    if (!fitted_background)
      held.insert(held.end(), {log_background, background_slope, background_curvature, background_cubic});
    for (std::size_t i = 0; i < channels.size(); ++i) {
      using Cost =
          ceres::AutoDiffCostFunction<SpectrumResiduals, ceres::DYNAMIC, shared_parameters, own_parameters>;
      problem_.AddResidualBlock(new Cost(new SpectrumResiduals{channels[i], profile, rises},
                                         static_cast<int>(channels[i].counts.size())),
                                nullptr, shared(), own(i));
      problem_.AddResidualBlock(new Priors(own_priors(options, rises, fitted_background), own_parameters),
                                nullptr, own(i));
      if (!held.empty()) problem_.SetManifold(own(i), new ceres::SubsetManifold(own_parameters, held));
    }
  }

  void hold(const FractionWeights& weights, double value) {
    std::vector<double> used;
    std::vector<double*> blocks;
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (weights[i] != 0.0) {
        used.push_back(weights[i]);
        blocks.push_back(own(i));
      }
    problem_.AddResidualBlock(new HeldFractions(used, value), nullptr, blocks);
  }

  XpsSolution run() {
    ceres::Solver::Options settings;
    settings.linear_solver_type = ceres::DENSE_QR;
    settings.max_num_iterations = 200;
    settings.function_tolerance = 1e-8;  // of a deviance of hundreds: 1e-5, where ends are at 1 and 4
    settings.parameter_tolerance = 1e-9;
    settings.logging_type = ceres::SILENT;
    ceres::Solver::Summary summary;
    ceres::Solve(settings, &problem_, &summary);
    return {parameters_, 2.0 * summary.final_cost, summary.termination_type == ceres::CONVERGENCE};
  }

  XpsCurvature curvature() {
    ceres::Covariance::Options settings;
    settings.algorithm_type = ceres::DENSE_SVD;
    settings.null_space_rank = -1;
    ceres::Covariance covariance(settings);
    std::vector<std::pair<const double*, const double*>> pairs{{shared(), shared()}};
    const std::size_t n = parameters_.own.size();
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i; j < n; ++j) pairs.emplace_back(own(i), own(j));
    XpsCurvature result;
    result.own_se.resize(n);
    result.fraction_covariance.assign(n, std::vector<double>(n, 0.0));
    if (!covariance.Compute(pairs, &problem_)) return result;
    std::array<double, shared_parameters * shared_parameters> common{};
    covariance.GetCovarianceBlock(shared(), shared(), common.data());
    for (std::size_t k = 0; k < shared_parameters; ++k)
      result.shared_se[k] = std::sqrt(common[k * shared_parameters + k]);
    std::array<double, own_parameters * own_parameters> block{};
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i; j < n; ++j) {
        covariance.GetCovarianceBlock(own(i), own(j), block.data());
        result.fraction_covariance[i][j] = result.fraction_covariance[j][i] =
            block[fraction * own_parameters + fraction];
        for (std::size_t k = 0; i == j && k < own_parameters; ++k)
          result.own_se[i][k] = std::sqrt(block[k * own_parameters + k]);
      }
    return result;
  }

 private:
  double* shared() { return parameters_.shared.data(); }
  double* own(std::size_t i) { return parameters_.own[i].data(); }
  XpsParameters& parameters_;
  ceres::Problem problem_;
};

}  // namespace

XpsProblem::XpsProblem(std::span<const Spectrum> spectra, const XpsOptions& options)
    : profile_(options.profile == "voigt" ? LineProfile::voigt : LineProfile::pseudo_voigt),
      rises_(options.background == "active_shirley"),
      fitted_background_(options.background != "shirley"),
      options_(options) {
  if (spectra.empty()) throw Error("no spectrum to fit: name one at least");
  for (const Spectrum& spectrum : spectra) channels_.push_back(cut(spectrum, options));
}

int XpsProblem::free_parameters() const {
  const int held = (rises_ ? 0 : 2) + (fitted_background_ ? 0 : 4);
  return static_cast<int>(shared_parameters) +
         static_cast<int>(channels_.size()) * (static_cast<int>(own_parameters) - held);
}

int XpsProblem::priors() const {
  return static_cast<int>(shared_priors(options_).size() +
                          channels_.size() * own_priors(options_, rises_, fitted_background_).size());
}

XpsModel<double> XpsProblem::model(const XpsParameters& parameters, std::size_t i) const {
  XpsModel<double> model(profile_, parameters.shared.data(), parameters.own[i].data());
  if (!rises_) model.leave_out_rise();
  return model;
}

bool XpsProblem::possible(const XpsParameters& parameters) const {
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    const XpsModel<double> expected = model(parameters, i);
    for (std::size_t k = 0; k < channels_[i].counts.size(); ++k)
      if (!(expected.at(channels_[i], k).sum() > 0.0)) return false;
  }
  return true;
}

double XpsProblem::deviance(const XpsParameters& parameters, std::size_t i) const {
  const XpsModel<double> expected = model(parameters, i);
  double sum = 0.0;
  for (std::size_t k = 0; k < channels_[i].counts.size(); ++k) {
    const double residual = deviance_residual(channels_[i].counts[k], expected.at(channels_[i], k).sum());
    sum += residual * residual;
  }
  return sum;
}

XpsProblem::LinearStart XpsProblem::linear_start(const XpsParameters& lines, std::size_t i) const {
  const XpsChannels& data = channels_[i];
  const Eigen::Index n = static_cast<Eigen::Index>(data.counts.size());
  const int columns = rises_ ? 5 : fitted_background_ ? 4 : 2;
  Eigen::MatrixXd design(n, columns);
  Eigen::VectorXd wanted(n);
  const XpsModel<double> both = model(lines, i);
  double risen = 0.0;
  for (Eigen::Index k = 0; k < n; ++k) {
    const auto channel = static_cast<std::size_t>(k);
    const ExpectedCounts<double> expected = both.at(data, channel);
    const double weight = 1.0 / std::sqrt(std::max(data.counts[channel], 1.0));
    const double u = (data.energy_eV[channel] - data.middle_eV) / data.half_window_eV;
    risen += expected.particle + expected.interfacial;
    const std::array<double, 5> values = {expected.particle, expected.interfacial, 1.0, u, risen};
    for (int c = 0; c < columns; ++c) design(k, c) = weight * values[static_cast<std::size_t>(c)];
    const double known = data.fixed_background.empty() ? 0.0 : data.fixed_background[channel];
    wanted(k) = weight * (data.counts[channel] - known);
  }
  const Eigen::VectorXd found = design.colPivHouseholderQr().solve(wanted);
  LinearStart result;
  result.chi2 = (design * found - wanted).squaredNorm();
  // `lines` has one count, half of it in either component.
  const double in_particle = std::max(found(0), 0.0) * 0.5, in_interface = std::max(found(1), 0.0) * 0.5;
  const double all = std::max(in_particle + in_interface, std::sqrt(static_cast<double>(n)));
  result.own[log_counts] = std::log(all);
  result.own[fraction] = in_interface / all;
  if (!fitted_background_) return result;
  const double level = std::max(found(2), 0.5);
  result.own[log_background] = std::log(level);
  result.own[background_slope] = std::clamp(found(3) / level, -0.5, 0.5);
  if (rises_) result.own[shirley_rise] = std::clamp(found(4) / all / data.width_eV[0], 0.0, 0.2);
  return result;
}

XpsParameters XpsProblem::start() const {
  constexpr int positions = 21;
  XpsParameters lines;
  for (const Priors::Prior& prior : shared_priors(options_)) lines.shared[prior.parameter] = prior.mean;
  std::array<double, own_parameters> own{};
  own[fraction] = 0.5;
  lines.own.assign(channels_.size(), own);
  std::optional<XpsParameters> best;
  double least = 0.0;
  for (int p = 0; p < positions; ++p)
    for (const double wider : {-0.3, 0.0, 0.3}) {
      const double z = 3.0 * (2.0 * p / (positions - 1) - 1.0);
      lines.shared[particle_line] = options_.particle_line_eV + z * options_.particle_line_sd_eV;
      lines.shared[log_fwhm] = std::log(options_.fwhm_eV) + wider;
      double chi2 = z * z;
      XpsParameters candidate = lines;
      for (std::size_t i = 0; i < channels_.size(); ++i) {
        const LinearStart linear = linear_start(lines, i);
        chi2 += linear.chi2;
        candidate.own[i] = linear.own;
      }
      if (best && chi2 >= least) continue;
      best = candidate;
      least = chi2;
    }
  return *best;
}

XpsSolution XpsProblem::solve(const XpsParameters& start) const {
  XpsParameters parameters = start;
  return Minimisation(channels_, options_, profile_, rises_, fitted_background_, parameters).run();
}

XpsSolution XpsProblem::solve_held(const XpsParameters& start, const FractionWeights& weights,
                                   double value) const {
  XpsParameters parameters = start;
  Minimisation minimisation(channels_, options_, profile_, rises_, fitted_background_, parameters);
  minimisation.hold(weights, value);
  return minimisation.run();
}

XpsCurvature XpsProblem::curvature(const XpsParameters& at) const {
  XpsParameters parameters = at;
  return Minimisation(channels_, options_, profile_, rises_, fitted_background_, parameters).curvature();
}

}  // namespace sinterscope
