// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/imaging/denoise.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>

#include "curvature_diffusion.h"
#include "sinterscope/core/options.h"
#include "sinterscope/imaging/variance_stabilisation.h"
#include "wavelet.h"

namespace sinterscope {

namespace {

/// OpenCV's non-local means knows 8 and 16 bits only: the stabilised image is written as 16-bit numbers with
/// as many steps per noise standard deviation as fit, at most 64.
cv::Mat1f non_local_means(const cv::Mat1f& stabilised, double strength) {
  double low = 0, high = 0;
  cv::minMaxLoc(stabilised, &low, &high);
  const double scale = std::min(64.0, 65000.0 / std::max(high - low, 1.0));
  cv::Mat fine, clean;
  stabilised.convertTo(fine, CV_16U, scale, -low * scale);
  // Absolute differences of two noisy pixels average 1.13 sd: `strength` is on top of that.
  cv::fastNlMeansDenoising(fine, clean, std::vector<float>{static_cast<float>(strength * scale)}, 5, 15,
                           cv::NORM_L1);
  cv::Mat1f result;
  clean.convertTo(result, CV_32F, 1.0 / scale, low);
  return result;
}

cv::Mat1f denoise_stabilised(const cv::Mat1f& stabilised, const DenoiseOptions& options) {
  if (options.method == "wavelet") return shrink_wavelets(stabilised, options.scales, options.threshold);
  if (options.method == "non_local_means") return non_local_means(stabilised, options.strength);
  return diffuse_by_curvature(stabilised, options.iterations);
}

}  // namespace

Frame denoise(const Frame& frame, const NoiseModel& noise, const DenoiseOptions& options) {
  validate(options);
  Frame result = frame;
  if (options.method == "none" || averages_frames(options)) return result;
  cv::Mat1f clean;
  if (options.method == "gaussian") {
    cv::GaussianBlur(frame.pixels, clean, {}, options.sigma_px);
  } else if (options.method == "median") {
    cv::medianBlur(frame.pixels, clean, options.median_px | 1);
  } else {
    clean = unstabilise(denoise_stabilised(stabilise(frame.pixels, noise), options), noise);
  }
  result.pixels = clean;
  return result;
}

DenoisedFrames::DenoisedFrames(const FrameSource& source, const NoiseModel& noise, DenoiseOptions options)
    : source_(&source), noise_(noise), options_(std::move(options)) {
  validate(options_);
}

}  // namespace sinterscope
