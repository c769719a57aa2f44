// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The last few frames that were loaded, kept: what works on a block of frames asks for each several times,
// and to decode a compressed frame takes longer than much of that work. Memory is bounded by the number of
// frames and by their bytes, whatever the number and length of the sources.

#include <list>
#include <mutex>

#include "sinterscope/experiment/frame_source.h"

namespace sinterscope {

/// Thread-safe; shared by the sources whose frames it keeps.
class FrameStore {
 public:
  /// Keeps `most` frames, or as many as fit in `megabytes`.
  FrameStore(std::size_t most, std::size_t megabytes) : most_(most), most_bytes_(megabytes << 20U) {}
  /// Frame i of the source, loaded unless it is kept.
  Frame load(const FrameSource& source, std::size_t i);

 private:
  struct Kept {
    const FrameSource* source = nullptr;
    std::size_t i = 0;
    Frame frame;
    std::size_t bytes = 0;
  };
  void keep(Kept one);

  std::size_t most_, most_bytes_, bytes_ = 0;
  std::mutex mutex_;
  std::list<Kept> kept_;  ///< the last used in front
};

/// Another source, seen through such a store.
class KeptFrames : public FrameSource {
 public:
  KeptFrames(std::unique_ptr<FrameSource> source, std::shared_ptr<FrameStore> store)
      : source_(std::move(source)), store_(std::move(store)) {}
  const SourceDescription& description() const override { return source_->description(); }
  Frame load(std::size_t i) const override { return store_->load(*source_, i); }
  cv::Mat load_native(std::size_t i) const override { return source_->load_native(i); }

 private:
  std::unique_ptr<FrameSource> source_;
  std::shared_ptr<FrameStore> store_;
};

}  // namespace sinterscope
