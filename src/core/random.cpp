// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/core/random.h"

#include <cmath>

namespace sinterscope {
namespace {

/// One step of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): mixes the bits of a counter.
std::uint64_t mix(std::uint64_t z) {
  z += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

/// The largest multiple of n that a 64-bit draw can reach without bias.
std::uint64_t max_multiple(std::uint64_t n) { return UINT64_MAX - UINT64_MAX % n; }

}  // namespace

Rng::Rng(std::uint64_t seed) : seed_(seed), engine_(mix(seed)) {}

Rng Rng::stream(std::string_view name, std::uint64_t index) const {
  std::uint64_t hash = mix(seed_);
  for (const char c : name) hash = mix(hash ^ static_cast<unsigned char>(c));
  return Rng(mix(hash ^ mix(index)));
}

std::uint64_t Rng::below(std::uint64_t n) {
  const std::uint64_t limit = max_multiple(n);
  std::uint64_t draw = engine_();
  while (draw >= limit) draw = engine_();
  return draw % n;
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double u = 0, v = 0, s = 0;
  do {
    u = uniform(-1.0, 1.0);
    v = uniform(-1.0, 1.0);
    s = u * u + v * v;
  } while (s >= 1.0 || s == 0.0);
  const double factor = std::sqrt(-2.0 * std::log(s) / s);
  spare_ = v * factor;
  has_spare_ = true;
  return u * factor;
}

std::uint64_t Rng::poisson(double mean) {
  if (!(mean > 0.0)) return 0;
  if (mean < 30.0) {
    double probability = std::exp(-mean), cumulative = probability;
    const double u = uniform();
    std::uint64_t k = 0;
    while (u > cumulative && k < 1000) {
      ++k;
      probability *= mean / static_cast<double>(k);
      cumulative += probability;
    }
    return k;
  }
  const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2.0);
  while (true) {
    const double u = uniform() - 0.5, v = uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2.0 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<std::uint64_t>(k);
    if (k < 0.0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
        k * std::log(mean) - mean - std::lgamma(k + 1.0))
      return static_cast<std::uint64_t>(k);
  }
}

}  // namespace sinterscope
