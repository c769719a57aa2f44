// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The noise of a detector, read from the frames themselves.
//
// Model: variance = gain * (mean - offset) + read_variance (Poisson counting behind a linear amplifier; Foi
// et al., IEEE Trans. Image Process. 17, 1737, 2008, doi:10.1109/TIP.2008.2001399). The image is cut into
// patches. In each, a horizontal fourth difference, in which a probe-blurred specimen leaves almost nothing,
// gives the variance, and the mean gives the signal; patches whose LOW frequencies show structure are left
// out, which cannot bias what the high frequencies say. A robust weighted line through (mean, variance) is
// the model. Where consecutive frames exist, the same is done on their difference after whole-pixel
// alignment; structure can only add variance, so the smaller of the two answers is kept. Breaks down where
// the instrument has smoothed or compressed the image: the noise is then not white, and the number is the
// white part of it. A line fixes gain and intercept only: offset and read variance are separated by the
// convention that a positive intercept is read noise and a negative one is offset, unless the offset is
// given.

#include <opencv2/core.hpp>
#include <optional>

#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/experiment/noise_model.h"

namespace sinterscope {

struct NoiseOptions {
  int max_frames = 8;                ///< frames looked at, spread over the source
  int patch_px = 16;                 ///< edge of a patch
  std::optional<double> offset;      ///< counts without signal, where known
  std::optional<double> saturation;  ///< counts at which the detector clips, where known

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.max_frames,
          {"max_frames", "1", "frames the noise is read from, spread over the source", 1, 1000});
    visit(self.patch_px,
          {"patch_px", "px", "edge of the patches whose mean and variance are compared", 12, 128});
    visit(self.offset, {"offset", "counts", "detector reading without signal; empty = from the frames"});
    visit(self.saturation,
          {"saturation", "counts", "value at which the detector clips; empty = from the frames"});
  }
};

/// The noise of a source of at least one frame. gain, read_variance and their sum are never negative and
/// variance() is always positive. Where the image has too little range to fix a slope, gain is that of pure
/// counting and gain_se is as large as gain. Throws Error for an empty source or frames smaller than four
/// patches.
NoiseModel estimate_noise(const FrameSource& source, const NoiseOptions& options = {});

/// Variance in counts^2 of every pixel, from the local mean (Gaussian of smoothing_px) and the model.
cv::Mat1f variance_map(const cv::Mat1f& pixels, const NoiseModel& noise, double smoothing_px = 2.0);

/// 255 where a pixel is clipped (at or above noise.saturation); empty mask content where no saturation was
/// seen.
cv::Mat1b clipped_pixels(const cv::Mat1f& pixels, const NoiseModel& noise);

/// Share of clipped pixels, 0 to 1.
double clipped_share(const cv::Mat1f& pixels, const NoiseModel& noise);

}  // namespace sinterscope
