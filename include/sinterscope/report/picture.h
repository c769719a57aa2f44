// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Small pictures of frames for the page, within a budget of bytes.
//
// A frame is contrast-stretched between two percentiles, reduced by area averaging and written as grey JPEG.
// Noise of a detector does not compress, so a page of thousands of frames has to choose: plan_pictures()
// takes the largest picture whose bytes, measured on a few frames, fit the budget, and shows only every n-th
// frame when the smallest useful picture is still too large.

#include <cstddef>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <utility>

#include "sinterscope/core/options.h"

namespace sinterscope {

struct PictureOptions {
  double page_budget_MB = 28.0;  ///< size of the whole page
  int largest_side_px = 1024;
  bool clean = true;
  double clip_percent = 0.35;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.page_budget_MB,
          {"page_budget_MB", "MB", "size that report.html should keep: pictures become smaller or fewer", 0.0,
           2000.0});
    visit(self.largest_side_px,
          {"largest_side_px", "px", "longest side of a picture in report.html, where the budget allows it",
           64, 8192});
    visit(self.clean, {"clean", "", "show the cleaned frames beside the raw ones"});
    visit(self.clip_percent,
          {"clip_percent", "%", "share of pixels clipped at each end of the grey scale of a picture", 0.0,
           25.0});
  }
};

/// A frame of the page. Bytes of a JPEG or PNG; an empty clean picture means that there is none.
struct FramePicture {
  int frame = 0;  ///< global frame number
  std::string raw;
  std::string clean;
};

/// How the pictures of a page are made.
struct PicturePlan {
  int side_px = 0;  ///< longest side of a picture
  int quality = 0;  ///< of the JPEG, 1 to 100
  int every = 1;    ///< frames 0, every, 2 every, ... of a hold are shown
  bool clean = true;
};

/// Grey values shown as black and white: equal for all frames that should be compared by eye.
struct GreyRange {
  double black = 0.0;
  double white = 1.0;
};

/// Percentiles `clip_percent` and 100 - `clip_percent` of the finite pixels; (0, 1) where there are none.
GreyRange grey_range(const cv::Mat1f& frame, double clip_percent);

/// Grey JPEG of the frame, no larger than side_px.
std::string make_picture(const cv::Mat1f& frame, GreyRange range, int side_px, int quality);

/// The plan for `frames` frames of which `examples` (raw, at least one) are typical. The markers of
/// `particles` particles, counted over all frames, take their share of the page first. Throws Error without
/// example.
PicturePlan plan_pictures(std::span<const cv::Mat1f> examples, std::size_t frames,
                          const PictureOptions& options, std::size_t particles = 0);

}  // namespace sinterscope
