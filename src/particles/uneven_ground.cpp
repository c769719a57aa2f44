// SPDX-License-Identifier: GPL-3.0-or-later
#include "uneven_ground.h"

#include <algorithm>
#include <cmath>

namespace sinterscope {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double most_places = 4000.0;  ///< looked at in a frame
constexpr std::size_t most_asked = 200;
constexpr std::size_t least_asked = 30;
constexpr double central_share = 0.6827;  ///< within one standard deviation, of a normal law
/// Relative standard error of a variance read from that share of n values, times the root of n.
constexpr double share_scatter = 1.93;

/// By how much ln d moves for one count in each pixel. From a step of a tenth of a standard error along the
/// direction in which the parameters answer to it.
VectorXd weights_of_diameter(const GroupProblem& problem, const GroupSolution& solution) {
  const VectorXd along = solution.covariance.col(2);
  const double step = 0.1 / std::sqrt(along[2]);
  const VectorXd ahead = solution.parameters + step * along, behind = solution.parameters - step * along;
  const VectorXd slope = (model_values(problem, ahead) - model_values(problem, behind)) / (2 * step);
  return slope.array() * inverse_sd_at(problem, solution.parameters).array().square();
}

double square(double value) { return value * value; }

}  // namespace

UnevenGround::UnevenGround(const FitSetting& setting, const std::vector<Outline>& outlines)
    : setting_(setting) {
  double left = 0, top = 0;
  double right = setting.frames->front().pixels.cols - 1, bottom = setting.frames->front().pixels.rows - 1;
  const double columns = right, rows = bottom;
  for (const ShiftedFrame& frame : *setting.frames) {
    left = std::max(left, -frame.shift_px.x), right = std::min(right, columns - frame.shift_px.x);
    top = std::max(top, -frame.shift_px.y), bottom = std::min(bottom, rows - frame.shift_px.y);
  }
  const int step = std::max(3, static_cast<int>(std::sqrt(columns * rows / most_places)));
  for (int y = static_cast<int>(top) + step; y < bottom; y += step)
    for (int x = static_cast<int>(left) + step; x < right; x += step) {
      double clear = std::min({x - left, right - x, y - top, bottom - y}) - 1.0;
      for (const Outline& one : outlines) {
        if (clear <= setting.window_px) break;
        clear = std::min(
            clear, std::hypot(x - one.x, y - one.y) - one.radius - blur_sigmas * setting.blurred_sigma_px);
      }
      if (clear > setting.window_px) places_.push_back({x, y, clear});
    }
}

double UnevenGround::added_variance(const GroupProblem& problem, const GroupSolution& solution) const {
  const FitPixels& pixels = problem.pixels;
  const VectorXd weights = weights_of_diameter(problem, solution);
  const cv::Point centre(cvRound(problem.seed_x.front()), cvRound(problem.seed_y.front()));
  double reach = 0.0, noise = 0.0;
  std::vector<std::vector<std::pair<cv::Point, double>>> of_frame;
  std::size_t i = 0;
  for (std::size_t f = 0; f < pixels.frame_end.size(); ++f) {
    const cv::Point2d shift = (*setting_.frames)[f].shift_px;
    const double ground = solution.parameters[problem.shapes() + 3 * static_cast<Index>(f)];
    const double variance = problem.noise.variance(ground) + square(problem.noise.row_noise_sd);
    of_frame.emplace_back();
    for (; i < pixels.frame_end[f]; ++i) {
      const double weight = weights[static_cast<Index>(i)];
      of_frame.back().push_back(
          {{cvRound(pixels.x[i] + shift.x) - centre.x, cvRound(pixels.y[i] + shift.y) - centre.y}, weight});
      reach = std::max(reach, std::hypot(pixels.x[i] - centre.x, pixels.y[i] - centre.y));
      noise += square(weight) * variance;
    }
  }
  std::vector<const Place*> free;
  for (const Place& place : places_)
    if (place.clear_px > reach) free.push_back(&place);
  const std::size_t asked = std::min(free.size(), most_asked);
  if (asked < least_asked) return 0.0;
  std::vector<double> sums;
  for (std::size_t k = 0; k < asked; ++k) {
    const Place& place = *free[k * free.size() / asked];
    double sum = 0.0;
    for (std::size_t f = 0; f < of_frame.size(); ++f) {
      const ShiftedFrame& frame = (*setting_.frames)[f];
      for (const auto& [offset, weight] : of_frame[f]) {
        const cv::Point at = offset + cv::Point(place.x, place.y);
        sum += weight * static_cast<double>(frame.pixels(at));
        if (!frame.support.empty()) sum -= weight * static_cast<double>(frame.support(at));
      }
    }
    if (std::isfinite(sum)) sums.push_back(std::abs(sum));
  }
  if (sums.size() < least_asked) return 0.0;
  const auto limit =
      sums.begin() + static_cast<std::ptrdiff_t>(central_share * static_cast<double>(sums.size()));
  std::nth_element(sums.begin(), limit, sums.end());
  const double excess = std::max(1.0, solution.chi2 / solution.degrees_of_freedom);
  const double by_chance = 1 + share_scatter / std::sqrt(static_cast<double>(sums.size()));
  return std::max(0.0, square(*limit) - noise * excess * by_chance) / solution.covariance(2, 2);
}

}  // namespace sinterscope
