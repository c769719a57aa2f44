// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/thickness_shape.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "sinterscope/core/units.h"
#include "sinterscope/particles/profile.h"

namespace sinterscope {
namespace {

constexpr double least_sigmas = 6.0;    ///< diameter over blurred sigma, from which the top is looked at
constexpr double closed_sigmas = 12.0;  ///< from which the outline must close
constexpr double least_fall = 0.12;     ///< of the height, middle over outer part; a hemisphere's is 0.17
constexpr float least_step = 0.4F;      ///< of the height, by which surroundings rise and fall
constexpr std::size_t arcs = 24;        ///< once around
constexpr double ring_px = 4.0;         ///< of surroundings looked at
constexpr double deepest_share = 0.6;   ///< of the diameter; a closed outline is less deep
constexpr double most_misfit = 0.1;     ///< of the height; a plate's is 0.1 to 0.3
constexpr int edge_turns = 12, edge_offsets = 4;  ///< directions and places of an edge that are tried
constexpr double least_height_left = 0.5;         ///< of the height, beside such an edge

/// The pixels around a particle over a plane through a ring around it, bright ones upwards.
struct Rise {
  cv::Mat1f pixels;
  cv::Mat1b own;     ///< not on another particle
  cv::Point middle;  ///< the particle's centre in them; outside of them if there is nothing to see
};

Rise rise_of(const cv::Mat1f& raw, const Particle& particle, const std::vector<Disk>& others, double blur) {
  const double inner = 0.5 * particle.diameter_px + 2.5 * blur, outer = inner + std::max(3.0, 0.5 * inner);
  const int half = static_cast<int>(std::ceil(outer));
  const cv::Point centre(cvRound(particle.x_px), cvRound(particle.y_px));
  const cv::Rect window = cv::Rect(centre - cv::Point(half, half), cv::Size(2 * half + 1, 2 * half + 1)) &
                          cv::Rect(0, 0, raw.cols, raw.rows);
  Rise rise{cv::Mat1f(), cv::Mat1b(window.size(), 255), centre - window.tl()};
  for (const Disk& one : others)
    cv::circle(rise.own, cv::Point(cvRound(one.x), cvRound(one.y)) - window.tl(),
               cvRound(0.5 * one.diameter + blur), 0, cv::FILLED);
  std::vector<cv::Vec3d> places;
  std::vector<double> values;
  for (int y = 0; y < window.height; ++y)
    for (int x = 0; x < window.width; ++x) {
      const double r = std::hypot(x - rise.middle.x, y - rise.middle.y);
      if (r < inner || r > outer || rise.own(y, x) == 0) continue;
      places.emplace_back(1.0, x, y);
      values.push_back(static_cast<double>(raw(window.y + y, window.x + x)));
    }
  cv::Mat1d plane;
  if (places.size() < 10 || !window.contains(centre) ||
      !cv::solve(cv::Mat(places).reshape(1), cv::Mat(values), plane, cv::DECOMP_SVD))
    return rise;
  const double sign = particle.contrast > 0.0 ? 1.0 : -1.0;
  rise.pixels = cv::Mat1f(window.size());
  for (int y = 0; y < window.height; ++y)
    for (int x = 0; x < window.width; ++x)
      rise.pixels(y, x) = static_cast<float>(sign * (static_cast<double>(raw(window.y + y, window.x + x)) -
                                                     plane(0) - plane(1) * x - plane(2) * y));
  return rise;
}

/// How often the surroundings of an outline fall and rise again, by `step`, once around it: 1 beside an edge
/// of the support, 2 or more where two of its facets cross.
int dark_arcs(const cv::Mat1f& smooth, const cv::Mat1b& own, const cv::Mat1b& above, double blur,
              float step) {
  cv::Mat1f away;
  cv::distanceTransform(above == 0, away, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  const cv::Moments moments = cv::moments(above, true);
  const cv::Point2d middle(moments.m10 / moments.m00, moments.m01 / moments.m00);
  std::array<double, arcs> sum{}, count{};
  for (int y = 0; y < away.rows; ++y)
    for (int x = 0; x < away.cols; ++x) {
      const double here = static_cast<double>(away(y, x));
      if (here < 2.5 * blur || here > 2.5 * blur + ring_px || own(y, x) == 0) continue;
      const double turn = std::atan2(y - middle.y, x - middle.x) / (2.0 * pi) + 0.5;
      const auto k = static_cast<std::size_t>(turn * arcs) % arcs;
      sum[k] += static_cast<double>(smooth(y, x)), count[k] += 1.0;
    }
  std::vector<double> level;
  for (std::size_t k = 0; k < arcs; ++k)
    if (count[k] > 0.0) level.push_back(sum[k] / count[k]);
  if (level.size() < arcs / 2) return 0;
  // Once around from the brightest arc: down by a step, up by a step.
  std::rotate(level.begin(), std::max_element(level.begin(), level.end()), level.end());
  level.push_back(level.front());
  int falls = 0;
  bool down = false;
  double extreme = level.front();
  for (const double here : level) {
    extreme = down ? std::min(extreme, here) : std::max(extreme, here);
    if (std::abs(here - extreme) < static_cast<double>(step)) continue;
    falls += down ? 0 : 1;
    down = !down;
    extreme = here;
  }
  return falls;
}

/// Whether what a fit leaves beyond the noise is a small share of the height.
bool is_small(double chi2_per_dof, double degrees_of_freedom, double variance, double height) {
  const double beyond_noise = std::max(chi2_per_dof - 1.0 - 2.0 * std::sqrt(2.0 / degrees_of_freedom), 0.0);
  return std::sqrt(beyond_noise * variance) <= most_misfit * std::abs(height);
}

/// A pixel about a fitted particle: place against its centre, and what it should be for amplitude 1.
struct Sample {
  double x, y, model, value, weight;
};

std::vector<Sample> samples_of(const cv::Mat1f& raw, const NoiseModel& noise, const SizedFit& fit,
                               double sigma) {
  const double radius = 0.5 * fit.diameter_px, flat = std::sqrt(fit.axis_ratio);
  const double reach = radius * flat + 2.5 * sigma, c = std::cos(fit.angle_rad), s = std::sin(fit.angle_rad);
  RadialProfile profile(fit.profile);
  profile.reset(radius, sigma, RadialProfile::Wanted::values);
  std::vector<Sample> samples;
  for (int y = std::max(0, cvFloor(fit.y_px - reach)); y <= std::min(raw.rows - 1, cvCeil(fit.y_px + reach));
       ++y)
    for (int x = std::max(0, cvFloor(fit.x_px - reach));
         x <= std::min(raw.cols - 1, cvCeil(fit.x_px + reach)); ++x) {
      const double dx = x - fit.x_px, dy = y - fit.y_px;
      const double along = (c * dx + s * dy) / flat, across = (c * dy - s * dx) * flat;
      const double r = std::hypot(along, across), value = static_cast<double>(raw(y, x));
      if (r > radius + 2.5 * sigma) continue;
      const double model = profile.value_at(r);
      samples.push_back({dx, dy, model, value, 1.0 / noise.variance(fit.background + fit.amplitude * model)});
    }
  return samples;
}

struct WithEdge {
  double height = 0.0;
  double chi2_per_dof = std::numeric_limits<double>::infinity();
};

/// The particle on a plane with one straight, blurred edge, `at` px from its centre.
WithEdge fit_with_edge(const std::vector<Sample>& samples, double angle, double at, double sigma) {
  using Row = Eigen::Matrix<double, 5, 1>;
  Eigen::Matrix<double, 5, 5> products = Eigen::Matrix<double, 5, 5>::Zero();
  Row answers = Row::Zero();
  double squares = 0.0;
  const double c = std::cos(angle), s = std::sin(angle);
  for (const Sample& one : samples) {
    const double beyond = (c * one.x + s * one.y - at) / sigma;
    const Row row(one.model, 1.0, one.x, one.y, 0.5 * std::erfc(-beyond / std::sqrt(2.0)));
    products.selfadjointView<Eigen::Lower>().rankUpdate(row, one.weight);
    answers += one.weight * one.value * row;
    squares += one.weight * one.value * one.value;
  }
  if (samples.size() < 20) return {};
  const Row found = products.selfadjointView<Eigen::Lower>().ldlt().solve(answers);
  return {found[0], (squares - found.dot(answers)) / (static_cast<double>(samples.size()) - 7.0)};
}

}  // namespace

bool follows_profile(const cv::Mat1f& raw, const NoiseModel& noise, const SizedFit& fit, double sigma_px) {
  const double sigma = blurred_sigma(sigma_px);
  if (!(fit.degrees_of_freedom > 0.0) || fit.diameter_px < least_sigmas * sigma) return true;
  const double variance = noise.variance(fit.background + 0.7 * fit.amplitude);
  if (is_small(fit.chi2_per_dof, fit.degrees_of_freedom, variance, fit.amplitude)) return true;
  const std::vector<Sample> samples = samples_of(raw, noise, fit, sigma);
  for (int turn = 0; turn < edge_turns; ++turn)
    for (int offset = -edge_offsets; offset <= edge_offsets; ++offset) {
      const double angle = turn * pi / edge_turns, at = 0.5 * fit.diameter_px * offset / (edge_offsets + 1);
      const WithEdge found = fit_with_edge(samples, angle, at, sigma);
      if (found.height / fit.amplitude > least_height_left &&
          is_small(found.chi2_per_dof, static_cast<double>(samples.size()), variance, found.height))
        return true;
    }
  return false;
}

bool may_be_thickness(const cv::Mat1f& raw, const NoiseModel& noise, const Particle& particle,
                      const std::vector<Disk>& others, double sigma_px) {
  const double blur = blurred_sigma(sigma_px);
  if (particle.diameter_px < least_sigmas * blur) return true;
  const Rise rise = rise_of(raw, particle, others, blur);
  if (rise.pixels.empty()) return true;
  cv::Mat1f smooth;
  cv::GaussianBlur(rise.pixels, smooth, {}, std::max(blur, 1.5));
  const float peak = smooth(rise.middle);
  if (peak <= 0.0F) return false;
  cv::Mat1b above = (smooth > 0.5F * peak) & rise.own;
  cv::Mat1i part;
  cv::connectedComponents(above, part, 4);
  if (above(rise.middle) == 0) return true;  // another particle's
  above = part == part(rise.middle);
  cv::Mat1f depth;
  cv::distanceTransform(above, depth, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  double deepest = 0.0;
  cv::minMaxLoc(depth, nullptr, &deepest);
  if (deepest > deepest_share * particle.diameter_px) return particle.diameter_px < closed_sigmas * blur;

  if (particle.diameter_px >= closed_sigmas * blur &&
      dark_arcs(smooth, rise.own, above, blur, least_step * peak) > 1)
    return false;

  double inner = 0.0, inner_count = 0.0, outer = 0.0, outer_count = 0.0;
  for (int y = 0; y < depth.rows; ++y)
    for (int x = 0; x < depth.cols; ++x) {
      const double here = static_cast<double>(depth(y, x)), value = static_cast<double>(rise.pixels(y, x));
      if (here > 0.5 * deepest)
        inner += value, inner_count += 1.0;
      else if (here > 2.0 * blur)
        outer += value, outer_count += 1.0;
    }
  if (inner_count == 0.0 || outer_count == 0.0) return true;
  const double fall = inner / inner_count - outer / outer_count;
  const double variance =
      noise.variance(static_cast<double>(raw(cvRound(particle.y_px), cvRound(particle.x_px))));
  const double error = std::sqrt(variance * (1.0 / inner_count + 1.0 / outer_count));
  return fall + 3.0 * error >= least_fall * static_cast<double>(peak);
}

}  // namespace sinterscope
