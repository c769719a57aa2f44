// SPDX-License-Identifier: GPL-3.0-or-later
#include "completeness_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "sinterscope/core/binomial.h"

namespace sinterscope {
namespace {

/// Share found among the diameters above `from`, with half a miss more so that it stays below 1.
double found_share(const std::vector<InjectionOutcome>& outcomes, double from) {
  int larger = 0, found = 0;
  for (const InjectionOutcome& one : outcomes)
    if (one.diameter_px > from) {
      larger += one.painted;
      found += one.found;
    }
  return std::clamp((found + 0.5) / (larger + 1.0), 0.02, 1.0);
}

/// A grid of d50 (linear) and ln width.
struct RiseGrid {
  double d50_low, d50_high, ln_width_low, ln_width_high;
};

/// Of the outcomes under a curve. The logarithm of a product costs one logarithm.
double log_likelihood(const std::vector<InjectionOutcome>& outcomes, double plateau, double d50,
                      double width) {
  constexpr double never = 1e-4;  // nothing is that certain
  constexpr double small = 1e-200;
  double sum = 0.0, product = 1.0;
  for (const InjectionOutcome& one : outcomes) {
    const double p =
        std::clamp(plateau / (1.0 + std::exp((d50 - one.diameter_px) / width)), never, 1.0 - never);
    for (int frame = 0; frame < one.painted; ++frame) {
      product *= frame < one.found ? p : 1.0 - p;
      if (product < small) sum += std::log(product), product = 1.0;
    }
  }
  return sum + std::log(product);
}

/// d50 with its error and the width of greatest likelihood, given the plateau: penalised likelihood on a
/// grid, d50 flat, ln width normal about `ln_width0`.
void fit_rise(CompletenessCurve& curve, const std::vector<InjectionOutcome>& outcomes, const RiseGrid& grid,
              double ln_width0) {
  constexpr int d50_steps = 36, width_steps = 12;
  double total = 0.0, mean = 0.0, square = 0.0, best = -std::numeric_limits<double>::infinity();
  struct Node {
    double d50, log_likelihood;
  };
  std::vector<Node> nodes;
  for (int j = 0; j <= width_steps; ++j) {
    const double ln_width = std::lerp(grid.ln_width_low, grid.ln_width_high, j / double{width_steps});
    const double width = std::exp(ln_width);
    for (int i = 0; i <= d50_steps; ++i) {
      const double d50 = std::lerp(grid.d50_low, grid.d50_high, i / double{d50_steps});
      const double sum = -0.5 * std::pow((ln_width - ln_width0) / 0.8, 2.0) +
                         log_likelihood(outcomes, curve.plateau, d50, width);
      nodes.push_back({d50, sum});
      if (sum > best) {
        best = sum;
        curve.width_px = width;
      }
    }
  }
  for (const Node& node : nodes) {
    const double weight = std::exp(node.log_likelihood - best);
    total += weight;
    mean += weight * node.d50;
    square += weight * node.d50 * node.d50;
  }
  curve.d50_px = mean / total;
  curve.d50_se_px = std::sqrt(std::max(square / total - curve.d50_px * curve.d50_px, 0.0));
}

/// Over and a little beyond the range of diameters; a width is expected near a sixteenth of it.
void fit_rise(CompletenessCurve& curve, const std::vector<InjectionOutcome>& outcomes, double low,
              double high) {
  const double range = std::max(high - low, 1e-9), ln_width0 = std::log(0.06 * range);
  const RiseGrid whole = {std::max(low - 0.1 * range, 0.5 * low), high + 0.1 * range, ln_width0 - 2.4,
                          ln_width0 + 2.4};
  fit_rise(curve, outcomes, whole, ln_width0);
  // The first grid's step is wider than the error where many outcomes lie in the rise.
  const double reach = 5.0 * std::max(curve.d50_se_px, 0.025 * range);
  fit_rise(curve, outcomes,
           {std::max(curve.d50_px - reach, whole.d50_low), std::min(curve.d50_px + reach, whole.d50_high),
            whole.ln_width_low, whole.ln_width_high},
           ln_width0);
}

/// Equally many outcomes a bin: their mean diameter, their number and how many were found.
std::vector<InjectionCount> counts_of(std::vector<InjectionOutcome> outcomes) {
  constexpr std::size_t bins = 12;
  std::sort(outcomes.begin(), outcomes.end(), [](const InjectionOutcome& a, const InjectionOutcome& b) {
    return a.diameter_px < b.diameter_px;
  });
  std::vector<InjectionCount> counts;
  for (std::size_t b = 0; b < bins; ++b) {
    InjectionCount count;
    for (std::size_t i = b * outcomes.size() / bins; i < (b + 1) * outcomes.size() / bins; ++i) {
      count.injected += outcomes[i].painted;
      count.found += outcomes[i].found;
      count.diameter_px +=
          outcomes[i].painted * (outcomes[i].diameter_px - count.diameter_px) / count.injected;
    }
    if (count.injected > 0) counts.push_back(count);
  }
  return counts;
}

constexpr int correlation_steps = 20, chance_bins = 40;

double correlation_at(std::size_t step) { return 0.05 * static_cast<double>(step); }

using OfCorrelation = std::array<double, correlation_steps>;

/// For each number of frames in which a particle may come back, out of `painted`, ln of its chance.
std::vector<OfCorrelation> log_chances(int painted, double p) {
  std::vector<OfCorrelation> all(static_cast<std::size_t>(painted) + 1);
  for (std::size_t k = 0; k < correlation_steps; ++k) {
    double at_least = 1.0;
    for (int found = 0; found <= painted; ++found) {
      const double more =
          found < painted ? correlated_binomial_tail(painted, found + 1, p, correlation_at(k)) : 0.0;
      all[static_cast<std::size_t>(found)][k] = std::log(std::max(at_least - more, 1e-9));
      at_least = more;
    }
  }
  return all;
}

double middle_of(int bin) { return (bin + 0.5) / chance_bins; }

/// The same of two frames, for each bin of p; worked out once, because each number is an integral.
const std::vector<std::vector<OfCorrelation>>& log_chances_of_pairs() {
  static const std::vector<std::vector<OfCorrelation>> all = [] {
    std::vector<std::vector<OfCorrelation>> table;
    for (int bin = 0; bin < chance_bins; ++bin) table.push_back(log_chances(2, middle_of(bin)));
    return table;
  }();
  return all;
}

/// Posterior mean of the correlation between frames under a flat prior, given the curve.
double correlation_of(const CompletenessCurve& curve, const std::vector<InjectionOutcome>& outcomes) {
  std::map<std::array<int, 3>, int> alike;
  for (const InjectionOutcome& one : outcomes)
    if (one.painted > 1)
      ++alike[{
          one.painted, one.found,
          std::min(static_cast<int>(chance_bins * curve.probability(one.diameter_px)), chance_bins - 1)}];
  OfCorrelation log_likelihood{};
  for (const auto& [key, number] : alike) {
    const auto& [painted, found, bin] = key;
    const OfCorrelation chances =
        (painted == 2 ? log_chances_of_pairs()[static_cast<std::size_t>(bin)]
                      : log_chances(painted, middle_of(bin)))[static_cast<std::size_t>(found)];
    for (std::size_t k = 0; k < chances.size(); ++k) log_likelihood[k] += number * chances[k];
  }
  const double best = *std::max_element(log_likelihood.begin(), log_likelihood.end());
  double weights = 0.0, sum = 0.0;
  for (std::size_t k = 0; k < log_likelihood.size(); ++k) {
    const double weight = std::exp(log_likelihood[k] - best);
    weights += weight;
    sum += weight * correlation_at(k);
  }
  return sum / weights;
}

}  // namespace

CompletenessCurve fit_curve(const std::vector<InjectionOutcome>& outcomes) {
  CompletenessCurve curve;
  double low = outcomes.front().diameter_px, high = low;
  for (const InjectionOutcome& one : outcomes) {
    low = std::min(low, one.diameter_px);
    high = std::max(high, one.diameter_px);
  }
  // First guess from the largest third; then from all that lie clear of the fitted rise.
  curve.plateau = found_share(outcomes, low + (high - low) * 2.0 / 3.0);
  for (int round = 0; round < 2; ++round) {
    fit_rise(curve, outcomes, low, high);
    curve.plateau = found_share(outcomes, std::min(curve.d50_px + 4.0 * curve.width_px, high));
  }
  fit_rise(curve, outcomes, low, high);
  return curve;
}

CompletenessCurve fit_completeness(const std::vector<InjectionOutcome>& outcomes) {
  CompletenessCurve curve;
  curve.d50_px = std::numeric_limits<double>::infinity();
  if (outcomes.empty()) return curve;
  curve = fit_curve(outcomes);
  curve.counts = counts_of(outcomes);
  curve.frame_correlation = correlation_of(curve, outcomes);
  // Finds of one particle that go together tell less of d50 than as many of different ones.
  curve.d50_se_px *= std::sqrt(1.0 + curve.frame_correlation);
  return curve;
}

}  // namespace sinterscope
