// SPDX-License-Identifier: GPL-3.0-or-later
#include "population.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sinterscope/core/median.h"
#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

constexpr double least_amplitude_sd = 0.04;  ///< no material is more even than this
constexpr double least_diameter_sd = 0.015;
constexpr double least_spread = 0.03;  ///< of ln d, for which likelihoods are looked at
constexpr double least_known = 0.15;   ///< above, a fit is but a poor guide to where its likelihood is
constexpr double least_seen = 0.5;     ///< above, it has run off to nothing and is none
/// The spreads are taken as if `known` particles more had been seen with these.
constexpr double known = 0.5, usual_diameter_sd = 0.15, usual_amplitude_sd = 0.1;

double square(double x) { return x * x; }

/// Mean of ln d, ln|A| there, slope, and ln of both spreads.
using Law = Eigen::Matrix<double, 5, 1>;
using Information = Eigen::Matrix<double, 5, 5>;
enum : Eigen::Index { mean_d, mean_a, slope_a, spread_d, spread_a };

/// ln density of a law, its slope by the law, and minus its curvature.
struct Density {
  double value = 0.0;
  Law score = Law::Zero();
  Information information = Information::Zero();
};

/// A law at one node. What the pixels say of an amplitude is normal in A, not in ln A: an amplitude that
/// noise has made small is not less certain than one that it has made large. Hence the law's A is the unit,
/// of residual and error both. Beyond two standard deviations of brightness the density falls as an
/// exponential (Huber), so that a stranger does not bend the law.
struct Node {
  double x, width2, times, scatter, part, rest, z;  ///< `part` of the scatter is the law's

  Node(const Law& law, double log_d, double log_a, double own_variance)
      : x(log_d - law[mean_d]), width2(std::exp(2 * law[spread_d])) {
    times = std::exp(log_a - law[mean_a] - law[slope_a] * x);
    const double spread2 = std::exp(2 * law[spread_a]);
    scatter = spread2 + own_variance * times * times;
    part = spread2 / scatter;
    rest = 1 - part;
    z = (times - 1) / std::sqrt(scatter);
  }
  double value() const {
    const double size = std::abs(z);
    return std::log(times / (2 * pi)) -
           0.5 * (x * x / width2 + (size > 2 ? 4 * size - 4 : z * z) + std::log(width2 * scatter));
  }
};

Density density(const Law& law, const Node& node) {
  const auto& [x, width2, times, scatter, part, rest, z] = node;
  const double b = law[slope_a], trust = std::min(1.0, 2.0 / std::max(std::abs(z), 1e-9)), z2 = trust * z * z;
  // Derivatives of z by ln|A|, then minus those of the density by the law's.
  const double rise = times / std::sqrt(scatter), by_a = rise - z * rest;
  const double bend = rise * part - by_a * rest - 2 * z * rest * part;
  const double pull = trust * z * by_a + rest - 1;
  const double hold = trust * (by_a * by_a + z * bend) + 2 * rest * part;
  const double cross = 2 * part * (trust * z * by_a - rest * (z2 - 1));
  Density d;
  d.value = node.value();
  d.score << x / width2 - b * pull, pull, x * pull, x * x / width2 - 1, part * (z2 - 1);
  Information& i = d.information;
  i(mean_d, mean_d) = 1 / width2 + b * b * hold;
  i(mean_d, mean_a) = -b * hold;
  i(mean_d, slope_a) = pull - b * x * hold;
  i(mean_d, spread_d) = 2 * x / width2;
  i(mean_d, spread_a) = -b * cross;
  i(mean_a, mean_a) = hold;
  i(mean_a, slope_a) = x * hold;
  i(mean_a, spread_a) = cross;
  i(slope_a, slope_a) = x * x * hold;
  i(slope_a, spread_a) = x * cross;
  i(spread_d, spread_d) = 2 * x * x / width2;
  i(spread_a, spread_a) = 2 * part * part * z2 - 2 * part * rest * (z2 - 1);
  i.triangularView<Eigen::StrictlyLower>() = i.transpose();
  return d;
}

/// What is known of slope and spreads before anything is seen.
Density before(const Law& law, const SlopePrior& slope) {
  Density d;
  const double away = (law[slope_a] - slope.mean) / slope.sd;
  d.value = -0.5 * away * away;
  d.score[slope_a] = -away / slope.sd;
  d.information(slope_a, slope_a) = 1 / square(slope.sd);
  for (const auto& [k, usual] : {std::pair{spread_d, usual_diameter_sd}, {spread_a, usual_amplitude_sd}}) {
    const double ratio2 = square(usual) * std::exp(-2 * law[k]);
    d.value -= known * (law[k] + 0.5 * ratio2);
    d.score[k] = -known * (1 - ratio2);
    d.information(k, k) = 2 * known * ratio2;
  }
  return d;
}

/// One particle, its diameter and brightness summed over (Louis, J. R. Stat. Soc. B 44, 226, 1982, DOI
/// 10.1111/j.2517-6161.1982.tb01203.x, for the curvature).
Density marginal(const DiameterLikelihood& seen, const Law& law) {
  std::vector<Node> nodes;
  std::vector<double> values;
  double most = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < seen.log_diameter.size(); ++i) {
    nodes.emplace_back(law, seen.log_diameter[i], seen.log_amplitude[i], seen.amplitude_variance[i]);
    values.push_back(nodes.back().value() + seen.log_likelihood[i]);
    most = std::max(most, values.back());
  }
  Density sum;
  double weights = 0.0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const double weight = std::exp(values[i] - most);
    if (weight < 1e-7) continue;
    const Density here = density(law, nodes[i]);
    weights += weight;
    sum.score += weight * here.score;
    sum.information += weight * (here.information - here.score * here.score.transpose());
  }
  sum.value = most + std::log(weights);
  sum.score /= weights;
  sum.information = sum.information / weights + sum.score * sum.score.transpose();
  return sum;
}

Density all(const std::vector<DiameterLikelihood>& particles, const SlopePrior& slope, const Law& law) {
  Density sum = before(law, slope);
  for (const DiameterLikelihood& one : particles) {
    const Density d = marginal(one, law);
    sum.value += d.value;
    sum.score += d.score;
    sum.information += d.information;
  }
  return sum;
}

/// A spread at its floor that would go below stays there, and does not keep the others from their steps.
void hold_at_floor(const Law& law, Density& here) {
  for (const auto& [k, floor] : {std::pair{spread_d, least_diameter_sd}, {spread_a, least_amplitude_sd}}) {
    if (law[k] > std::log(floor) + 1e-9 || here.score[k] > 0) continue;
    here.score[k] = 0.0;
    here.information.row(k).setZero();
    here.information.col(k).setZero();
    here.information(k, k) = 1.0;
  }
}

/// Newton, uphill along every axis of the information, steps held back until the likelihood rises.
Law climb(const std::vector<DiameterLikelihood>& particles, const SlopePrior& slope, Law law) {
  Density here = all(particles, slope, law);
  for (int pass = 0; pass < 60; ++pass) {
    hold_at_floor(law, here);
    const Eigen::SelfAdjointEigenSolver<Information> axes(here.information);
    const Law along = axes.eigenvectors().transpose() * here.score;
    const Law bend = axes.eigenvalues().cwiseAbs().cwiseMax(1e-3);
    Law step = axes.eigenvectors() * along.cwiseQuotient(bend);
    step *= std::min(1.0, 0.5 / step.cwiseAbs().maxCoeff());
    const double promised = step.dot(here.score);
    bool better = false;
    for (int half = 0; half < 10 && !better; ++half, step *= 0.4) {
      Law next = law + step;
      next[spread_d] = std::max(next[spread_d], std::log(least_diameter_sd));
      next[spread_a] = std::max(next[spread_a], std::log(least_amplitude_sd));
      const Density there = all(particles, slope, next);
      better = there.value > here.value;
      if (better) law = next, here = there;
    }
    if (!better || promised < 1e-3) break;
  }
  return law;
}

Law first_law(const std::vector<DiameterLikelihood>& particles, const SlopePrior& slope) {
  std::vector<double> diameters, amplitudes;
  for (const DiameterLikelihood& one : particles) {
    std::size_t best = 0;  // the most likely q: per step of ln d the smallest diameters seem likely
    for (std::size_t i = 1; i < one.log_diameter.size(); ++i)
      if (one.log_likelihood[i] + 2 * one.log_diameter[i] >
          one.log_likelihood[best] + 2 * one.log_diameter[best])
        best = i;
    diameters.push_back(one.log_diameter[best]);
    amplitudes.push_back(one.log_amplitude[best]);
  }
  Law law;
  law << median(diameters), median(amplitudes), slope.mean, std::log(usual_diameter_sd),
      std::log(usual_amplitude_sd);
  return law;
}

}  // namespace

SlopePrior slope_prior(const ProfileShape& profile) {
  return profile.kind == ProfileKind::cap ? SlopePrior{1.0, 0.3} : SlopePrior{0.0, 0.1};
}

AmplitudePrior Population::amplitude_prior() const {
  return {log_amplitude - slope * log_diameter, slope,
          std::sqrt(square(log_amplitude_sd) + log_amplitude_variance)};
}

SquareRange Population::square_range(const std::optional<DiameterEstimate>& own) const {
  double square = std::exp(2 * log_diameter);
  double precision = std::pow(3 * square * std::max(log_diameter_sd, least_spread), -2);
  if (own && own->variance_diameter < least_seen * least_seen) {
    const double centre = std::exp(2 * own->log_diameter);
    const double trust = own->variance_diameter < least_known * least_known ? 1.0 : 1.0 / 9.0;
    const double weight = trust / (4 * centre * centre * own->variance_diameter);
    square = (precision * square + weight * centre) / (precision + weight);
    precision += weight;
  }
  return SquareRange::around(square, 1 / std::sqrt(precision));
}

std::optional<Population> learn_population(const std::vector<DiameterLikelihood>& particles,
                                           const SlopePrior& slope, std::size_t least,
                                           const Population* start) {
  if (particles.size() < std::max<std::size_t>(least, 1)) return std::nullopt;
  Law law = first_law(particles, slope);
  if (start != nullptr)
    law << start->log_diameter, start->log_amplitude, start->slope, std::log(start->log_diameter_sd),
        std::log(start->log_amplitude_sd);
  law = climb(particles, slope, law);
  Population population;
  population.log_diameter = law[mean_d];
  population.log_diameter_sd = std::exp(law[spread_d]);
  population.log_amplitude = law[mean_a];
  population.slope = law[slope_a];
  population.log_amplitude_sd = std::exp(law[spread_a]);
  for (const DiameterLikelihood& one : particles) population.log_marginal.push_back(marginal(one, law).value);
  population.log_prior = before(law, slope).value;
  const Eigen::FullPivLU<Information> information(all(particles, slope, law).information);
  if (information.isInvertible())
    population.log_amplitude_variance = std::max(information.inverse()(mean_a, mean_a), 0.0);
  return population;
}

}  // namespace sinterscope
