// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/io/gray.h"

#include <algorithm>
#include <array>

namespace sinterscope {

GrayImage to_gray(const cv::Mat& image, double tolerance) {
  if (image.channels() == 1) return {image, false};
  cv::Mat red;
  cv::extractChannel(image, red, 0);
  if (image.channels() == 2) return {red, false};
  std::array<cv::Mat, 2> others;
  double difference = 0.0;
  for (std::size_t i = 0; i < others.size(); ++i) {
    cv::extractChannel(image, others[i], static_cast<int>(i) + 1);
    difference = std::max(difference, cv::norm(red, others[i], cv::NORM_INF));
  }
  if (difference == 0.0) return {red, false};
  cv::Mat partial;
  cv::Mat luminance;
  cv::addWeighted(red, 0.299, others[0], 0.587, 0.0, partial, CV_64F);
  cv::addWeighted(partial, 1.0, others[1], 0.114, 0.0, luminance, CV_64F);
  luminance.convertTo(luminance, image.depth());
  return {luminance, difference > tolerance};
}

}  // namespace sinterscope
