// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/scan_lines.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "robust.h"
#include "row_statistics.h"
#include "shifted_image.h"
#include "sinterscope/core/options.h"
#include "sinterscope/experiment/separable_filter.h"
#include "sinterscope/imaging/noise.h"

namespace sinterscope {

namespace {

/// Rows on either side that say what a row should look like (standard deviation).
constexpr double rows_around = 2.5;
constexpr int row_noise_rounds = 4;
constexpr double most_row_noise = 4.0;  ///< standard deviations that a row is moved by in a round
// To what corrections of rows are rounded where they are kept.
constexpr double level_steps_per_sd = 256.0;
constexpr double shift_step_px = 1.0 / 4096.0;
static_assert(row_noise_rounds * most_row_noise * level_steps_per_sd < 32767.0);

int size_along_y(double sigma) { return 2 * static_cast<int>(std::ceil(3.0 * sigma)) + 1; }

std::vector<float> weights_along_y(double sigma) {
  const cv::Mat1f weights = cv::getGaussianKernel(size_along_y(sigma), sigma, CV_32F);
  return {weights.begin(), weights.end()};
}

template <typename T>
cv::Mat_<T> smoothed_along_y(const cv::Mat_<T>& pixels, double sigma) {
  cv::Mat_<T> result;
  cv::GaussianBlur(pixels, result, {1, size_along_y(sigma)}, sigma, sigma);
  return result;
}

/// The shift of each row against the rows around it, and its standard error.
struct RowShifts {
  std::vector<double> shift, error;
};

RowShifts shifts_against_neighbours(const cv::Mat1f& pixels, const cv::Mat1f& variance) {
  cv::Mat1f expected = smoothed_along_y(pixels, rows_around), gradient, along;
  cv::GaussianBlur(expected, along, {5, 1}, 1.0, 1.0);
  const cv::Mat1f central = (cv::Mat1f(1, 3) << -0.5F, 0.0F, 0.5F);
  cv::filter2D(along, gradient, CV_32F, central, {-1, -1}, 0.0, cv::BORDER_REPLICATE);
  // Variance of the gradient for unit pixel variance: the Gaussian along y leaves 1 / (2 sqrt(pi) sigma), the
  // smoothed central difference along x about 0.08. Gradients below four standard deviations are noise and
  // would only dilute.
  const float certain = 16.0F * 0.08F / static_cast<float>(3.545 * rows_around);
  RowShifts rows;
  for (int y = 0; y < pixels.rows; ++y) {
    const float *p = pixels[y], *e = expected[y], *g = gradient[y], *v = variance[y];
    double gg = 0, gd = 0;
    for (int x = 3; x < pixels.cols - 3; ++x) {
      const float g2 = g[x] * g[x] / v[x];
      if (g2 < certain) continue;
      gg += static_cast<double>(g2);
      gd += static_cast<double>(g[x] * (p[x] - e[x]) / v[x]);
    }
    rows.shift.push_back(gg > 0.0 ? std::clamp(-gd / gg, -1.0, 1.0) : 0.0);
    rows.error.push_back(gg > 0.0 ? 1.0 / std::sqrt(gg) : 1e3);
  }
  return rows;
}

/// Rows read at x + shift.
cv::Mat1f rows_moved_back(const cv::Mat1f& pixels, const std::vector<double>& shift) {
  cv::Mat1f result(pixels.size());
  for (int y = 0; y < pixels.rows; ++y) {
    const double s = shift[static_cast<std::size_t>(y)], whole = std::round(s);
    cv::Mat1f row = pixels.row(y);
    if (whole != 0.0) {
      const cv::Mat1f source = row;
      row = cv::Mat1f(1, pixels.cols);
      for (int x = 0; x < pixels.cols; ++x)
        row(0, x) = source(0, std::clamp(x + static_cast<int>(whole), 0, pixels.cols - 1));
    }
    shifted_image(row, {s - whole, 0.0}).copyTo(result.row(y));
  }
  return result;
}

/// Standard deviation of what changes from one row to the next, from second differences: the specimen,
/// blurred by the probe, changes slowly.
double row_to_row_sd(const std::vector<double>& shift) {
  std::vector<double> seconds;
  for (std::size_t y = 1; y + 1 < shift.size(); ++y)
    seconds.push_back(2.0 * shift[y] - shift[y - 1] - shift[y + 1]);
  return robust_sd(seconds) / std::sqrt(6.0);
}

/// What many rows have in common is the specimen: a slanted edge, a corner.
void remove_slow_part(std::vector<double>& shift) {
  const cv::Mat1d values(static_cast<int>(shift.size()), 1, shift.data());
  const cv::Mat1d slow = [&] {
    cv::Mat1d result;
    cv::GaussianBlur(values, result, {1, 31}, 2.0 * rows_around, 2.0 * rows_around);
    return result;
  }();
  for (std::size_t y = 0; y < shift.size(); ++y) shift[y] -= slow(static_cast<int>(y), 0);
}

/// How much brighter each row is than the rows around it.
cv::Mat1d levels_against_neighbours(const cv::Mat1f& pixels) {
  cv::Mat1d levels(pixels.rows, 1);
  std::vector<float> values(static_cast<std::size_t>(pixels.cols));
  separable_filter(pixels, {1.0F}, weights_along_y(2.0 * rows_around), cv::BORDER_REFLECT_101,
                   [&](int y, const float* around) {
                     const float* row = pixels[y];
                     for (std::size_t x = 0; x < values.size(); ++x) values[x] = row[x] - around[x];
                     levels(y, 0) = mean_of_middle_half(values);
                   });
  return levels;
}

double level_step(const NoiseModel& noise) { return noise.row_noise_sd / level_steps_per_sd; }

std::vector<std::int16_t> in_steps(const std::vector<double>& values, double step) {
  std::vector<std::int16_t> result;
  for (const double value : values) result.push_back(cv::saturate_cast<std::int16_t>(value / step));
  return result;
}

std::vector<double> from_steps(const std::vector<std::int16_t>& steps, double step) {
  std::vector<double> result;
  for (const std::int16_t n : steps) result.push_back(n * step);
  return result;
}

}  // namespace

RowJitter measure_row_jitter(const cv::Mat1f& pixels, const NoiseModel& noise) {
  RowJitter jitter;
  jitter.shift_px.assign(static_cast<std::size_t>(pixels.rows), 0.0);
  if (pixels.rows < 16 || pixels.cols < 16) return jitter;
  const cv::Mat1f variance = variance_map(pixels, noise);
  RowShifts rows = shifts_against_neighbours(pixels, variance);
  std::vector<double> errors = rows.error;
  jitter.error_px = median(errors);
  const double total = std::pow(row_to_row_sd(rows.shift), 2), from_noise = std::pow(jitter.error_px, 2);
  // A squared MAD of second differences scatters by about 3 / sqrt(rows); texture of the specimen may double
  // the noise.
  if (total < from_noise * (2.0 + 12.0 / std::sqrt(static_cast<double>(pixels.rows)))) return jitter;
  jitter.sd_px = std::sqrt(total - from_noise);
  // The neighbours are displaced themselves and a row is one of its own neighbours: a second round settles
  // both.
  for (int round = 0; round < 2; ++round) {
    if (round > 0) rows = shifts_against_neighbours(rows_moved_back(pixels, jitter.shift_px), variance);
    for (std::size_t y = 0; y < rows.shift.size(); ++y)
      jitter.shift_px[y] += rows.shift[y] / (1.0 + std::pow(rows.error[y] / jitter.sd_px, 2));
    remove_slow_part(jitter.shift_px);
  }
  return jitter;
}

Frame correct_row_jitter(const Frame& frame, const RowJitter& jitter) {
  Frame result = frame;
  if (jitter.sd_px > 0.0) result.pixels = rows_moved_back(frame.pixels, jitter.shift_px);
  return result;
}

std::vector<double> measure_row_noise(const cv::Mat1f& pixels, const NoiseModel& noise) {
  if (noise.row_noise_sd <= 0.0) return {};
  cv::Mat1d left = levels_against_neighbours(pixels);
  cv::Mat1d removed = cv::Mat1d::zeros(left.size());
  // Each round takes what the smoothed neighbours did not follow; what is left has changed less from row to
  // row. A row that is moved as a whole moves its level and, smoothed, that of its neighbours: no round but
  // the first has to look at the pixels.
  for (int round = 0; round < row_noise_rounds; ++round) {
    // A facet edge along x is no row noise: nothing moves by more than four standard deviations.
    const double most = most_row_noise * noise.row_noise_sd;
    const cv::Mat1d shift = cv::min(cv::max(left, -most), most);
    removed += shift;
    left -= shift - smoothed_along_y(shift, 2.0 * rows_around);
  }
  return {removed.begin(), removed.end()};
}

Frame remove_row_noise(const Frame& frame, const std::vector<double>& counts) {
  Frame result = frame;
  if (counts.empty()) return result;
  result.pixels = cv::Mat1f(frame.pixels.size());
  for (int y = 0; y < result.pixels.rows; ++y) {
    const auto level = static_cast<float>(counts[static_cast<std::size_t>(y)]);
    const float* from = frame.pixels[y];
    float* to = result.pixels[y];
    for (int x = 0; x < result.pixels.cols; ++x) to[x] = from[x] - level;
  }
  return result;
}

ScanLineFrames::ScanLineFrames(const FrameSource& source, const NoiseModel& noise, ScanLineOptions options)
    : source_(&source), noise_(noise), corrections_(source.size()) {
  validate(options);
  if (source.size() == 0) return;
  report_.row_noise_sd = noise.row_noise_sd;
  const double pixel_sd = std::sqrt(noise.variance(cv::mean(source.load(0).pixels)[0]));
  report_.row_noise_removed = options.row_noise && noise.row_noise_sd > options.least_row_noise * pixel_sd;
  if (!options.row_jitter) return;
  const std::size_t looked_at = std::min<std::size_t>(source.size(), 5);
  std::vector<double> jitter;
  for (std::size_t k = 0; k < looked_at; ++k) {
    const Frame frame = source.load(k * source.size() / looked_at);
    jitter.push_back(measure_row_jitter(frame.pixels, noise).sd_px);
  }
  report_.jitter_sd_px = median(jitter);
  report_.jitter_corrected = report_.jitter_sd_px > options.least_jitter_px;
}

ScanLineFrames::Correction ScanLineFrames::correction_of(std::size_t i, const cv::Mat1f& pixels) const {
  {
    const std::lock_guard lock(mutex_);
    if (corrections_[i].known) return corrections_[i];
  }
  Correction found;
  found.known = true;
  cv::Mat1f steady = pixels;
  if (report_.row_noise_removed) {
    found.level = in_steps(measure_row_noise(pixels, noise_), level_step(noise_));
    steady = remove_row_noise({pixels, {}}, from_steps(found.level, level_step(noise_))).pixels;
  }
  if (report_.jitter_corrected) {
    const RowJitter jitter = measure_row_jitter(steady, noise_);
    if (jitter.sd_px > 0.0) found.shift = in_steps(jitter.shift_px, shift_step_px);
  }
  const std::lock_guard lock(mutex_);
  return corrections_[i] = found;
}

Frame ScanLineFrames::load(std::size_t i) const {
  Frame frame = source_->load(i);
  if (!report_.row_noise_removed && !report_.jitter_corrected) return frame;
  const Correction correction = correction_of(i, frame.pixels);
  frame = remove_row_noise(frame, from_steps(correction.level, level_step(noise_)));
  if (!correction.shift.empty())
    frame.pixels = rows_moved_back(frame.pixels, from_steps(correction.shift, shift_step_px));
  return frame;
}

}  // namespace sinterscope
