// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <span>

#include "sinterscope/pipeline/products.h"

namespace sinterscope {

/// The particles of a frame, by its global number, where they stand in the list: it is in order of frame, and
/// a long run has no room for a second one.
inline std::span<const Particle> particles_of_frame(const Products& products, int frame) {
  const auto first = std::partition_point(products.particles.begin(), products.particles.end(),
                                          [frame](const Particle& one) { return one.frame < frame; });
  const auto end = std::partition_point(first, products.particles.end(),
                                        [frame](const Particle& one) { return one.frame == frame; });
  return {first, end};
}

}  // namespace sinterscope
