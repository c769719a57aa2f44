// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Counts to a scale on which the noise is everywhere one, and back.
//
// Generalised Anscombe transform of Poisson-Gaussian noise, and the closed form of its exact unbiased inverse
// (Makitalo and Foi, IEEE Trans. Image Process. 22, 91, 2013, doi:10.1109/TIP.2012.2202675). The algebraic
// inverse would read denoised counts too low by about a quarter of the gain. Breaks down below about two
// quanta per pixel without read noise, where no such transform exists.

#include <opencv2/core.hpp>

#include "sinterscope/experiment/noise_model.h"

namespace sinterscope {

/// Stabilised image: noise standard deviation 1 in each pixel.
cv::Mat1f stabilise(const cv::Mat1f& counts, const NoiseModel& noise);

/// Mean counts that belong to a DENOISED stabilised image (unbiased for the mean of the transform).
cv::Mat1f unstabilise(const cv::Mat1f& stabilised, const NoiseModel& noise);

/// The noise of the mean of `count` pixels or frames of this noise.
NoiseModel averaged_noise(const NoiseModel& noise, double count);

}  // namespace sinterscope
