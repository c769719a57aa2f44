// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The kinetic Monte Carlo itself: one lattice moving through its states, hop by hop.
//
// Every step executes a hop (rejection-free: n-fold way). An event is one executed hop; the time before it is
// exponential with mean 1 / (total rate), in the time unit of the rates. Atoms are kept in one list per rate
// class, so choosing one costs the same for 10 or 100,000 atoms. Hops of a free ad-atom between places
// without neighbours (80 % of all events in a hot gas, 97 % in a cold one) change no class and no bond; they
// take a short path. Time integrals of what classes and bonds know are exact: they are summed whenever a
// value changes. What breaks it: nothing but the rates; see rates.h for the physics.

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "sinterscope/kmc/fast_random.h"
#include "sinterscope/kmc/lattice.h"
#include "sinterscope/kmc/rates.h"

namespace sinterscope {

/// Integrals over time since the start, exact.
struct TimeIntegrals {
  double monomers = 0.0;  ///< of the number of ad-atoms without neighbours
  double bonds = 0.0;     ///< of B
  double stacked = 0.0;   ///< of U
};

/// One possible hop of the top atom of a column.
struct Hop {
  std::uint32_t from = 0, to = 0;
  std::uint32_t direction = 0;
  double rate = 0.0;  ///< per time unit
};

class Trajectory {
 public:
  /// Why advance() returned.
  enum class Stop { events, time, frozen };

  /// An empty shell, to be filled by archive().
  Trajectory() = default;
  /// Throws usage_error for a height map that validate() refuses.
  Trajectory(const HeightMap& start, const RateTable& rates, Rng rng);

  /// Moves until `until_events` events were executed in all, or the clock reaches `until_time`, whichever is
  /// first. At a time stop the clock shows exactly until_time and the state is that of this instant; an event
  /// stop leaves no trace: advancing in two pieces gives the same bits as in one. Frozen: no atom can move,
  /// the clock stands.
  Stop advance(std::uint64_t until_events, double until_time = std::numeric_limits<double>::infinity());
  /// A new temperature from now on; the same flatness and number of atoms.
  void set_rates(const RateTable& rates);
  /// Lets the clock of a frozen lattice run on to `time`.
  void wait_until(double time);

  double time() const { return changed_at_ + pending_ * time_per_pending(); }
  std::uint64_t events() const { return events_; }
  /// Hops that the climb barrier refused.
  std::uint64_t refused() const { return refused_; }
  /// Events that were more than a free ad-atom's hop: while this stands still, so do all clusters.
  std::uint64_t changes() const { return changes_; }
  TimeIntegrals integrals() const;

  int side() const { return side_; }
  std::int64_t atoms() const { return static_cast<std::int64_t>(capacity_); }
  const RateTable& rates() const { return rates_; }
  std::int64_t monomers() const { return members_[0]; }
  BondCount bonds() const { return count_; }
  /// Sum of all rates, per time unit. With a climb barrier this includes the refused hops.
  double total_rate() const {
    return static_cast<double>(static_cast<std::int64_t>(total_)) * rates_.rate_unit;
  }
  std::uint64_t total_rate_steps() const { return total_; }
  /// Mean over all atoms of the squared distance from where each started, in sites^2 (not folded into the
  /// period).
  double mean_square_displacement() const;
  HeightMap heights() const;

  /// Calls visit(site, height) once for every occupied column.
  template <typename Visit>
  void for_columns(Visit&& visit) const {
    for (std::size_t id = 1; id < atoms_.size(); ++id)
      if (top_[atoms_[id].site] == id) visit(atoms_[id].site, atoms_[id].level);
  }
  std::int32_t height_at(std::uint32_t site) const { return atoms_[top_[site]].level; }
  const std::vector<std::array<std::uint32_t, 4>>& neighbours() const { return neighbours_; }

  /// Every hop that can happen next with its rate, as the classes have it now.
  std::vector<Hop> hops() const;
  /// Recomputes everything from the heights; throws Error naming what differs. For tests and restored
  /// checkpoints.
  void check() const;

  template <typename Archive>
  void archive(Archive& bytes) {
    bytes(side_), bytes(capacity_), bytes(rates_), bytes(random_), bytes(atoms_), bytes(top_), bytes(list_),
        bytes(members_);
    bytes(total_), bytes(count_), bytes(changed_at_), bytes(pending_), bytes(integrals_);
    bytes(events_), bytes(refused_), bytes(changes_);
    if constexpr (Archive::reading) neighbours_ = periodic_neighbours(side_);
  }

 private:
  struct Atom {
    std::uint32_t site = 0;
    std::int32_t level = 0;  ///< 1 = on the support; atom 0 is nobody, level 0, the top of every empty column
    std::uint32_t below = 0;     ///< atom beneath
    std::uint32_t position = 0;  ///< in the list of its class
    std::uint64_t class_index = 0;
    std::uint64_t displacement = 0;  ///< two 32-bit halves, modulo 2^32: x low, y high
  };
  struct Choice {
    std::uint32_t id;
    std::uint32_t direction;
  };

  double time_per_pending() const { return total_ > 0 ? 1.0 / total_rate() : 0.0; }
  Choice choose_bound(std::uint64_t draw, std::uint64_t second_draw) const;
  bool climbs(Choice choice) const;
  Stop choose_among_all(double pending_limit, Choice& choice);
  void hop(Choice choice);
  void settle();
  int neighbours_at_least(std::uint32_t site, std::int32_t level) const;
  void enlist(std::uint32_t id, std::size_t class_index);
  void delist(std::uint32_t id);
  void reclass(std::uint32_t id, std::size_t class_index);

  int side_ = 0;
  std::size_t capacity_ = 0;  ///< room of one class in list_: all atoms
  RateTable rates_;
  FastRandom random_;
  std::vector<Atom> atoms_;
  std::vector<std::uint32_t> top_;   ///< top atom of every column
  std::vector<std::uint32_t> list_;  ///< class by class, room for all atoms in each
  std::array<std::int64_t, class_count> members_{};
  std::uint64_t total_ = 0;  ///< sum of members * weight
  BondCount count_;
  double changed_at_ = 0.0;  ///< time of the last change of total_
  double pending_ = 0.0;     ///< time since then, in units of 1 / total rate
  TimeIntegrals integrals_;  ///< up to changed_at_
  std::uint64_t events_ = 0, refused_ = 0, changes_ = 0;
  std::vector<std::array<std::uint32_t, 4>> neighbours_;
};

}  // namespace sinterscope
