// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Random numbers with one seed and a derived stream per task.
//
// A stochastic function takes an Rng. A task asks its caller's Rng for stream(name, index): the stream
// depends only on the seed, the name and the index, never on what was drawn before or on which thread runs
// it, so results are the same for any number of threads. Engine: std::mt19937_64 (bit-exact by the C++
// standard); the distributions are written here because the standard leaves theirs to the library.

#include <cstdint>
#include <random>
#include <string_view>

namespace sinterscope {

class Rng {
 public:
  explicit Rng(std::uint64_t seed);

  /// An independent generator for task (name, index).
  Rng stream(std::string_view name, std::uint64_t index = 0) const;

  std::uint64_t seed() const { return seed_; }
  std::uint64_t next() { return engine_(); }
  /// Uniform on [0, 1), 53 bits.
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform on {0, ..., n-1}; n > 0.
  std::uint64_t below(std::uint64_t n);
  /// Standard normal (Marsaglia's polar method).
  double normal();
  /// Poisson: inversion below a mean of 30, the transformed rejection PTRS above (Hoermann, Insur. Math.
  /// Econ. 12, 39, 1993). Mean <= 0 gives 0.
  std::uint64_t poisson(double mean);

 private:
  std::uint64_t seed_;
  std::mt19937_64 engine_;
  double spare_ = 0.0;
  bool has_spare_ = false;
};

}  // namespace sinterscope
