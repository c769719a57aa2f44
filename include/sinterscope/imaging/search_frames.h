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

/// Frames [first, first + count) are compared with this background.
struct TakenOff {
  std::size_t first = 0, count = 0;
  cv::Mat1f background;
};

class SearchFrames : public FrameSource {
 public:
  /// clean must outlive it; drift has one entry per frame.
  SearchFrames(const FrameSource& clean, const NoiseModel& noise, Drift drift, bool stabilised);

  /// From now on frames [first, first + count) are given without `background`, an average of frames of this
  /// source in specimen coordinates (empty: as they are).
  void take_off(std::size_t first, std::size_t count, const cv::Mat1f& background);

  /// All that was taken off, in order of frames; frames that share a background stand together.
  std::vector<TakenOff> taken_off() const;

  /// Whether edges and texture of frame i have been taken off.
  bool compared(std::size_t i) const { return !backgrounds_.at(i).empty(); }

  const SourceDescription& description() const override { return clean_->description(); }
  Frame load(std::size_t i) const override;
  /// What is searched if frame i, once cleaned, looks like this.
  cv::Mat1f prepare(const cv::Mat1f& clean, std::size_t i) const;

 private:
  const FrameSource* clean_;
  NoiseModel noise_;
  Drift drift_;
  bool stabilised_;
  std::vector<cv::Mat1f> backgrounds_;  ///< of each frame; shared pixels
};

}  // namespace sinterscope
