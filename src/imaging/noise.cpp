// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/noise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "correlation.h"
#include "robust.h"
#include "row_statistics.h"
#include "sinterscope/core/error.h"
#include "sinterscope/core/options.h"

namespace sinterscope {

namespace {

/// Mean and white-noise variance of one patch, and how much structure its low frequencies show.
struct Patch {
  double mean = 0, variance = 0;
  double coarse = 0;     ///< the same variance from every second pixel of a row
  double structure = 0;  ///< variance of the means of its quarters-of-quarters, counts^2
};

/// variance = slope * mean + intercept, with standard errors.
struct Line {
  double slope = 0, intercept = 0, slope_se = 0, intercept_se = 0;
  double mean = 0;      ///< weighted mean signal of the patches
  double variance = 0;  ///< weighted mean variance
  std::size_t patches = 0;
};

constexpr int blocks = 4;  ///< a patch holds blocks x blocks means that show its structure

/// Statistics of the patch at `corner`. `noise_image` holds the noise (a frame, or a difference of two),
/// `signal` the signal. The fourth difference (1, -4, 6, -4, 1) runs along x, so a shift common to a row does
/// not enter.
Patch measure_patch(const cv::Mat1f& noise_image, const cv::Mat1f& signal, cv::Point corner, int edge) {
  Patch patch;
  double squares = 0, coarse_squares = 0, sum = 0;
  const int block_edge = edge / blocks;
  double block_sum[blocks][blocks] = {};
  for (int y = 0; y < edge; ++y) {
    const float* n = noise_image[corner.y + y] + corner.x;
    const float* s = signal[corner.y + y] + corner.x;
    const auto difference_squares = [n, edge](int step) {
      float row_squares = 0;
      for (int x = 2 * step; x < edge - 2 * step; ++x) {
        const float h = n[x - 2 * step] + n[x + 2 * step] - 4.0F * (n[x - step] + n[x + step]) + 6.0F * n[x];
        row_squares += h * h;
      }
      return static_cast<double>(row_squares);
    };
    squares += difference_squares(1);
    coarse_squares += difference_squares(2);
    for (int b = 0; b < blocks; ++b) {
      float row_sum = 0;
      for (int x = b * block_edge; x < (b + 1) * block_edge; ++x) row_sum += s[x];
      block_sum[std::min(y / block_edge, blocks - 1)][b] += static_cast<double>(row_sum);
    }
  }
  double block_squares = 0;
  for (const auto& row : block_sum)
    for (const double block : row) sum += block, block_squares += block * block;
  const double pixels_per_block = static_cast<double>(block_edge) * block_edge;
  constexpr int count = blocks * blocks;
  patch.mean = sum / (pixels_per_block * count);
  patch.variance = squares / (70.0 * edge * (edge - 4));
  patch.coarse = coarse_squares / (70.0 * edge * (edge - 8));
  patch.structure = (block_squares - sum * sum / count) / (count - 1) / (pixels_per_block * pixels_per_block);
  return patch;
}

/// Patches of one image; `variance_scale` is 1/2 for a difference of two frames. Patches with a clipped or a
/// constant content say nothing of the noise and are left out.
void collect_patches(const cv::Mat1f& noise_image, const cv::Mat1f& signal, double variance_scale,
                     double saturation, int edge, std::vector<Patch>& patches) {
  for (int y = 0; y + edge <= signal.rows; y += edge)
    for (int x = 0; x + edge <= signal.cols; x += edge) {
      Patch patch = measure_patch(noise_image, signal, {x, y}, edge);
      if (patch.variance <= 0.0) continue;
      if (saturation > 0.0) {
        double high = 0;
        cv::minMaxLoc(signal(cv::Rect(x, y, edge, edge)), nullptr, &high);
        if (high >= saturation * variance_scale) continue;
      }
      patch.variance *= variance_scale, patch.coarse *= variance_scale;
      patches.push_back(patch);
    }
}

double predicted(const Line& line, double mean) {
  return std::max(line.slope * mean + line.intercept, 0.02 * line.variance);
}

/// Weighted least squares through the patches that `keep` names; the relative error of a patch variance is
/// the same for all, so the weight is 1 / predicted^2.
template <typename Keep>
Line fit_line(const std::vector<Patch>& patches, const Line& start, const Keep& keep) {
  double w = 0, wm = 0, wv = 0, wmm = 0, wmv = 0;
  Line line;
  for (const Patch& p : patches) {
    if (!keep(p)) continue;
    const double weight = 1.0 / std::pow(predicted(start, p.mean), 2);
    w += weight, wm += weight * p.mean, wv += weight * p.variance;
    ++line.patches;
  }
  if (w <= 0.0) return start;
  line.mean = wm / w, line.variance = wv / w;
  for (const Patch& p : patches) {
    if (!keep(p)) continue;
    const double weight = 1.0 / std::pow(predicted(start, p.mean), 2);
    wmm += weight * std::pow(p.mean - line.mean, 2);
    wmv += weight * (p.mean - line.mean) * (p.variance - line.variance);
  }
  if (wmm > 0.0) line.slope = wmv / wmm;
  line.intercept = line.variance - line.slope * line.mean;
  double chi2 = 0;
  for (const Patch& p : patches)
    if (keep(p))
      chi2 += std::pow((p.variance - line.slope * p.mean - line.intercept) / predicted(start, p.mean), 2);
  const double scatter = line.patches > 2 ? chi2 / static_cast<double>(line.patches - 2) : 1.0;
  line.slope_se = wmm > 0.0 ? std::sqrt(scatter / wmm) : std::numeric_limits<double>::infinity();
  line.intercept_se = std::sqrt(scatter / w + std::pow(line.mean * line.slope_se, 2));
  return line;
}

/// Patches in groups of like signal: the patches come sorted by their mean.
struct Group {
  std::size_t begin, end;
};

std::vector<Group> groups_of(std::size_t patches) {
  const std::size_t count = std::clamp<std::size_t>(patches / 24, 1, 32);
  std::vector<Group> groups;
  for (std::size_t k = 0; k < count; ++k) groups.push_back({k * patches / count, (k + 1) * patches / count});
  return groups;
}

/// A first line through the low quantiles of the groups: half the patches may be textured.
Line first_line(const std::vector<Patch>& patches) {
  std::vector<Patch> medians;
  Line flat;
  for (const Group& group : groups_of(patches.size())) {
    std::vector<double> variances;
    for (std::size_t i = group.begin; i < group.end; ++i) variances.push_back(patches[i].variance);
    Patch middle;
    middle.mean = patches[(group.begin + group.end) / 2].mean;
    middle.variance = quantile(variances, 0.4);
    flat.variance += middle.variance;
    medians.push_back(middle);
  }
  flat.variance /= static_cast<double>(medians.size());
  flat.intercept = flat.variance;
  Line line = flat;
  for (int i = 0; i < 4; ++i) line = fit_line(medians, line, [](const Patch&) { return true; });
  return line.slope > 0.0 ? line : flat;
}

/// The patches whose low frequencies are no rougher than noise explains, and of each signal at least the
/// quieter half.
std::vector<Patch> quiet_patches(const std::vector<Patch>& patches, const Line& line, int edge) {
  const double pixels_per_block = std::pow(edge / blocks, 2);
  const auto roughness = [&](const Patch& p) {
    return p.structure * pixels_per_block / predicted(line, p.mean);
  };
  std::vector<Patch> quiet;
  for (const Group& group : groups_of(patches.size())) {
    std::vector<double> values;
    for (std::size_t i = group.begin; i < group.end; ++i) values.push_back(roughness(patches[i]));
    const double limit =
        std::max(2.0, quantile(values, 0.5));  // 15 degrees of freedom: 2.0 is the 99 % point
    for (std::size_t i = group.begin; i < group.end; ++i)
      if (roughness(patches[i]) <= limit) quiet.push_back(patches[i]);
  }
  return quiet;
}

/// The line through the quiet patches whose variances lie within 4 of their own scatter.
Line robust_line(std::vector<Patch>& patches, int edge) {
  std::sort(patches.begin(), patches.end(), [](const Patch& a, const Patch& b) { return a.mean < b.mean; });
  Line line = first_line(patches);
  const std::vector<Patch> quiet = quiet_patches(patches, line, edge);
  // The variance of a patch scatters by sqrt(2 / degrees of freedom); neighbouring fourth differences are
  // correlated, which leaves 1 / 2.63 of the pixels as degrees of freedom.
  const double scatter = std::sqrt(2.0 * 2.63 / (edge * (edge - 4)));
  for (int i = 0; i < 8; ++i) {
    const Line before = line;
    line = fit_line(quiet, before, [&](const Patch& p) {
      const double expected = predicted(before, p.mean);
      return std::abs(p.variance - expected) <= 4.0 * scatter * expected;
    });
  }
  return line;
}

/// Mean variance that a line foretells for these patches.
double mean_variance(const Line& line, const std::vector<Patch>& patches) {
  double sum = 0;
  for (const Patch& p : patches) sum += predicted(line, p.mean);
  return sum / static_cast<double>(patches.size());
}

/// The scatter of every second pixel over what the line foretells, in most of the image.
double coarse_ratio(const Line& line, const std::vector<Patch>& patches) {
  std::vector<double> ratios;
  for (const Patch& p : patches) ratios.push_back(p.coarse / predicted(line, p.mean));
  return median(ratios);
}

/// Detector clipping: the type's own maximum where it occurs, or a maximum that far more pixels share than
/// the value below it. 0 = none.
double find_saturation(const FrameSource& source, const std::vector<Frame>& frames) {
  double top = -std::numeric_limits<double>::infinity(), bottom = -top;
  for (const Frame& frame : frames) {
    double low = 0, high = 0;
    cv::minMaxLoc(frame.pixels, &low, &high);
    top = std::max(top, high), bottom = std::min(bottom, low);
  }
  if (top <= bottom) return 0.0;
  const std::string& dtype = source.description().dtype;
  if ((dtype == "uint8" && top >= 255.0) || (dtype == "uint16" && top >= 65535.0)) return top;
  // A tail thins out towards its end; a clipped one ends in a heap.
  const float below = static_cast<float>(top - 0.02 * (top - bottom));
  std::size_t at_top = 0, near_top = 0, pixels = 0;
  for (const Frame& frame : frames) {
    at_top += static_cast<std::size_t>(cv::countNonZero(frame.pixels >= top));
    near_top += static_cast<std::size_t>(cv::countNonZero(frame.pixels >= below));
    pixels += frame.pixels.total();
  }
  const bool heap =
      at_top >= 20 && at_top > 1e-5 * static_cast<double>(pixels) && at_top > 2 * (near_top - at_top);
  return heap ? top : 0.0;
}

/// Mean of the middle half of second differences along y over a stretch of row y: what the row as a whole is
/// off its neighbours, robust against what the scene does there.
double row_deviation(const cv::Mat1f& pixels, int y, cv::Range columns, std::vector<float>& values) {
  values.clear();
  for (int x = columns.start; x < columns.end; ++x)
    values.push_back(2.0F * pixels(y, x) - pixels(y - 1, x) - pixels(y + 1, x));
  return mean_of_middle_half(values);
}

/// Common shift of a row: what the left and the right half of each row have in common. Pixel noise has
/// nothing in common there.
double measure_row_noise(const cv::Mat1f& pixels) {
  std::vector<double> sums, differences;
  std::vector<float> values;
  for (int y = 1; y + 1 < pixels.rows; ++y) {
    const double left = row_deviation(pixels, y, {0, pixels.cols / 2}, values);
    const double right = row_deviation(pixels, y, {pixels.cols / 2, pixels.cols}, values);
    sums.push_back(left + right), differences.push_back(left - right);
  }
  const double rows = static_cast<double>(sums.size());
  const double together = std::pow(robust_sd(sums), 2), apart = std::pow(robust_sd(differences), 2);
  // A squared MAD scatters by 2.3 / sqrt(rows), more where neighbouring second differences are correlated as
  // here.
  const double scatter = 3.0 / std::sqrt(rows) * std::hypot(together, apart);
  // left = right = row shift times sqrt(6): their summed variance is 4 * 6 times that of a row.
  return together - apart > 4.0 * scatter ? std::sqrt((together - apart) / 24.0) : 0.0;
}

NoiseModel model_of(const Line& line, const NoiseOptions& options) {
  NoiseModel noise;
  const double floor = std::max(1e-3 * line.variance, 1e-12);
  if (line.slope > 3.0 * line.slope_se) {
    noise.gain = line.slope;
    noise.gain_se = line.slope_se;
    noise.offset = options.offset.value_or(std::max(0.0, -line.intercept / line.slope));
    noise.read_variance = std::max(line.intercept + line.slope * noise.offset, floor);
    return noise;
  }
  // No slope: counting noise alone explains the variance where there is signal, a constant otherwise.
  noise.offset = options.offset.value_or(0.0);
  const double signal = line.mean - noise.offset;
  noise.gain = signal > 0.0 ? line.variance / signal : 0.0;
  noise.gain_se = noise.gain;
  noise.read_variance = signal > 0.0 ? floor : std::max(line.variance, floor);
  return noise;
}

std::vector<Frame> frames_to_look_at(const FrameSource& source, int max_frames) {
  const std::size_t n = source.size(), count = std::min(n, static_cast<std::size_t>(max_frames));
  std::vector<Frame> frames;
  // Neighbours in pairs, the pairs spread over the source.
  const std::size_t pairs = (count + 1) / 2;
  for (std::size_t k = 0; k < pairs; ++k) {
    const std::size_t first = count == n ? 2 * k : k * (n - 1) / pairs;
    frames.push_back(source.load(first));
    if (first + 1 < n && frames.size() < count) frames.push_back(source.load(first + 1));
  }
  return frames;
}

}  // namespace

NoiseModel estimate_noise(const FrameSource& source, const NoiseOptions& options) {
  validate(options);
  if (source.size() == 0) throw Error("no frames to read the noise from");
  const int edge = options.patch_px / blocks * blocks;
  if (source.frame_size().width < 2 * edge || source.frame_size().height < 2 * edge)
    throw Error(fmt::format("frames of {} x {} px are too small to read the noise from: at least {} x {} px",
                            source.frame_size().width, source.frame_size().height, 2 * edge, 2 * edge));
  const std::vector<Frame> frames = frames_to_look_at(source, options.max_frames);
  const double saturation = options.saturation.value_or(find_saturation(source, frames));

  std::vector<Patch> single, paired;
  for (const Frame& frame : frames)
    collect_patches(frame.pixels, frame.pixels, 1.0, saturation, edge, single);
  for (std::size_t i = 0; i + 1 < frames.size(); i += 2) {
    if (frames[i + 1].index != frames[i].index + 1) continue;
    const auto [first, second] = aligned_to_pixel(frames[i].pixels, frames[i + 1].pixels);
    if (first.cols < 2 * edge || first.rows < 2 * edge) continue;
    collect_patches(first - second, 0.5 * (first + second), 0.5, saturation, edge, paired);
  }
  NoiseModel noise;
  noise.saturation = saturation;
  if (single.empty()) {  // constant or wholly clipped frames: nothing scatters
    noise.gain = noise.gain_se = 0.0;
    noise.read_variance = 1.0 / 12.0;  // rounding to whole counts
    return noise;
  }
  Line line = robust_line(single, edge);
  if (paired.size() >= 16) {
    const Line other = robust_line(paired, edge);
    // A hair less is chance; far less is no sharper look at the noise but the same frame stored twice.
    const double ratio = mean_variance(other, paired) / mean_variance(line, paired);
    if (ratio < 0.97 && ratio > 0.1) line = other;
  }
  noise = model_of(line, options);
  noise.coarse_ratio = coarse_ratio(line, single);
  noise.saturation = saturation;
  noise.row_noise_sd = measure_row_noise(frames.front().pixels);
  return noise;
}

cv::Mat1f variance_map(const cv::Mat1f& pixels, const NoiseModel& noise, double smoothing_px) {
  cv::Mat1f mean, variance;
  cv::GaussianBlur(pixels, mean, {}, smoothing_px);
  cv::max(mean, noise.offset, mean);
  mean.convertTo(variance, CV_32F, noise.gain, noise.read_variance - noise.gain * noise.offset);
  cv::max(variance, 1e-12, variance);
  return variance;
}

cv::Mat1b clipped_pixels(const cv::Mat1f& pixels, const NoiseModel& noise) {
  if (noise.saturation <= 0.0) return cv::Mat1b::zeros(pixels.size());
  return pixels >= noise.saturation;
}

double clipped_share(const cv::Mat1f& pixels, const NoiseModel& noise) {
  return cv::countNonZero(clipped_pixels(pixels, noise)) / static_cast<double>(pixels.total());
}

}  // namespace sinterscope
