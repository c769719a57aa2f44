// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/fast_random.h"

#include <cmath>

namespace sinterscope {
namespace {

constexpr double tail_start = 7.69711747013104972;  // right edge of the bottom rectangle for 256 layers
constexpr double layer_area = 0.0039496598225815571993;
constexpr double full_scale = 0x1.0p53;

}  // namespace

ExponentialSampler::ExponentialSampler() {
  // Layer 0 is the bottom strip: a rectangle up to tail_start and the tail beyond it, drawn as one rectangle
  // of the same area. Layer i > 0 reaches from x = 0 to edge[i]; what lies left of edge[i + 1] is certainly
  // under the curve.
  std::array<double, 257> edge{};
  edge[0] = layer_area * std::exp(tail_start);
  edge[1] = tail_start;
  for (std::size_t i = 2; i < 256; ++i)
    edge[i] = -std::log(layer_area / edge[i - 1] + std::exp(-edge[i - 1]));
  edge[256] = 0.0;
  for (std::size_t i = 0; i < 256; ++i) {
    layers_[i].certain = static_cast<std::uint64_t>(edge[i + 1] / edge[i] * full_scale);
    layers_[i].width = edge[i] / full_scale;
  }
  for (std::size_t i = 0; i < 257; ++i) height_[i] = std::exp(-edge[i]);
}

ExponentialSampler::Edge ExponentialSampler::edge(std::uint64_t draw, FastRandom random) const {
  while (true) {
    const std::size_t i = draw & 255;
    const std::uint64_t position = draw >> 11;
    const double x = static_cast<double>(position) * layers_[i].width;
    if (position < layers_[i].certain) return {x, random};
    // The tail of an exponential is an exponential moved to the right.
    if (i == 0) {
      const double tail = tail_start - std::log(random.uniform_positive());
      return {tail, random};
    }
    if (height_[i] + (height_[i + 1] - height_[i]) * random.uniform_positive() < std::exp(-x))
      return {x, random};
    draw = random.next();
  }
}

}  // namespace sinterscope
