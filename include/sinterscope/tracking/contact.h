// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The larger of two particles that merge goes on as the whole, although it jumps in place and size.
//
// Model: two touching particles become one at their centre of mass, with the sum of their volumes; a split is
// the same backwards in time. Where two tracks end next to each other and one begins, the place and size that
// a merge foretells are weighed against a stranger that happens to appear there, as in linking. What breaks
// it: a merged particle that does not round off between two frames lies off the centre of mass, for which a
// tenth of its diameter is allowed.

#include <cstddef>
#include <span>
#include <vector>

#include "sinterscope/tracking/sighting.h"

namespace sinterscope {

/// One end of a followed particle.
struct LooseEnd {
  std::size_t segment = 0;
  int frame = 0;  ///< of the last (or first) sighting
  Sighting seen;
};

/// The larger part and the whole that it becomes (or was).
struct Continuation {
  std::size_t part = 0;  ///< segments
  std::size_t whole = 0;
};

/// Pairs of `parts` that make up one of `wholes`, which was seen within `most_frames` frames later (for a
/// negative number: earlier). Each end is used once, the most probable first. `density`: of chance
/// beginnings, per px^2.
std::vector<Continuation> join_contacts(std::span<const LooseEnd> parts, std::span<const LooseEnd> wholes,
                                        int most_frames, double density);

}  // namespace sinterscope
