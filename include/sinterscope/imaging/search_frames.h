// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The images that are searched: clean frames with equal noise everywhere, less what a particle-free hold
// shows.
//
// Counts are stabilised where their noise is known, so that thick and thin parts are searched alike. Where
// the same field of view was seen without particles, its registered average, moved to the frame and scaled to
// its brightness, is taken off: facets, edges and texture go, particles stay. Breaks down where the specimen
// itself changed between the holds (a cube that moved leaves its edges twice) and near borders that the
// average has not seen.

#include <memory>
#include <vector>

#include "sinterscope/experiment/drift.h"
#include "sinterscope/experiment/frame_source.h"
#include "sinterscope/experiment/noise_model.h"

namespace sinterscope {

/// Frames [first, first + count) are compared with frames of the same place without particles.
struct TakenOff {
  std::size_t first = 0, count = 0;
  cv::Mat1f background;      ///< average of those frames as they are searched, in specimen coordinates
  cv::Mat1f counts = {};     ///< the same of the raw frames
  std::size_t averaged = 1;  ///< frames that went into either
  cv::Mat1b shown = {};      ///< 255 where one of them shows the specimen; empty = everywhere
};

class SearchFrames : public FrameSource {
 public:
  /// clean must outlive it; drift has one entry per frame.
  SearchFrames(const FrameSource& clean, const NoiseModel& noise, Drift drift, bool stabilised);

  /// From now on the frames it names are given without its background.
  void take_off(const TakenOff& one);

  /// All that was taken off, in order of frames; frames that share a background stand together.
  std::vector<TakenOff> taken_off() const;

  /// Whether a background has been taken off frame i.
  bool compared(std::size_t i) const { return !taken_off_.at(i).background.empty(); }

  /// 255 where edges and texture of frame i have been taken off: where particle-free frames show its
  /// specimen.
  cv::Mat1b support_known_in(std::size_t i) const;

  /// What the support alone would give in frame i if that looks like `raw`, in its counts, NaN where it is
  /// not known; its noise variance over the frame's is 1 / support_frames. Only where the frame is compared.
  cv::Mat1f support_in(const cv::Mat1f& raw, std::size_t i) const;
  std::size_t support_frames(std::size_t i) const { return taken_off_.at(i).averaged; }

  const SourceDescription& description() const override { return clean_->description(); }
  Frame load(std::size_t i) const override;
  /// What is searched if frame i, once cleaned, looks like this.
  cv::Mat1f prepare(const cv::Mat1f& clean, std::size_t i) const;

 private:
  const FrameSource* clean_;
  NoiseModel noise_;
  Drift drift_;
  bool stabilised_;
  std::vector<TakenOff> taken_off_;  ///< of each frame; shared pixels
};

}  // namespace sinterscope
