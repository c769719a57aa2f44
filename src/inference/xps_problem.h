// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The penalised Poisson likelihood of all spectra, minimised by Ceres with a linear combination of the
// fractions held where wanted.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sinterscope/experiment/spectrum.h"
#include "xps_model.h"

namespace sinterscope {

struct XpsParameters {
  std::array<double, shared_parameters> shared{};
  std::vector<std::array<double, own_parameters>> own;
};

/// sum of weight * fraction over the spectra.
using FractionWeights = std::vector<double>;

struct XpsSolution {
  XpsParameters parameters;
  double deviance = 0.0;  ///< priors included
  bool converged = false;
};

/// Standard errors from the curvature at a solution.
struct XpsCurvature {
  std::array<double, shared_parameters> shared_se{};
  std::vector<std::array<double, own_parameters>> own_se;
  std::vector<std::vector<double>> fraction_covariance;
};

class XpsProblem {
 public:
  /// Checks and cuts the spectra. Errors as fit_xps.
  XpsProblem(std::span<const Spectrum> spectra, const XpsOptions& options);

  const std::vector<XpsChannels>& channels() const { return channels_; }
  const XpsOptions& options() const { return options_; }
  /// Parameters that the data may move, and priors on them.
  int free_parameters() const;
  int priors() const;

  /// The model of spectrum i.
  XpsModel<double> model(const XpsParameters& parameters, std::size_t i) const;
  /// Whether every channel of every spectrum expects more than nothing.
  bool possible(const XpsParameters& parameters) const;
  /// Poisson deviance of spectrum i.
  double deviance(const XpsParameters& parameters, std::size_t i) const;

  XpsSolution solve() const { return solve(start()); }
  XpsSolution solve(const XpsParameters& start) const;
  /// From a possible start, with sum(weight * fraction) held at `value`.
  XpsSolution solve_held(const XpsParameters& start, const FractionWeights& weights, double value) const;
  XpsCurvature curvature(const XpsParameters& at) const;

 private:
  /// Areas and background of one spectrum by linear least squares, the lines standing where `lines` says.
  struct LinearStart {
    std::array<double, own_parameters> own{};
    double chi2 = 0.0;
  };
  LinearStart linear_start(const XpsParameters& lines, std::size_t i) const;
  /// The best of many places and widths of the lines: the likelihood has false maxima in which one line plays
  /// the part of the other.
  XpsParameters start() const;
  LineProfile profile_;
  bool rises_, fitted_background_;
  XpsOptions options_;
  std::vector<XpsChannels> channels_;
};

}  // namespace sinterscope
