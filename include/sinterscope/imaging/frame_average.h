// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Drift-corrected averages: of a hold, and running along it.
//
// Each frame is moved by its shift (Lanczos interpolation with three lobes; Duchon, J. Appl. Meteorol. 18,
// 1016, 1979, doi:10.1175/1520-0450(1979)018<1016:LFIOAT>2.0.CO;2) and averaged where it has data. Frames
// with an unreliable shift are left out unless all are. Breaks down where particles move between the frames:
// an average shows them where they stood longest.

#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/experiment/noise_model.h"

namespace sinterscope {

struct FrameAverage {
  Frame frame;       ///< where no frame has data (weight 0) the mean of the rest stands in
  cv::Mat1f weight;  ///< number of frames behind each pixel
};

/// Mean of frames [first, first + count) of `source` in the coordinates origin_px: pixel p of the average
/// shows the specimen point p - origin (zero: specimen coordinates, those of the region's frame 0). drift has
/// one entry per frame of the source. Throws Error for an empty range or a drift of another length. The
/// frames are loaded and moved by `threads` threads and added in their order: the sum is the same for any
/// number.
FrameAverage average_frames(const FrameSource& source, const Drift& drift, std::size_t first,
                            std::size_t count, cv::Point2d origin_px = {}, int threads = 1);

/// Frame i becomes an average of the frames of its hold, in the raw coordinates of frame i: of all of them
/// (half_window empty), or of those up to half_window frames away. Where the average knows nothing (specimen
/// that drifted in) the frame's own pixels stand; a frame whose own shift is unreliable stays as it is. The
/// whole hold is averaged once, when the first of its frames is asked for, and moved to each frame, so a
/// frame costs one interpolation. Breaks down where particles change within the hold. The source must outlive
/// it.
class HoldAverages : public FrameSource {
 public:
  /// first_of_hold: number of the first frame of each hold, ascending, beginning with 0. Throws Error for
  /// other numbers, a negative window or a drift of another length.
  HoldAverages(const FrameSource& source, Drift drift, std::vector<std::size_t> first_of_hold,
               std::optional<int> half_window = {});
  ~HoldAverages() override;
  const SourceDescription& description() const override { return source_->description(); }
  Frame load(std::size_t i) const override;
  /// The noise of load(i), given that of a single frame. Interpolation lowers it further (by up to a half),
  /// which is not counted on.
  NoiseModel noise_of(std::size_t i, const NoiseModel& single) const;

 private:
  struct Hold;
  const Hold& hold_of(std::size_t i) const;
  std::pair<std::size_t, std::size_t> range_of(std::size_t i) const;

  const FrameSource* source_;
  Drift drift_;
  std::optional<int> half_window_;
  std::vector<std::unique_ptr<Hold>> holds_;
};

}  // namespace sinterscope
