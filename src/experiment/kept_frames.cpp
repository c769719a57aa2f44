// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/experiment/kept_frames.h"

#include <algorithm>

namespace sinterscope {

Frame FrameStore::load(const FrameSource& source, std::size_t i) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(kept_.begin(), kept_.end(),
                                    [&](const Kept& one) { return one.source == &source && one.i == i; });
    if (found != kept_.end()) {
      kept_.splice(kept_.begin(), kept_, found);
      return found->frame;
    }
  }
  // Two threads may both load it: rather that than one waits for the other.
  const Frame frame = source.load(i);
  keep({&source, i, frame, frame.pixels.total() * frame.pixels.elemSize()});
  return frame;
}

void FrameStore::keep(Kept one) {
  const std::lock_guard lock(mutex_);
  if (most_ == 0 || one.bytes > most_bytes_) return;
  while (!kept_.empty() && (kept_.size() >= most_ || bytes_ + one.bytes > most_bytes_)) {
    bytes_ -= kept_.back().bytes;
    kept_.pop_back();
  }
  bytes_ += one.bytes;
  kept_.push_front(std::move(one));
}

}  // namespace sinterscope
