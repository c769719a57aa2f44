// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <map>
#include <vector>

#include "sinterscope/pipeline/products.h"

namespace sinterscope {

/// Particles of each frame, by global frame number.
inline std::map<int, std::vector<Particle>> particles_by_frame(const Products& products) {
  std::map<int, std::vector<Particle>> result;
  for (const Particle& particle : products.particles) result[particle.frame].push_back(particle);
  return result;
}

}  // namespace sinterscope
