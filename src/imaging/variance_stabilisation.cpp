// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/variance_stabilisation.h"

#include <cmath>

namespace sinterscope {

namespace {

/// Below this share of the counting noise the transform is the plain division by the read noise.
bool counts_matter(const NoiseModel& noise) { return noise.gain > 1e-9; }

/// Read variance, kept from vanishing, in the units of the transform.
double read_variance(const NoiseModel& noise) { return std::max(noise.read_variance, 1e-12); }

}  // namespace

cv::Mat1f stabilise(const cv::Mat1f& counts, const NoiseModel& noise) {
  cv::Mat1f result;
  if (!counts_matter(noise)) {
    const double scale = 1.0 / std::sqrt(read_variance(noise));
    counts.convertTo(result, CV_32F, scale, -noise.offset * scale);
    return result;
  }
  const double g = noise.gain;
  const double constant = 0.375 * g * g + noise.read_variance - g * noise.offset;
  counts.convertTo(result, CV_32F, 4.0 / g, 4.0 * constant / (g * g));
  cv::max(result, 0.0, result);
  cv::sqrt(result, result);
  return result;
}

cv::Mat1f unstabilise(const cv::Mat1f& stabilised, const NoiseModel& noise) {
  cv::Mat1f result(stabilised.size());
  if (!counts_matter(noise)) {
    stabilised.convertTo(result, CV_32F, std::sqrt(read_variance(noise)), noise.offset);
    return result;
  }
  const float g = static_cast<float>(noise.gain);
  const float read = static_cast<float>(noise.read_variance / (noise.gain * noise.gain));
  const float offset = static_cast<float>(noise.offset);
  const float root = std::sqrt(1.5F);
  // The transform of zero mean: below it the closed form turns up again.
  const float lowest = 2.0F * std::sqrt(0.375F + read);
  for (int y = 0; y < result.rows; ++y) {
    const float* from = stabilised[y];
    float* to = result[y];
    for (int x = 0; x < result.cols; ++x) {
      const float d = std::max(from[x], lowest);
      const float inverse = 1.0F / d;
      const float quanta = 0.25F * d * d - 0.125F - read +
                           inverse * (0.25F * root + inverse * (-1.375F + inverse * 0.625F * root));
      to[x] = g * std::max(quanta, 0.0F) + offset;
    }
  }
  return result;
}

NoiseModel averaged_noise(const NoiseModel& noise, double count) {
  NoiseModel result = noise;
  result.gain /= count;
  result.gain_se /= count;
  result.read_variance /= count;
  result.row_noise_sd /= std::sqrt(count);
  return result;
}

}  // namespace sinterscope
