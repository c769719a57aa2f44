// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/injection.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <opencv2/imgproc.hpp>

#include "completeness_fit.h"

namespace sinterscope {
namespace {

constexpr int attempts_per_particle = 60;

bool is_free(const std::vector<cv::Point3d>& occupied, double x, double y, double diameter,
             double clearance) {
  return std::none_of(occupied.begin(), occupied.end(), [&](const cv::Point3d& other) {
    return std::hypot(x - other.x, y - other.y) < clearance * 0.5 * (diameter + other.z);
  });
}

/// Diameters of one trial. Before anything is known of the curve, evenly in ln d over the whole range: the
/// limit may lie anywhere, and large ones cost most to paint and to fit. Then two thirds where the curve of
/// the trials so far rises, which tell d50, and a third from there up, which tell the plateau: below the rise
/// nothing is found and nothing learnt.
class DiameterDraw {
 public:
  explicit DiameterDraw(const InjectionOptions& options)
      : low_(options.smallest_diameter_px), high_(options.largest_diameter_px) {}

  void learn(const std::vector<InjectionOutcome>& so_far) {
    // With many trials most of them would change next to nothing.
    if (so_far.empty() || 2 * so_far.size() < 3 * learnt_from_) return;
    learnt_from_ = so_far.size();
    const CompletenessCurve curve = fit_curve(so_far);
    const double width = std::hypot(curve.width_px, curve.d50_se_px);
    const double from = std::clamp(curve.d50_px - 2.0 * width, low_, high_);
    const double to = std::clamp(curve.d50_px + 4.0 * width, low_, high_);
    if (from < to) from_ = from, to_ = to;
  }

  double operator()(Rng& rng) const {
    const bool known = from_ < to_;
    if (known && rng.uniform() > 1.0 / 3.0) return rng.uniform(from_, to_);
    return std::exp(rng.uniform(std::log(known ? from_ : low_), std::log(high_)));
  }

 private:
  double low_, high_;
  double from_ = 0.0, to_ = 0.0;  ///< of the rise; equal as long as it is not known
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
    if (placed.empty()) continue;
    std::vector<ParticleStamp> stamps;
    for (std::size_t i = 0; i < placed.size(); ++i)
      stamps.push_back(paint(placed[i].z, draw.stream("shape", i)));
    std::vector<PaintedFrame> painted;
    for (const InjectionFrame& frame : frames) {
      painted.push_back({frame.raw.clone(), {}});
      const cv::Point2d by = frame.shift_px - frames.front().shift_px;
      for (std::size_t i = 0; i < placed.size(); ++i) {
        const Disk one{placed[i].x + by.x, placed[i].y + by.y, placed[i].z};
        stamps[i](painted.back().raw, one.x, one.y, draw);
        painted.back().painted.push_back(one);
      }
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

}  // namespace sinterscope
