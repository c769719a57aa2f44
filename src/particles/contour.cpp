// SPDX-License-Identifier: GPL-3.0-or-later
#include "contour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "sinterscope/core/units.h"

namespace sinterscope {
namespace {

/// The pixels of the first frame as a small image of height over the background plane, in units of the
/// amplitude; pixels that were left out hold 0.
struct Patch {
  cv::Mat1f data, model;
  cv::Mat1b known;
  int left = 0, top = 0;
};

/// Amplitude and ground of the solution read anew from the pixels clear of the outline.
GroupParameters releveled(const GroupProblem& problem, const GroupParameters& solution) {
  const Eigen::Index plane = problem.shape_parameters();
  const double amplitude = solution[3];
  Eigen::VectorXd light = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(problem.pixels.size()));
  add_light(problem, solution.data(), 1 / amplitude, light);
  const std::vector<bool> along = pixels_along_outline(problem, solution);
  Eigen::Matrix4d normal = Eigen::Matrix4d::Zero();
  Eigen::Vector4d right = Eigen::Vector4d::Zero();
  for (std::size_t i = 0; i < problem.pixels.frame_end.front(); ++i) {
    if (along[i]) continue;
    const Eigen::Vector4d row(light[static_cast<Eigen::Index>(i)], 1.0,
                              problem.pixels.x[i] - problem.centre_x, problem.pixels.y[i] - problem.centre_y);
    normal += row * row.transpose();
    right += row * (problem.pixels.value[i] - (problem.pixels.base.empty() ? 0.0 : problem.pixels.base[i]));
  }
  const Eigen::LDLT<Eigen::Matrix4d> factor(normal);
  GroupParameters result = solution;
  if (factor.info() != Eigen::Success || factor.rcond() < 1e-12) return result;
  const Eigen::Vector4d level = factor.solve(right);
  if (!(level[0] / amplitude > 0.5 && level[0] / amplitude < 2.0)) return result;
  result[3] = level[0];
  result.segment<3>(plane) = level.tail<3>();
  return result;
}

Patch lay_out(const GroupProblem& problem, const GroupParameters& solution) {
  const FitPixels& pixels = problem.pixels;
  double left = 1e18, top = 1e18, right = -1e18, bottom = -1e18;
  for (std::size_t i = 0; i < pixels.frame_end.front(); ++i) {
    left = std::min(left, pixels.x[i]);
    right = std::max(right, pixels.x[i]);
    top = std::min(top, pixels.y[i]);
    bottom = std::max(bottom, pixels.y[i]);
  }
  Patch patch;
  patch.left = static_cast<int>(std::lround(left)) - 1;
  patch.top = static_cast<int>(std::lround(top)) - 1;
  const cv::Size size(static_cast<int>(std::lround(right - left)) + 3,
                      static_cast<int>(std::lround(bottom - top)) + 3);
  patch.data = cv::Mat1f::zeros(size);
  patch.model = cv::Mat1f::zeros(size);
  patch.known = cv::Mat1b::zeros(size);
  const Eigen::VectorXd values = model_values(problem, solution);
  const double amplitude = solution[3];
  const Eigen::Index plane = problem.shape_parameters();
  for (std::size_t i = 0; i < pixels.frame_end.front(); ++i) {
    const double ground = solution[plane] + solution[plane + 1] * (pixels.x[i] - problem.centre_x) +
                          solution[plane + 2] * (pixels.y[i] - problem.centre_y) +
                          (pixels.base.empty() ? 0.0 : pixels.base[i]);
    const cv::Point at(static_cast<int>(std::lround(pixels.x[i] - left)) + 1,
                       static_cast<int>(std::lround(pixels.y[i] - top)) + 1);
    patch.data(at) = static_cast<float>((pixels.value[i] - ground) / amplitude);
    patch.model(at) = static_cast<float>((values[static_cast<Eigen::Index>(i)] - ground) / amplitude);
    patch.known(at) = 255;
  }
  return patch;
}

/// Area above the level within one square of four corners, the contour taken straight along each edge.
double area_above(std::array<double, 4> corner, double level) {
  // Corners in turn round the square; the polygon above the level is walked along its edges.
  static constexpr std::array<std::array<double, 2>, 4> place = {{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};
  std::array<std::array<double, 2>, 8> polygon{};
  std::size_t n = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    const std::size_t next = (k + 1) % 4;
    const double a = corner[k] - level, b = corner[next] - level;
    if (a >= 0) polygon[n++] = place[k];
    if ((a >= 0) != (b >= 0)) {
      const double t = a / (a - b);
      polygon[n++] = {place[k][0] + t * (place[next][0] - place[k][0]),
                      place[k][1] + t * (place[next][1] - place[k][1])};
    }
  }
  double twice = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    const auto &a = polygon[k], &b = polygon[(k + 1) % n];
    twice += a[0] * b[1] - a[1] * b[0];
  }
  return 0.5 * std::abs(twice);
}

/// Area above the level of the piece that holds the centre; zero where it reaches unknown pixels or there is
/// none.
double piece_area(const cv::Mat1f& smooth, const cv::Mat1b& known, cv::Point centre, float level) {
  const cv::Mat1b above = smooth > level;
  cv::Mat1i labels;
  cv::connectedComponents(above, labels, 8, CV_32S);
  const cv::Rect all(0, 0, smooth.cols, smooth.rows);
  int own = 0;
  for (int reach = 0; reach < 4 && own == 0; ++reach)  // the centre itself may lie in a hollow
    for (int j = -reach; j <= reach && own == 0; ++j)
      for (int i = -reach; i <= reach && own == 0; ++i)
        if (all.contains(centre + cv::Point(i, j))) own = labels(centre + cv::Point(i, j));
  if (own == 0) return 0.0;
  cv::Mat1b mask = labels == own;
  cv::Mat1b edge;
  cv::dilate(mask, edge, cv::Mat());
  double sum = 0.0;
  for (int j = 0; j + 1 < smooth.rows; ++j)
    for (int i = 0; i + 1 < smooth.cols; ++i) {
      if (!mask(j, i) && !mask(j, i + 1) && !mask(j + 1, i) && !mask(j + 1, i + 1)) continue;
      if (!known(j, i) || !known(j, i + 1) || !known(j + 1, i) || !known(j + 1, i + 1)) return 0.0;
      // Corners of other pieces do not count as above.
      const auto at = [&](int row, int column) {
        const bool stranger = labels(row, column) != 0 && labels(row, column) != own;
        return stranger ? 0.0 : static_cast<double>(smooth(row, column));
      };
      sum += area_above({at(j, i), at(j, i + 1), at(j + 1, i + 1), at(j + 1, i)}, static_cast<double>(level));
    }
  return sum;
}

}  // namespace

std::vector<bool> pixels_along_outline(const GroupProblem& problem, const GroupParameters& p) {
  const double radius = 0.5 * std::exp(p[2]), band = 2 * problem.blurred_sigma_px + 0.1 * radius;
  std::vector<bool> along;
  for (const double distance : distances_from_centre(problem, p, 0))
    along.push_back(std::abs(distance - radius) < band);
  return along;
}

ContourArea measure_contour(const GroupProblem& problem, const GroupParameters& fit, ContourLevel level) {
  ContourArea result;
  if (problem.particles != 1 || problem.pixels.size() == 0) return result;
  const GroupParameters solution = level == ContourLevel::clear_of_outline ? releveled(problem, fit) : fit;
  const Patch patch = lay_out(problem, solution);
  const double sigma = problem.blurred_sigma_px;
  cv::Mat1f data, model;
  cv::GaussianBlur(patch.data, data, cv::Size(), sigma, sigma, cv::BORDER_CONSTANT);
  cv::GaussianBlur(patch.model, model, cv::Size(), sigma, sigma, cv::BORDER_CONSTANT);
  const cv::Point centre(static_cast<int>(std::lround(solution[0])) - patch.left,
                         static_cast<int>(std::lround(solution[1])) - patch.top);
  if (!cv::Rect(0, 0, data.cols, data.rows).contains(centre)) return result;
  constexpr float half = 0.5F;
  const double seen = piece_area(data, patch.known, centre, half);
  const double expected = piece_area(model, patch.known, centre, half);
  if (!(seen > 0 && expected > 0)) return result;
  const double fitted = std::exp(solution[2]);
  result.diameter_px = fitted * std::sqrt(seen / expected);
  // Noise left after smoothing, over the slope of the edge, moves the contour; such moves are independent
  // over the length in which the smoothed noise forgets itself, 2 sqrt(pi) sigma.
  const double noise = std::sqrt(problem.noise.variance(solution[problem.shape_parameters()])) /
                       (2 * std::sqrt(pi) * sigma * std::abs(solution[3]));
  const double slope = 1 / (std::sqrt(2 * pi) * std::sqrt(2.0) * sigma);
  const double length = pi * result.diameter_px;
  const double area_se = noise / slope * std::sqrt(length * 2 * std::sqrt(pi) * sigma);
  result.diameter_se_px = 2 * area_se / length;
  result.closed = true;
  return result;
}

}  // namespace sinterscope
