// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Hop rates of the lattice, as exact integers.
//
// The top atom of a column hops onto one of the four neighbouring columns, whatever their heights. The
// barrier counts from one common saddle, so it depends on the initial state only:
//   k = nu exp(-(Ed + n * pair_energy + [h > 1] * stack_energy) / kT)   per direction,
// n = number of neighbouring columns at least as high. Detailed balance is exact, because k(i -> f) / k(f ->
// i) = exp(-(Ef - Ei) / kT) for every hop. An Ehrlich-Schwoebel barrier is added to both directions of every
// hop that changes level, which keeps detailed balance; such hops are drawn at the rate without it and
// refused with the missing probability (thinning), so the clock stays exact.
//
// Atoms fall into ten classes (n, h > 1). A class rate is rounded to an integer multiple of (rate of a free
// ad-atom) / 2^shift, with shift as large as the number of atoms allows. The total rate is then an exact
// 64-bit sum that never drifts, and the choice of an atom is the same on every machine. What breaks it: a
// rate below 2^-shift of the fastest rounds to zero and its atoms stand still. rounding_error tells how far
// the slowest class is off; rates that far apart would need 1e13 hops of the others in between. Source of the
// n-fold way: Bortz, Kalos, Lebowitz, J. Comput. Phys. 17, 10 (1975), doi:10.1016/0021-9991(75)90060-1.

#include <array>
#include <cstddef>
#include <cstdint>

namespace sinterscope {

/// Energies and frequencies of one lattice, in native units.
struct LatticeEnergies {
  double pair_eV = 0.0;               ///< a lateral bond
  double stack_eV = 0.0;              ///< atom on atom instead of on the support
  double climb_barrier_eV = 0.0;      ///< Ehrlich-Schwoebel barrier of every hop that changes level
  double diffusion_barrier_eV = 0.0;  ///< Ed of a free ad-atom
  double attempt_frequency_Hz =
      1.0;  ///< nu; with Ed = 0 and nu = 1 the clock counts hops of a free ad-atom per direction
};

/// Class of a top atom: even = stands on the support, odd = stands on an atom; class / 2 = neighbours n.
inline constexpr std::size_t class_count = 10;
constexpr std::size_t class_of(int neighbours, bool stacked) {
  return 2 * static_cast<std::size_t>(neighbours) + (stacked ? 1 : 0);
}

struct RateTable {
  bool flat = false;
  int shift = 0;                                    ///< a free ad-atom's rate in one direction is 2^shift
  std::array<std::uint64_t, class_count> weight{};  ///< rate of one atom of the class over all its directions
  std::uint64_t climb_threshold = UINT64_MAX;  ///< a level-changing hop is executed if a 64-bit draw is below
  bool climb_barrier = false;                  ///< whether there is one
  double rate_unit = 1.0;                      ///< 1/s (or reduced units) per integer step
  double temperature_K = 0.0;
  double rounding_error = 0.0;  ///< largest relative rounding over the classes that exist
};

/// The rates for a lattice of `atoms` atoms at one temperature. Throws usage_error for a temperature at or
/// below 0 K, a negative energy, or a diffusion barrier so high that no rate is
/// left.
RateTable make_rates(const LatticeEnergies& energies, double temperature_K, std::int64_t atoms, bool flat);

}  // namespace sinterscope
