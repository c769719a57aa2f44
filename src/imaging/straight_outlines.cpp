// SPDX-License-Identifier: GPL-3.0-or-later
#include "straight_outlines.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "correlation.h"
#include "sinterscope/core/units.h"
#include "sinterscope/imaging/variance_stabilisation.h"

namespace sinterscope {
namespace {

constexpr int working_size_px = 512;  ///< images are binned to about this size
constexpr double smoothing_px = 1.5;  ///< of them
constexpr double long_px = 40.0;      ///< a long segment, in them
constexpr double long_share = 0.45;   ///< of the length of all segments; crooked oxides show up to 0.3
constexpr double least_length = 1.0;  ///< of all long ones, over the root of the image's area
constexpr double noise_steps = 1.0;   ///< noise standard deviations in LSD's bound of the grey error
// LSD's own defaults.
constexpr double inner_scale = 0.8, inner_sigma = 0.6, quantisation = 2.0;

}  // namespace

bool has_straight_outlines(const cv::Mat1f& image, const NoiseModel& noise) {
  const int factor = std::max(1, std::min(image.cols, image.rows) / working_size_px);
  cv::Mat1f smooth;
  cv::GaussianBlur(binned(stabilise(image, noise), factor), smooth, {}, smoothing_px);
  double low = 0.0, high = 0.0;
  cv::minMaxLoc(smooth, &low, &high);
  if (!(high > low)) return false;
  const double grey = 255.0 / (high - low);
  cv::Mat1b picture;
  smooth.convertTo(picture, CV_8U, grey, -low * grey);
  // The stabilised noise is 1; binning and smoothing leave this of it.
  const double noise_grey = grey / (factor * 2.0 * std::sqrt(pi) * smoothing_px);
  std::vector<cv::Vec4f> segments;
  cv::createLineSegmentDetector(cv::LSD_REFINE_STD, inner_scale, inner_sigma,
                                std::max(quantisation, noise_steps * noise_grey))
      ->detect(picture, segments);
  double all = 0.0, longer = 0.0;
  for (const cv::Vec4f& segment : segments) {
    const double length = std::hypot(segment[2] - segment[0], segment[3] - segment[1]);
    all += length;
    longer += length > long_px ? length : 0.0;
  }
  return longer >= long_share * all &&
         longer >= least_length * std::sqrt(static_cast<double>(picture.total()));
}

}  // namespace sinterscope
