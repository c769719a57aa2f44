// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Particles of every frame: searched on the clean frame, measured on the raw one.

#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "sinterscope/core/progress.h"
#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/experiment/particle.h"
#include "sinterscope/experiment/support_area.h"
#include "sinterscope/particles/detect.h"
#include "sinterscope/particles/ground_memo.h"
#include "sinterscope/particles/size.h"

namespace sinterscope {

/// Registered average of the searched frames [first, first + count), in the raw coordinates of frame `first`.
using FrameAverager = std::function<cv::Mat1f(std::size_t first, std::size_t count)>;

/// Frame `frame`, if its raw pixels are these, with what is known of its support and without a shift.
using SupportedFrame = std::function<ShiftedFrame(std::size_t frame, const cv::Mat1f& raw)>;

/// Where in frame `frame` the support is known and has been taken off: 255; empty = nowhere.
using SupportKnown = std::function<cv::Mat1b(std::size_t frame)>;

/// Everything the search of one region is given.
struct FindRequest {
  const FrameSource* clean = nullptr;      ///< searched
  const FrameSource* raw = nullptr;        ///< measured; as many frames as clean, of the same size
  SupportedFrame supported;                ///< empty = nothing is known of the support
  FrameAverager average;                   ///< empty = each frame is searched by itself
  std::vector<std::size_t> first_of_hold;  ///< ascending, beginning with 0; empty = one hold
  SupportKnown support_known;              ///< empty = nowhere
  std::vector<Seed> standing;              ///< in specimen coordinates: what particle-free holds show, too
  NoiseModel noise;                        ///< of the raw frames
  SupportArea support;                     ///< in specimen coordinates; empty mask = everywhere
  Drift drift;                             ///< one entry per frame; empty = none
  Probe probe;
  DetectOptions detect;
  SizeOptions size;
  GroundMemo* grounds = nullptr;  ///< of this region; none = every ground is measured when it is asked for
  int threads = 0;
};

/// The searched area of one frame, that in which particles count, and all that is not vacuum: the support's
/// masks moved by the frame's shift (empty stays empty).
cv::Mat1b searched_area(const SupportArea& support, const FrameShift& shift);
cv::Mat1b counted_area(const SupportArea& support, const FrameShift& shift);
cv::Mat1b oxide_area(const SupportArea& support, const FrameShift& shift);

/// The searched area of one frame of a request: all oxide where the support, with its edges, has been taken
/// off, a guard band away from where it has not.
cv::Mat1b searched_in(const FindRequest& request, std::size_t frame);

/// Frame `frame` of a request as it is measured, if its raw pixels are these.
ShiftedFrame measured_frame(const FindRequest& request, std::size_t frame, const cv::Mat1f& raw);

/// Frames that are searched together.
struct FrameBlock {
  std::size_t first = 0, count = 0;
};

/// The block of frames of one hold (at most detect.averaged_frames, of like length) that a frame belongs to.
FrameBlock block_of(std::size_t frame, const FindRequest& request);

/// What the search of a block of frames knows besides the frame itself.
struct BlockKnowledge {
  Ground ground;               ///< of single frames; the same for a few blocks of a hold in a row
  cv::Mat1f average;           ///< in the coordinates of the block's first frame; empty = none
  cv::Mat1b average_searched;  ///< the searched area of the average
  Ground average_ground;
};

BlockKnowledge study_block(const FindRequest& request, const FrameBlock& block);

/// One frame as it looks, with what is known of it; everything in its own coordinates.
struct FrameView {
  cv::Mat1f clean;  ///< searched
  ShiftedFrame raw;
  cv::Mat1f average;                  ///< searched, of its block; empty = none
  cv::Point2d average_shift_px;       ///< clean(p) shows what average(p - average_shift_px) shows
  cv::Mat1b searched;                 ///< 255 where particles can sit; empty = everywhere
  cv::Mat1b counted;                  ///< 255 where they count, the bands of edges left out; the same
  std::vector<Detection> in_average;  ///< of its block
  std::vector<Detection> standing;    ///< in particle-free holds: gone with them from `clean`
  /// The only places at which particles are wanted, of such as stand in all frames of the block alike;
  /// empty = everything is wanted.
  std::vector<Disk> asked;
};

/// The particles of one frame: what its own search finds and `average` does not show alike, of `in_average`
/// what the clean frame confirms, of `standing` what the raw one does, measured on the raw one. The allowed
/// number of false detections is shared between the search of frames and that of averages.
std::vector<Particle> find_in_frame(const FindRequest& request, const Ground& ground, const FrameView& view);

/// Detections of the average of a block of which this is known, if its frames look like `average`; asked as
/// in FrameView.
std::vector<Detection> search_average(const FindRequest& request, const BlockKnowledge& known,
                                      const cv::Mat1f& average, const std::vector<Disk>& asked = {});

/// Particles of all frames of the region, in order of frame, then y, then x; Particle::frame counts within
/// the region. Blocks of frames are searched in their average, too; what is found there counts in each frame
/// that confirms it, so a particle that comes or goes within a hold does so in its own frame. Fits
/// that run away from their detection or end on another particle are replaced by the detection and flagged.
std::vector<Particle> find_particles(const FindRequest& request, Progress& progress);

}  // namespace sinterscope
