// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/injection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <opencv2/imgproc.hpp>

#include "sinterscope/core/binomial.h"

namespace sinterscope {
namespace {

constexpr int attempts_per_particle = 60;

bool is_free(const std::vector<cv::Point3d>& occupied, double x, double y, double diameter,
             double clearance) {
  return std::none_of(occupied.begin(), occupied.end(), [&](const cv::Point3d& other) {
    return std::hypot(x - other.x, y - other.y) < clearance * 0.5 * (diameter + other.z);
  });
}

/// Diameters of one trial: a third over the whole range, the others where the curve of the trials so far
/// rises and where it reaches its plateau; there an outcome tells most of d50 and d90.
class DiameterDraw {
 public:
  explicit DiameterDraw(const InjectionOptions& options)
      : low_(options.smallest_diameter_px), high_(options.largest_diameter_px), from_(low_), to_(high_) {}

  void learn(const std::vector<InjectionOutcome>& so_far) {
    // With many trials most of them would change next to nothing.
    if (so_far.empty() || 2 * so_far.size() < 3 * learnt_from_) return;
    learnt_from_ = so_far.size();
    const CompletenessCurve curve = fit_completeness(so_far);
    const double width = std::hypot(curve.width_px, curve.d50_se_px);
    const double from = std::clamp(curve.d50_px - 3.0 * width, low_, high_);
    const double to = std::clamp(curve.d50_px + 6.0 * width, low_, high_);
    if (from < to) from_ = from, to_ = to;
  }

  double operator()(Rng& rng) const {
    return rng.uniform() < 1.0 / 3.0 ? rng.uniform(low_, high_) : rng.uniform(from_, to_);
  }

 private:
  double low_, high_, from_, to_;
  std::size_t learnt_from_ = 0;
};

/// Whether a particle lies in the image with all of its outline; the border's pixels reach half beyond their
/// centres.
bool inside(const cv::Mat1f& image, const cv::Point2d& at, double diameter) {
  const double radius = 0.5 * diameter - 0.5;
  return at.x >= radius && at.y >= radius && at.x <= image.cols - 1.0 - radius &&
         at.y <= image.rows - 1.0 - radius;
}

/// Of every pixel of the support, how far off it ends.
cv::Mat1f depth_of(const InjectionFrame& frame) {
  if (frame.support.empty()) return cv::Mat1f(frame.raw.size(), std::numeric_limits<float>::infinity());
  cv::Mat1f depth;
  cv::distanceTransform(frame.support, depth, cv::DIST_L2, cv::DIST_MASK_5);
  return depth;
}

/// A place of the first frame that is searched and free in all of them.
bool may_stand(const std::vector<InjectionFrame>& frames, const cv::Point2d& place, double diameter,
               double clearance) {
  return std::all_of(frames.begin(), frames.end(), [&](const InjectionFrame& frame) {
    const cv::Point2d at = place + frame.shift_px - frames.front().shift_px;
    return inside(frame.raw, at, diameter) &&
           (frame.searched.empty() || frame.searched(cvRound(at.y), cvRound(at.x)) != 0) &&
           is_free(frame.occupied_px, at.x, at.y, diameter, clearance);
  });
}

/// x, y, diameter in the first frame.
std::vector<cv::Point3d> choose_places(const std::vector<InjectionFrame>& frames,
                                       const InjectionOptions& options, const DiameterDraw& draw_diameter,
                                       Rng& rng) {
  std::vector<cv::Point3d> placed;
  const cv::Mat1f& first = frames.front().raw;
  const cv::Mat1f depth = depth_of(frames.front());
  for (int i = 0; i < options.particles_per_trial; ++i) {
    const double diameter = draw_diameter(rng);
    for (int attempt = 0; attempt < attempts_per_particle; ++attempt) {
      const double x = rng.uniform(0.0, first.cols - 1.0), y = rng.uniform(0.0, first.rows - 1.0);
      if (static_cast<double>(depth(cvRound(y), cvRound(x))) < 0.5 * diameter ||
          !may_stand(frames, {x, y}, diameter, options.clearance) ||
          !is_free(placed, x, y, diameter, options.clearance))
        continue;
      placed.emplace_back(x, y, diameter);
      break;
    }
  }
  return placed;
}

bool came_back(const std::vector<cv::Point2d>& found, const cv::Point2d& painted, double diameter) {
  return std::any_of(found.begin(), found.end(), [&](const cv::Point2d& one) {
    return std::hypot(one.x - painted.x, one.y - painted.y) < 0.5 * diameter + 1.0;
  });
}

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
      double sum = -0.5 * std::pow((ln_width - ln_width0) / 0.8, 2.0);
      for (const InjectionOutcome& one : outcomes) {
        const double p =
            std::clamp(curve.plateau / (1.0 + std::exp(-(one.diameter_px - d50) / width)), 1e-4, 1.0 - 1e-4);
        sum += one.found * std::log(p) + (one.painted - one.found) * std::log1p(-p);
      }
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

/// Posterior mean of the correlation between frames under a flat prior, given the curve.
double correlation_of(const CompletenessCurve& curve, const std::vector<InjectionOutcome>& outcomes) {
  constexpr int steps = 19, bins = 40;  // of the correlation, and of the probability of a find
  std::map<std::array<int, 3>, int> alike;
  for (const InjectionOutcome& one : outcomes)
    if (one.painted > 1)
      ++alike[{one.painted, one.found, static_cast<int>(bins * curve.probability(one.diameter_px))}];
  std::vector<double> log_likelihood(steps + 1, 0.0);
  for (const auto& [key, number] : alike) {
    const auto& [painted, found, bin] = key;
    const double p = (std::min(bin, bins - 1) + 0.5) / bins;
    for (int k = 0; k <= steps; ++k) {
      const double chance = correlated_binomial_tail(painted, found, p, 0.05 * k) -
                            correlated_binomial_tail(painted, found + 1, p, 0.05 * k);
      log_likelihood[static_cast<std::size_t>(k)] += number * std::log(std::max(chance, 1e-9));
    }
  }
  const double best = *std::max_element(log_likelihood.begin(), log_likelihood.end());
  double weights = 0.0, sum = 0.0;
  for (int k = 0; k <= steps; ++k) {
    const double weight = std::exp(log_likelihood[static_cast<std::size_t>(k)] - best);
    weights += weight;
    sum += weight * 0.05 * k;
  }
  return sum / weights;
}

}  // namespace

std::vector<InjectionOutcome> inject_particles(const std::vector<InjectionFrame>& frames,
                                               const PaintedSearch& search, const ParticlePainter& paint,
                                               const InjectionOptions& options, const Rng& rng) {
  validate(options);
  std::vector<InjectionOutcome> outcomes;
  if (frames.empty()) return outcomes;
  DiameterDraw draw_diameter(options);
  for (int trial = 0; trial < options.trials; ++trial) {
    draw_diameter.learn(outcomes);
    Rng draw = rng.stream("injection", static_cast<std::uint64_t>(trial));
    const std::vector<cv::Point3d> placed = choose_places(frames, options, draw_diameter, draw);
    std::vector<cv::Mat1f> painted;
    for (const InjectionFrame& frame : frames) {
      painted.push_back(frame.raw.clone());
      const cv::Point2d by = frame.shift_px - frames.front().shift_px;
      for (std::size_t i = 0; i < placed.size(); ++i)
        paint(painted.back(), placed[i].x + by.x, placed[i].y + by.y, placed[i].z, draw.stream("shape", i),
              draw);
    }
    const std::vector<std::vector<cv::Point2d>> found = search(painted);
    for (const cv::Point3d& one : placed) {
      InjectionOutcome outcome{one.z, 0, static_cast<int>(frames.size())};
      for (std::size_t k = 0; k < frames.size(); ++k) {
        const cv::Point2d by = frames[k].shift_px - frames.front().shift_px;
        outcome.found += came_back(found[k], {one.x + by.x, one.y + by.y}, one.z) ? 1 : 0;
      }
      outcomes.push_back(outcome);
    }
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
  curve.counts = counts_of(outcomes);

  // First guess from the largest third; then from all that lie clear of the fitted rise.
  curve.plateau = found_share(outcomes, low + (high - low) * 2.0 / 3.0);
  for (int round = 0; round < 2; ++round) {
    fit_rise(curve, outcomes, low, high);
    curve.plateau = found_share(outcomes, std::min(curve.d50_px + 4.0 * curve.width_px, high));
  }
  fit_rise(curve, outcomes, low, high);
  curve.frame_correlation = correlation_of(curve, outcomes);
  // Finds of one particle that go together tell less of d50 than as many of different ones.
  curve.d50_se_px *= std::sqrt(1.0 + curve.frame_correlation);
  return curve;
}

}  // namespace sinterscope
