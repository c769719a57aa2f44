// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Grounds that were measured already: a ground costs as much as two searches on it, and the search for
// painted particles asks for those that the search for real ones did.

#include <functional>
#include <map>
#include <mutex>

#include "sinterscope/particles/detect.h"

namespace sinterscope {

/// May be asked by several threads; what it answers is what `measure` would.
class GroundMemo {
 public:
  enum class Of { frame, average };

  /// The ground of frame `first`, or of the average of the block that begins with it.
  Ground recall(Of what, std::size_t first, const std::function<Ground()>& measure) {
    const std::pair<Of, std::size_t> key{what, first};
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = grounds_.find(key); known != grounds_.end()) return known->second;
    }
    const Ground ground = measure();
    const std::lock_guard lock(mutex_);
    return grounds_.emplace(key, ground).first->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<Of, std::size_t>, Ground> grounds_;
};

}  // namespace sinterscope
