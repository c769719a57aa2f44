// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/trajectory.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

const ExponentialSampler exponential;

/// One hop in direction +x, -x, +y, -y as an addend to Atom::displacement.
constexpr std::array<std::uint64_t, 4> hop_addend = {1, ~std::uint64_t{0}, std::uint64_t{1} << 32,
                                                     ~std::uint64_t{0} << 32};

constexpr std::array<int, 16> bits_set = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};

}  // namespace

Trajectory::Trajectory(const HeightMap& start, const RateTable& rates, Rng rng)
    : side_(start.side), rates_(rates), random_(rng) {
  validate(start, rates.flat);
  neighbours_ = periodic_neighbours(side_);
  capacity_ = static_cast<std::size_t>(count_atoms(start));
  atoms_.resize(capacity_ + 1);
  top_.assign(start.height.size(), 0);
  list_.assign(class_count * capacity_, 0);
  std::uint32_t id = 0;
  for (std::uint32_t s = 0; s < top_.size(); ++s)
    for (std::int32_t level = 1; level <= start.height[s]; ++level) {
      ++id;
      atoms_[id].site = s;
      atoms_[id].level = level;
      atoms_[id].below = top_[s];
      top_[s] = id;
    }
  for (std::uint32_t s = 0; s < top_.size(); ++s)
    if (top_[s] != 0) {
      const std::int32_t level = height_at(s);
      enlist(top_[s], class_of(neighbours_at_least(s, level), level > 1));
    }
  count_ = count_bonds(start);
}

int Trajectory::neighbours_at_least(std::uint32_t site, std::int32_t level) const {
  int count = 0;
  for (const std::uint32_t u : neighbours_[site]) count += height_at(u) >= level ? 1 : 0;
  return count;
}

inline void Trajectory::enlist(std::uint32_t id, std::size_t class_index) {
  const auto position = static_cast<std::size_t>(members_[class_index]++);
  list_[class_index * capacity_ + position] = id;
  atoms_[id].position = static_cast<std::uint32_t>(position);
  atoms_[id].class_index = class_index;
  total_ += rates_.weight[class_index];
}

inline void Trajectory::delist(std::uint32_t id) {
  const std::size_t class_index = atoms_[id].class_index;
  const std::uint32_t last =
      list_[class_index * capacity_ + static_cast<std::size_t>(--members_[class_index])];
  const std::uint32_t position = atoms_[id].position;
  list_[class_index * capacity_ + position] = last;
  atoms_[last].position = position;
  total_ -= rates_.weight[class_index];
}

inline void Trajectory::reclass(std::uint32_t id, std::size_t class_index) {
  delist(id);
  enlist(id, class_index);
}

/// Closes the stretch of time over which total rate, monomers and bonds were constant.
inline void Trajectory::settle() {
  const double duration = pending_ * time_per_pending();
  integrals_.monomers += static_cast<double>(members_[0]) * duration;
  integrals_.bonds += static_cast<double>(count_.bonds) * duration;
  integrals_.stacked += static_cast<double>(count_.stacked) * duration;
  changed_at_ += duration;
  pending_ = 0.0;
}

/// The atom and direction behind a draw below total_ that is no free ad-atom.
inline Trajectory::Choice Trajectory::choose_bound(std::uint64_t draw, std::uint64_t second_draw) const {
  std::size_t c = 0;
  std::uint64_t share = static_cast<std::uint64_t>(members_[0]) * rates_.weight[0];
  while (draw >= share) {
    draw -= share;
    ++c;
    share = static_cast<std::uint64_t>(members_[c]) * rates_.weight[c];
  }
  const Uint128 spread = static_cast<Uint128>(second_draw) * static_cast<std::uint64_t>(members_[c]);
  const std::uint32_t id = list_[c * capacity_ + static_cast<std::size_t>(spread >> 64)];
  const auto fraction = static_cast<std::uint64_t>(spread);
  if (!rates_.flat) return {id, static_cast<std::uint32_t>(fraction >> 62)};
  // Flat: the hop goes to one of the 4 - n free neighbours.
  std::uint64_t wanted = multiply_high(fraction, 4 - c / 2);
  std::uint32_t direction = 0;
  for (;; ++direction) {
    const bool is_free = top_[neighbours_[atoms_[id].site][direction]] == 0;
    if (is_free && wanted-- == 0) break;
  }
  return {id, direction};
}

inline bool Trajectory::climbs(Choice choice) const {
  const Atom& atom = atoms_[choice.id];
  return height_at(neighbours_[atom.site][choice.direction]) + 1 != atom.level;
}

/// Where the climb barrier refuses nearly everything (a particle whose every hop changes level), the next hop
/// is drawn from the list of all hops with their true rates. The time already refused away has passed by
/// right: what is left to wait is exponential with the true total rate.
Trajectory::Stop Trajectory::choose_among_all(double pending_limit, Choice& choice) {
  const std::vector<Hop> open = hops();
  double true_rate = 0.0;
  for (const Hop& hop : open) true_rate += hop.rate;
  if (!(true_rate > 0.0)) return Stop::frozen;
  pending_ += exponential(random_) * total_rate() / true_rate;
  if (pending_ >= pending_limit) return Stop::time;
  double rest = random_.uniform_positive() * true_rate;
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < open.size() && rest > 0.0; ++i) {
    if (open[i].rate > 0.0) chosen = i;
    rest -= open[i].rate;
  }
  choice = {top_[open[chosen].from], open[chosen].direction};
  return Stop::events;
}

/// Executes one hop of any kind with all that follows from it.
void Trajectory::hop(Choice choice) {
  const std::uint32_t id = choice.id, direction = choice.direction;
  Atom& atom = atoms_[id];
  const std::uint32_t from = atom.site, to = neighbours_[from][direction];
  const std::uint32_t covered = top_[to], uncovered = atom.below;
  const std::int32_t level = atom.level, new_level = atoms_[covered].level + 1;
  settle();
  count_.bonds -= static_cast<std::int64_t>(atom.class_index >> 1);
  count_.stacked += (new_level > 1 ? 1 : 0) - (level > 1 ? 1 : 0);

  // Seen from the neighbours, column `from` falls below `level` and column `to` reaches `new_level`. Which of
  // the six change class is gathered without a branch: a guess that fails costs more than all the
  // comparisons.
  std::array<std::uint32_t, 8> around;
  std::uint32_t lose = 0, gain = 0, beside_from = 0, beside_to = 0;
  for (std::uint32_t d = 0; d < 4; ++d) {
    around[d] = top_[neighbours_[from][d]];
    around[4 + d] = top_[neighbours_[to][d]];
    const std::int32_t near_from = atoms_[around[d]].level, near_to = atoms_[around[4 + d]].level;
    lose |= static_cast<std::uint32_t>(near_from == level) << d;
    beside_from |= static_cast<std::uint32_t>(near_from >= level - 1) << d;
    gain |= static_cast<std::uint32_t>(near_to == new_level) << d;
    beside_to |= static_cast<std::uint32_t>(near_to >= new_level) << d;
  }
  const std::uint32_t not_to = ~(1u << direction), not_from = ~(1u << (direction ^ 1));
  for (std::uint32_t rest = lose & not_to; rest != 0; rest &= rest - 1) {
    const std::uint32_t u = around[static_cast<std::size_t>(std::countr_zero(rest))];
    reclass(u, atoms_[u].class_index - 2);
  }
  for (std::uint32_t rest = gain & not_from; rest != 0; rest &= rest - 1) {
    const std::uint32_t u = around[4 + static_cast<std::size_t>(std::countr_zero(rest))];
    reclass(u, atoms_[u].class_index + 2);
  }
  const int new_neighbours = bits_set[beside_to & not_from] + (level - 1 >= new_level ? 1 : 0);
  if (covered != 0) delist(covered);
  top_[from] = uncovered;
  if (uncovered != 0) {
    const int neighbours = bits_set[beside_from & not_to] + (new_level >= level - 1 ? 1 : 0);
    enlist(uncovered, class_of(neighbours, level > 2));
  }
  atom.below = covered;
  top_[to] = id;
  atom.site = to;
  atom.level = new_level;
  atom.displacement += hop_addend[direction];
  reclass(id, class_of(new_neighbours, new_level > 1));
  count_.bonds += new_neighbours;
  ++changes_;
}

Trajectory::Stop Trajectory::advance(std::uint64_t until_events, double until_time) {
  FastRandom random = random_;
  std::uint64_t left = until_events > events_ ? until_events - events_ : 0;
  Stop stop = Stop::events;
  const std::uint32_t* const free_list = list_.data();
  std::uint32_t* const top = top_.data();
  Atom* const atoms = atoms_.data();
  const std::array<std::uint32_t, 4>* const neighbours = neighbours_.data();
  const int shift = rates_.shift;
  // Refusals without an executed hop in between, before the list of all hops (which costs as much) is asked.
  const std::size_t patience = 64 + capacity_;
  std::size_t in_a_row = 0;
  std::uint64_t refused_at = left;
  while (left > 0 && stop == Stop::events) {
    // Between changes of class all of these are constant.
    const std::uint64_t total = total_, free_slots = static_cast<std::uint64_t>(members_[0]) * 4;
    const double pending_limit = (until_time - changed_at_) * total_rate();
    double pending = pending_;
    if (total == 0) {
      stop = Stop::frozen;
      break;
    }
    Choice choice{};
    for (; left > 0; --left) {
      const double later = pending + exponential(random);
      if (later >= pending_limit) {
        stop = Stop::time;
        break;
      }
      pending = later;
      const std::uint64_t draw = multiply_high(random.next(), total);
      const std::uint64_t slot = draw >> shift;
      if (slot >= free_slots) {
        choice = choose_bound(draw, random.next());
        break;
      }
      const std::uint32_t id = free_list[slot >> 2];
      const std::uint32_t direction = slot & 3;
      Atom& atom = atoms[id];
      const std::uint32_t to = neighbours[atom.site][direction];
      const std::array<std::uint32_t, 4>& around = neighbours[to];
      // The atom itself is among the neighbours of its goal: the sum is its own number if nobody else is
      // there.
      const std::uint64_t met =
          std::uint64_t{top[to]} + top[around[0]] + top[around[1]] + top[around[2]] + top[around[3]];
      if (met != id) {
        choice = {id, direction};
        break;
      }
      top[atom.site] = 0;
      top[to] = id;
      atom.site = to;
      atom.displacement += hop_addend[direction];
    }
    pending_ = pending;
    if (choice.id == 0) continue;
    if (rates_.climb_barrier && climbs(choice) && random.next() >= rates_.climb_threshold) {
      ++refused_;
      if (left != refused_at) in_a_row = 0;
      refused_at = left;
      if (++in_a_row < patience) continue;
      in_a_row = 0;
      random_ = random;
      stop = choose_among_all(pending_limit, choice);
      random = random_;
      if (stop != Stop::events) break;
    }
    hop(choice);
    --left;
  }
  random_ = random;
  if (until_events > events_) events_ = until_events - left;
  if (stop == Stop::time) {
    // What is left of the waiting time is again exponential: the event that came too late is forgotten.
    pending_ = std::max((until_time - changed_at_) * total_rate(), 0.0);
    settle();
    changed_at_ = std::max(changed_at_, until_time);
  }
  return stop;
}

void Trajectory::set_rates(const RateTable& rates) {
  if (rates.flat != rates_.flat) throw Error("a lattice cannot change between flat and stacked on its way");
  settle();
  rates_ = rates;
  total_ = 0;
  for (std::size_t c = 0; c < class_count; ++c)
    total_ += static_cast<std::uint64_t>(members_[c]) * rates_.weight[c];
}

void Trajectory::wait_until(double time) {
  settle();
  const double duration = time - changed_at_;
  if (!(duration >= 0.0))
    throw Error(fmt::format("lattice clock is at {}: cannot wait until {}", changed_at_, time));
  integrals_.monomers += static_cast<double>(members_[0]) * duration;
  integrals_.bonds += static_cast<double>(count_.bonds) * duration;
  integrals_.stacked += static_cast<double>(count_.stacked) * duration;
  changed_at_ = time;
}

TimeIntegrals Trajectory::integrals() const {
  const double duration = pending_ * time_per_pending();
  return {integrals_.monomers + static_cast<double>(members_[0]) * duration,
          integrals_.bonds + static_cast<double>(count_.bonds) * duration,
          integrals_.stacked + static_cast<double>(count_.stacked) * duration};
}

double Trajectory::mean_square_displacement() const {
  double sum = 0.0;
  for (std::size_t id = 1; id < atoms_.size(); ++id) {
    const std::uint64_t both = atoms_[id].displacement;
    const auto x = static_cast<std::int32_t>(static_cast<std::uint32_t>(both));
    // A negative x has borrowed one from y.
    const auto y = static_cast<std::int32_t>(
        static_cast<std::uint32_t>((both - static_cast<std::uint64_t>(std::int64_t{x})) >> 32));
    sum += static_cast<double>(x) * x + static_cast<double>(y) * y;
  }
  return sum / static_cast<double>(atoms());
}

HeightMap Trajectory::heights() const {
  HeightMap heights(side_);
  for (std::size_t s = 0; s < top_.size(); ++s) heights.height[s] = atoms_[top_[s]].level;
  return heights;
}

std::vector<Hop> Trajectory::hops() const {
  const double climb_share =
      rates_.climb_barrier ? std::ldexp(static_cast<double>(rates_.climb_threshold), -64) : 1.0;
  std::vector<Hop> hops;
  for (std::size_t c = 0; c < class_count; ++c)
    for (std::size_t i = 0; i < static_cast<std::size_t>(members_[c]); ++i) {
      const Atom& atom = atoms_[list_[c * capacity_ + i]];
      const double directions = rates_.flat ? 4.0 - static_cast<double>(c / 2) : 4.0;
      const double rate = static_cast<double>(rates_.weight[c]) / directions * rates_.rate_unit;
      for (std::uint32_t d = 0; d < 4; ++d) {
        const std::uint32_t to = neighbours_[atom.site][d];
        if (rates_.flat && top_[to] != 0) continue;
        hops.push_back({atom.site, to, d, height_at(to) + 1 == atom.level ? rate : rate * climb_share});
      }
    }
  return hops;
}

void Trajectory::check() const {
  const auto expect = [](bool right, const char* what) {
    if (!right) throw Error(fmt::format("the state of the lattice contradicts itself: {}", what));
  };
  expect(neighbours_.size() == top_.size() && atoms_.size() == capacity_ + 1 &&
             list_.size() == class_count * capacity_,
         "sizes");
  for (const std::uint32_t id : top_) expect(id < atoms_.size(), "top atom");
  std::array<std::int64_t, class_count> members{};
  std::uint64_t total = 0;
  std::int64_t stacked_up = 0;
  for (std::uint32_t s = 0; s < top_.size(); ++s) {
    std::int32_t level = height_at(s);
    if (top_[s] == 0) continue;
    const std::size_t c = class_of(neighbours_at_least(s, level), level > 1);
    const Atom& top = atoms_[top_[s]];
    expect(top.class_index == c, "class of an atom");
    expect(top.position < members_[c] && list_[c * capacity_ + top.position] == top_[s], "class list");
    ++members[c];
    total += rates_.weight[c];
    for (std::uint32_t id = top_[s]; id != 0; id = atoms_[id].below, --level, ++stacked_up)
      expect(id < atoms_.size() && atoms_[id].site == s && atoms_[id].level == level && level > 0, "column");
    expect(level == 0, "height of a column");
  }
  expect(stacked_up == atoms(), "number of atoms");
  expect(members == members_, "members of the classes");
  expect(total == total_, "total rate");
  expect(count_bonds(heights()) == count_, "bonds");
}

}  // namespace sinterscope
