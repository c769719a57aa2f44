// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The mean of registered frames in specimen coordinates, on a canvas that grows where the specimen drifts out
// of the first field of view.

#include <opencv2/core.hpp>

namespace sinterscope {

class GrowingReference {
 public:
  /// Adds an image whose pixel p shows the specimen point p - shift.
  void add(const cv::Mat1f& image, cv::Point2d shift);
  bool empty() const { return sum_.empty(); }

  /// What the reference says of the pixels of an image at whole-pixel shift `shift`: their mean, where it is
  /// known.
  struct View {
    cv::Rect overlap;     ///< the known part, in pixels of the image; empty if nothing is known
    cv::Mat1f mean;       ///< the reference over `overlap`
    double frames = 0.0;  ///< mean number of frames behind a pixel
  };
  View view(cv::Size image, cv::Point shift) const;

 private:
  void grow_to_hold(cv::Rect area);

  cv::Mat1f sum_, weight_;
  cv::Point origin_;  ///< specimen point of canvas pixel (0, 0)
};

}  // namespace sinterscope
