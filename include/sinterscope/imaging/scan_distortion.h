// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a slow scan bends: drift and charging within a frame displace its content smoothly from row to row, so
// that no rigid shift lays it on the frames of its hold.
//
// Each frame is matched to the registered mean of up to averaged_frames frames of its hold by a cubic
// B-spline displacement (Rueckert et al., IEEE Trans. Med. Imaging 18, 712, 1999, doi:10.1109/42.796284) that
// has nodes every grid_px down the frame and one span along its rows, because a row is scanned in no time;
// the metric is the correlation, the optimizer L-BFGS (ITK). What all frames share cannot be seen: the mean
// is as bent as they are on average. Breaks down where there is little to see along a stretch of grid_px
// rows, and for rows that are displaced one by one (scan_lines.h). For the search only: measurement always
// reads the raw frame.

#include <vector>

#include "sinterscope/core/progress.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/frame_source.h"

namespace sinterscope {

struct ScanDistortionOptions {
  std::string method = "none";
  double grid_px = 128.0;
  double most_px = 4.0;
  int averaged_frames = 8;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.method, {"method",
                        "",
                        "b_spline: lay each frame on the mean of its hold by a smooth displacement, for the "
                        "search; none: leave the frames as they are",
                        -1,
                        1,
                        {"none", "b_spline"}});
    visit(self.grid_px, {"grid_px", "px", "distance of the nodes down the frame", 16.0, 1e4});
    visit(self.most_px, {"most_px", "px", "a frame that would be bent by more is left as it is", 0.1, 100.0});
    visit(self.averaged_frames, {"averaged_frames", "1", "so many frames of a hold make the mean", 2, 1000});
  }
};

/// Displacement u on a coarse grid over a frame: frame(p + u(p)) lies where `reference`(p) does. Empty where
/// it exceeds most_px. Images of one size; `inside`: the part of them that is compared.
cv::Mat2f measure_distortion(const cv::Mat1f& reference, const cv::Mat1f& frame, const cv::Rect& inside,
                             const ScanDistortionOptions& options);

/// The frame read at p + u(p), by cubic interpolation; the same frame for an empty u.
cv::Mat1f straightened(const cv::Mat1f& frame, const cv::Mat2f& displacement);

/// Frames of another source, which this one owns, straightened as they are loaded. first_of_hold: ascending
/// from 0. Frames that are alone in their hold, or not reliably registered, are left as they are.
class StraightenedFrames : public FrameSource {
 public:
  StraightenedFrames(std::unique_ptr<FrameSource> source, const Drift& drift,
                     std::vector<std::size_t> first_of_hold, const ScanDistortionOptions& options,
                     Progress& progress, int threads);
  const SourceDescription& description() const override { return source_->description(); }
  Frame load(std::size_t i) const override;
  /// Root mean square of the displacements of all frames, px.
  double rms_px() const;

 private:
  std::unique_ptr<FrameSource> source_;
  std::vector<cv::Mat2f> displacement_;
};

}  // namespace sinterscope
