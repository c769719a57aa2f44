// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Drift-corrected averages: of a hold, and running along it.
//
// Each frame is moved by its shift (Lanczos interpolation with three lobes; Duchon, J. Appl. Meteorol. 18,
// 1016, 1979, doi:10.1175/1520-0450(1979)018<1016:LFIOAT>2.0.CO;2) and averaged where it has data. Frames
// with an unreliable shift are left out unless all are. Breaks down where particles move between the frames:
// an average shows them where they stood longest.

#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/frame_source.h"

namespace sinterscope {

struct FrameAverage {
  Frame frame;       ///< where no frame has data (weight 0) the mean of the rest stands in
  cv::Mat1f weight;  ///< number of frames behind each pixel
};

/// Mean of frames [first, first + count) of `source` in the coordinates origin_px: pixel p of the average
/// shows the specimen point p - origin (zero: specimen coordinates, those of the region's frame 0). drift has
/// one entry per frame of the source. Throws Error for an empty range or a drift of another length.
FrameAverage average_frames(const FrameSource& source, const Drift& drift, std::size_t first,
                            std::size_t count, cv::Point2d origin_px = {});

/// Frame i becomes the average of frames i - half_window ... i + half_window, in the raw coordinates of frame
/// i. Give it the frames of one hold: it does not know where a hold ends. The source must outlive it.
class RunningAverage : public FrameSource {
 public:
  RunningAverage(const FrameSource& source, Drift drift, int half_window);
  const SourceDescription& description() const override { return source_->description(); }
  Frame load(std::size_t i) const override;

 private:
  const FrameSource* source_;
  Drift drift_;
  int half_window_;
};

}  // namespace sinterscope
