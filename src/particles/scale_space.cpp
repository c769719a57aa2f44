// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/particles/scale_space.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <opencv2/core/hal/intrin.hpp>
#include <opencv2/imgproc.hpp>

#include "sinterscope/experiment/separable_filter.h"

namespace sinterscope {
namespace {

constexpr int levels_per_octave = 3;
const double step = std::pow(2.0, 1.0 / levels_per_octave);
constexpr double camera_sigma = 0.5;  ///< blur an unfiltered pixel grid already has

/// Weights of a Gaussian over four standard deviations on either side.
std::vector<float> gaussian_weights(double sigma) {
  const cv::Mat1f weights = cv::getGaussianKernel(cvRound(8.0 * sigma + 1.0) | 1, sigma, CV_32F);
  return {weights.begin(), weights.end()};
}

/// The level between two Gaussians of one octave, the sharper one given: fills in its response, returns the
/// blunter one.
cv::Mat1f blurred(const cv::Mat1f& image, double sigma_have, double sigma_want, BlobLevel* level = nullptr) {
  const std::vector<float> weights =
      gaussian_weights(std::sqrt(std::max(sigma_want * sigma_want - sigma_have * sigma_have, 1e-4)));
  if (level == nullptr) return separable_filter(image, weights, weights, cv::BORDER_REFLECT);
  const double ratio = sigma_want / sigma_have;
  const auto scale = static_cast<float>(2.0 / (ratio * ratio - 1.0));  // to the scale-normalised Laplacian
  level->response.create(image.size());
  return separable_filter(image, weights, weights, cv::BORDER_REFLECT, [&](int y, const float* blunt) {
    const float* sharp = image[y];
    float* response = level->response[y];
    for (int x = 0; x < image.cols; ++x) response[x] = scale * sharp[x] - scale * blunt[x];
  });
}

cv::Mat1f every_second_pixel(const cv::Mat1f& image) {
  cv::Mat1f result((image.rows + 1) / 2, (image.cols + 1) / 2);
  for (int y = 0; y < result.rows; ++y)
    for (int x = 0; x < result.cols; ++x) result(y, x) = image(2 * y, 2 * x);
  return result;
}

/// Smaller over larger principal curvature of a smoothed image at a pixel, signed so that a peak of the
/// wanted kind has both positive.
double roundness_at(const cv::Mat1f& s, int x, int y, bool bright) {
  const double sign = bright ? -1.0 : 1.0;
  const double xx = sign * (s(y, x + 1) - 2.0 * s(y, x) + s(y, x - 1));
  const double yy = sign * (s(y + 1, x) - 2.0 * s(y, x) + s(y - 1, x));
  const double xy = sign * 0.25 * (s(y + 1, x + 1) - s(y + 1, x - 1) - s(y - 1, x + 1) + s(y - 1, x - 1));
  const double mean = 0.5 * (xx + yy), split = std::hypot(0.5 * (xx - yy), xy);
  return mean + split > 0.0 ? (mean - split) / (mean + split) : -1.0;
}

/// Vertex of the parabola through three equidistant values, in steps from the middle one.
double vertex(double left, double middle, double right) {
  const double curvature = left - 2.0 * middle + right;
  return curvature == 0.0 ? 0.0 : std::clamp(0.5 * (left - right) / curvature, -0.5, 0.5);
}

/// Rows y - 1, y and y + 1 of an image.
struct ThreeRows {
  const float *above, *here, *below;
  ThreeRows(const cv::Mat1f& image, int y) : above(image[y - 1]), here(image[y]), below(image[y + 1]) {}
};

/// Of four pixels side by side, a bit for each that is above the floor and not below its eight neighbours.
int peaks_of_four(const ThreeRows& rows, int x, cv::v_float32x4 sign, cv::v_float32x4 floor_value) {
  const auto load = [&](const float* row, int dx) { return cv::v_load(row + x + dx) * sign; };
  const cv::v_float32x4 here = load(rows.here, 0);
  auto passed = here > floor_value;
  if (!cv::v_check_any(passed)) return 0;
  passed = passed & (here >= load(rows.here, -1)) & (here >= load(rows.here, 1));
  for (const float* row : {rows.above, rows.below})
    passed = passed & (here >= load(row, -1)) & (here >= load(row, 0)) & (here >= load(row, 1));
  return cv::v_signmask(passed);
}

/// Whether any of 16 pixels side by side is above the floor.
bool any_of_sixteen(const float* at, cv::v_float32x4 sign, cv::v_float32x4 floor_value) {
  const cv::v_float32x4 highest = cv::v_max(cv::v_max(cv::v_load(at) * sign, cv::v_load(at + 4) * sign),
                                            cv::v_max(cv::v_load(at + 8) * sign, cv::v_load(at + 12) * sign));
  return cv::v_check_any(highest > floor_value);
}

class PeakTest {
 public:
  PeakTest(const std::vector<BlobLevel>& levels, std::size_t k, bool bright)
      : below_(levels[k - 1].response),
        here_(levels[k].response),
        above_(levels[k + 1].response),
        sign_(bright ? 1.0F : -1.0F) {}

  /// Whether no neighbour at the same scale is higher.
  bool is_peak(int x, int y) const {
    const float value = sign_ * here_(y, x);
    const float* row = here_[y] + x;
    if (sign_ * row[-1] > value || sign_ * row[1] > value) return false;
    return !any_of_three_beats(here_[y - 1] + x, value) && !any_of_three_beats(here_[y + 1] + x, value);
  }

  /// Whether no neighbour at the scales beside is higher.
  bool is_peak_over_scale(int x, int y) const {
    const float value = sign_ * here_(y, x);
    for (const cv::Mat1f* level : {&below_, &above_})
      for (int dy = -1; dy <= 1; ++dy)
        if (any_of_three_beats((*level)[y + dy] + x, value)) return false;
    return true;
  }

 private:
  bool any_of_three_beats(const float* at, float value) const {
    return sign_ * at[-1] > value || sign_ * at[0] > value || sign_ * at[1] > value;
  }

  const cv::Mat1f& below_;
  const cv::Mat1f& here_;
  const cv::Mat1f& above_;
  float sign_;
};

Blob refined(const std::vector<BlobLevel>& levels, std::size_t k, int x, int y, bool bright) {
  const BlobLevel& level = levels[k];
  const cv::Mat1f& r = level.response;
  const double scale_step = vertex(levels[k - 1].response(y, x), r(y, x), levels[k + 1].response(y, x));
  Blob blob;
  blob.x_px = level.reduction * (x + vertex(r(y, x - 1), r(y, x), r(y, x + 1)));
  blob.y_px = level.reduction * (y + vertex(r(y - 1, x), r(y, x), r(y + 1, x)));
  blob.diameter_px = level.diameter_px() * std::pow(step, scale_step);
  blob.response = (bright ? 1.0 : -1.0) * r(y, x);
  blob.roundness = roundness_at(level.smooth, x, y, bright);
  blob.level = k;
  blob.column = x;
  blob.row = y;
  return blob;
}

}  // namespace

std::vector<BlobLevel> build_blob_levels(const cv::Mat1f& image, double smallest_diameter_px,
                                         double largest_diameter_px) {
  const double first_sigma = std::max(smallest_diameter_px / (2.0 * std::sqrt(2.0)) / std::sqrt(step), 0.7);
  const double last_sigma = largest_diameter_px / (2.0 * std::sqrt(2.0));
  std::vector<BlobLevel> levels;
  cv::Mat1f base = image;
  double have = camera_sigma, reduction = 1.0;
  while (true) {
    // Gaussians first/step .. first*step^(n+1); differences of neighbours make n + 2 levels, n of them
    // interior. The Gaussian at first*step^(n-1), reduced twice, is the next octave's first one.
    const auto sigma_of = [&](int i) { return std::max(first_sigma * std::pow(step, i), have * 1.0001); };
    cv::Mat1f gaussian = blurred(base, have, sigma_of(-1));
    for (int i = -1; i <= levels_per_octave; ++i) {
      BlobLevel level;
      level.smooth = gaussian;
      level.smooth_sigma = sigma_of(i);
      level.reduction = reduction;
      level.sigma = std::sqrt(sigma_of(i) * sigma_of(i + 1));
      level.interior = i >= 0 && i < levels_per_octave;
      gaussian = blurred(gaussian, sigma_of(i), sigma_of(i + 1), &level);
      levels.push_back(level);
    }
    const double next_sigma = first_sigma * reduction * 2.0;
    if (next_sigma > last_sigma || std::min(base.rows, base.cols) < 48) break;
    const BlobLevel& last_interior = levels[levels.size() - 2];
    base = every_second_pixel(last_interior.smooth);
    have = last_interior.smooth_sigma / 2.0;
    reduction *= 2.0;
  }
  return levels;
}

std::vector<Blob> find_blobs(const std::vector<BlobLevel>& levels, bool bright,
                             const std::vector<double>& noise, double least, double smallest_beside_px) {
  std::vector<Blob> blobs;
  const float sign = bright ? 1.0F : -1.0F;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    if (!levels[k].interior) continue;
    const PeakTest test(levels, k, bright);
    const cv::Mat1f& response = levels[k].response;
    const auto floor_value = static_cast<float>(least * noise[k]);
    const cv::v_float32x4 signs = cv::v_setall_f32(sign), floors = cv::v_setall_f32(floor_value);
    const auto add = [&](int x, int y) {
      const bool over_scale = test.is_peak_over_scale(x, y);
      if (!over_scale && levels[k].diameter_px() < smallest_beside_px) return;
      blobs.push_back(refined(levels, k, x, y, bright));
      blobs.back().over_scale = over_scale;
    };
    for (int y = 1; y + 1 < response.rows; ++y) {
      const ThreeRows rows(response, y);
      int x = 1;
      for (; x + 5 < response.cols; x += 4) {
        if (x % 16 == 1 && x + 16 < response.cols && !any_of_sixteen(rows.here + x, signs, floors)) {
          x += 12;
          continue;
        }
        for (int found = peaks_of_four(rows, x, signs, floors); found != 0; found &= found - 1)
          add(x + std::countr_zero(static_cast<unsigned>(found)), y);
      }
      for (; x + 1 < response.cols; ++x)
        if (sign * response(y, x) > floor_value && test.is_peak(x, y)) add(x, y);
    }
  }
  return blobs;
}

}  // namespace sinterscope
