// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Random numbers for the inner loop of the lattice: xoshiro256++ and ziggurat exponentials.
//
// core/random carries every other stochastic function of the program. The lattice draws two numbers an event
// and executes 1e8 events a second, so it keeps a generator of 32 bytes that stays in registers and is seeded
// from a stream of the caller's Rng. Both generators give the same bits on every platform. Sources:
// xoshiro256++ 1.0 (Blackman and Vigna, ACM Trans. Math. Softw. 47, 36, 2021, doi:10.1145/3460772); ziggurat
// (Marsaglia and Tsang, J. Stat. Softw. 5(8), 2000, doi:10.18637/jss.v005.i08), 256 layers.

#include <array>
#include <cstdint>

#include "sinterscope/core/random.h"

namespace sinterscope {

__extension__ typedef unsigned __int128 Uint128;

/// The upper 64 bits of a * b: maps a uniform 64-bit draw onto {0, ..., b-1}.
inline std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<Uint128>(a) * b) >> 64);
}

class FastRandom {
 public:
  FastRandom() = default;
  /// Seeded by four draws; a copy of `rng` is used, the caller's generator does not move.
  explicit FastRandom(Rng rng) : state_{rng.next(), rng.next(), rng.next(), rng.next()} {}

  std::uint64_t next() {
    const std::uint64_t result = rotate_left(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate_left(state_[3], 45);
    return result;
  }
  /// Uniform on (0, 1].
  double uniform_positive() { return static_cast<double>((next() >> 11) + 1) * 0x1.0p-53; }

 private:
  static std::uint64_t rotate_left(std::uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); }
  std::array<std::uint64_t, 4> state_{};
};

/// Exponential variates of mean 1. The area under exp(-x) is cut into 256 layers of equal area; a draw that
/// falls under the curve for certain (98.9 %) costs one multiplication and one comparison.
class ExponentialSampler {
 public:
  ExponentialSampler();

  double operator()(FastRandom& random) const {
    const std::uint64_t draw = random.next();
    const Layer& layer = layers_[draw & 255];
    const std::uint64_t position = draw >> 11;  // 53 bits, disjoint from the 8 bits that chose the layer
    if (position < layer.certain)
      return static_cast<double>(static_cast<std::int64_t>(position)) * layer.width;
    const Edge drawn = edge(draw, random);
    random = drawn.random;
    return drawn.value;
  }

 private:
  struct Layer {
    std::uint64_t certain;  ///< positions below this lie under the curve whatever their height
    double width;           ///< width of the layer / 2^53
  };
  struct Edge {
    double value;
    FastRandom random;
  };
  /// The rare rest. By value, so that the generator of the caller never leaves its registers.
  Edge edge(std::uint64_t draw, FastRandom random) const;

  std::array<Layer, 256> layers_;
  std::array<double, 257> height_;  ///< exp(-x) at the layer edges
};

}  // namespace sinterscope
