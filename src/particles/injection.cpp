// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/injection.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sinterscope {
namespace {

constexpr int attempts_per_particle = 60;

bool is_free(const std::vector<cv::Point3d>& occupied, double x, double y, double diameter,
             double clearance) {
  return std::none_of(occupied.begin(), occupied.end(), [&](const cv::Point3d& other) {
    return std::hypot(x - other.x, y - other.y) < clearance * 0.5 * (diameter + other.z);
  });
}

std::vector<cv::Point3d> choose_places(const InjectionFrame& frame, const InjectionOptions& options,
                                       Rng& rng) {
  std::vector<cv::Point3d> occupied = frame.occupied_px, placed;
  for (int i = 0; i < options.particles_per_trial; ++i) {
    const double diameter = rng.uniform(options.smallest_diameter_px, options.largest_diameter_px);
    for (int attempt = 0; attempt < attempts_per_particle; ++attempt) {
      const double x = rng.uniform(0.0, frame.raw.cols - 1.0), y = rng.uniform(0.0, frame.raw.rows - 1.0);
      if (!frame.searched.empty() && frame.searched(cvRound(y), cvRound(x)) == 0) continue;
      if (!is_free(occupied, x, y, diameter, options.clearance)) continue;
      occupied.emplace_back(x, y, diameter);
      placed.emplace_back(x, y, diameter);
      break;
    }
  }
  return placed;
}

bool came_back(const std::vector<cv::Point2d>& found, const cv::Point3d& painted) {
  return std::any_of(found.begin(), found.end(), [&](const cv::Point2d& one) {
    return std::hypot(one.x - painted.x, one.y - painted.y) < 0.5 * painted.z + 1.0;
  });
}

/// Share found among the diameters above `from`, with half a miss more so that it stays below 1.
double found_share(const std::vector<InjectionOutcome>& outcomes, double from) {
  int larger = 0, found = 0;
  for (const InjectionOutcome& one : outcomes)
    if (one.diameter_px > from) {
      ++larger;
      found += one.found ? 1 : 0;
    }
  return std::clamp((found + 0.5) / (larger + 1.0), 0.02, 1.0);
}

/// d50 with its error and the width, given the plateau: penalised likelihood on a grid, d50 flat over and
/// beyond the range, ln width normal about a tenth of the range.
void fit_rise(CompletenessCurve& curve, const std::vector<InjectionOutcome>& outcomes, double low,
              double high) {
  const double range = std::max(high - low, 1e-9), ln_width0 = std::log(0.06 * range);
  double total = 0.0, mean = 0.0, square = 0.0, best = -std::numeric_limits<double>::infinity();
  struct Node {
    double d50, width, log_likelihood;
  };
  std::vector<Node> nodes;
  for (int i = 0; i <= 120; ++i)
    for (int j = 0; j <= 24; ++j) {
      const double d50 = low - 0.1 * range + 1.2 * range * i / 120.0;
      const double ln_width = ln_width0 + (j - 12) * 0.2;
      const double width = std::exp(ln_width);
      double sum = -0.5 * std::pow((ln_width - ln_width0) / 0.8, 2.0);
      for (const InjectionOutcome& one : outcomes) {
        const double p =
            std::clamp(curve.plateau / (1.0 + std::exp(-(one.diameter_px - d50) / width)), 1e-4, 1.0 - 1e-4);
        sum += std::log(one.found ? p : 1.0 - p);
      }
      nodes.push_back({d50, width, sum});
      if (sum > best) {
        best = sum;
        curve.width_px = width;
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

}  // namespace

std::vector<InjectionOutcome> inject_particles(const std::vector<InjectionFrame>& frames,
                                               const PaintedSearch& search, const ParticlePainter& paint,
                                               const InjectionOptions& options, const Rng& rng) {
  validate(options);
  std::vector<InjectionOutcome> outcomes;
  if (frames.empty()) return outcomes;
  for (int trial = 0; trial < options.trials; ++trial) {
    const auto index = static_cast<std::size_t>(trial);
    const InjectionFrame& frame = frames[index % frames.size()];
    Rng draw = rng.stream("injection", index);
    const std::vector<cv::Point3d> placed = choose_places(frame, options, draw);
    cv::Mat1f painted = frame.raw.clone();
    for (const cv::Point3d& one : placed) paint(painted, one.x, one.y, one.z, draw);
    const std::vector<cv::Point2d> found = search(index % frames.size(), painted);
    for (const cv::Point3d& one : placed) outcomes.push_back({one.z, came_back(found, one)});
  }
  return outcomes;
}

CompletenessCurve fit_completeness(const std::vector<InjectionOutcome>& outcomes) {
  CompletenessCurve curve;
  curve.d50_px = std::numeric_limits<double>::infinity();
  if (outcomes.empty()) return curve;
  double low = outcomes.front().diameter_px, high = low;
  for (const InjectionOutcome& one : outcomes) {
    low = std::min(low, one.diameter_px);
    high = std::max(high, one.diameter_px);
  }
  constexpr int bins = 10;
  curve.counts.assign(bins, {});
  for (int b = 0; b < bins; ++b)
    curve.counts[static_cast<std::size_t>(b)].diameter_px = low + (high - low) * (b + 0.5) / bins;
  for (const InjectionOutcome& one : outcomes) {
    const int b = std::clamp(static_cast<int>(bins * (one.diameter_px - low) / std::max(high - low, 1e-9)), 0,
                             bins - 1);
    ++curve.counts[static_cast<std::size_t>(b)].injected;
    curve.counts[static_cast<std::size_t>(b)].found += one.found ? 1 : 0;
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

}  // namespace sinterscope
