// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/trajectory.h"

#include <fmt/format.h>

#include <algorithm>

#include "sinterscope/core/error.h"

namespace sinterscope {
namespace {

const ExponentialSampler exponential;

/// One hop in direction +x, -x, +y, -y as an addend to Atom::displacement.
constexpr std::array<std::uint64_t, 4> hop_addend = {1, ~std::uint64_t{0}, std::uint64_t{1} << 32,
                                                     ~std::uint64_t{0} << 32};

} // namespace

Trajectory::Trajectory(const HeightMap& start, const RateTable& rates, Rng rng)
    : side_(start.side), rates_(rates), random_(rng) {
  validate(start, rates.flat);
  rebuild_neighbours();
  atoms_.resize(static_cast<std::size_t>(count_atoms(start)) + 1);
  top_.assign(start.height.size(), 0);
  list_.assign(class_count * (atoms_.size() - 1), 0);
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

void Trajectory::rebuild_neighbours() { neighbours_ = periodic_neighbours(side_); }

int Trajectory::neighbours_at_least(std::uint32_t site, std::int32_t level) const {
  int count = 0;
  for (const std::uint32_t u : neighbours_[site]) count += height_at(u) >= level ? 1 : 0;
  return count;
}

inline void Trajectory::enlist(std::uint32_t id, std::size_t class_index) {
  const auto position = static_cast<std::uint64_t>(members_[class_index]++);
  member(class_index, position) = id;
  atoms_[id].position = static_cast<std::uint32_t>(position);
  atoms_[id].class_index = class_index;
  total_ += rates_.weight[class_index];
}

inline void Trajectory::delist(std::uint32_t id) {
  const std::size_t class_index = atoms_[id].class_index;
  const std::uint32_t last = member(class_index, static_cast<std::uint64_t>(--members_[class_index]));
  member(class_index, atoms_[id].position) = last;
  atoms_[last].position = atoms_[id].position;
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

/// Executes events as long as they are hops of free ad-atoms that meet nobody. Returns `events` with a choice of
/// another kind still to be executed (choice.id > 0) or none, `time` where the next event would come too late.
Trajectory::Stop Trajectory::free_hops(std::uint64_t until_events, double pending_limit, Choice& choice) {
  FastRandom random = random_;
  const std::uint64_t total = total_;
  const std::uint64_t free_slots = static_cast<std::uint64_t>(members_[0]) * 4;
  const int shift = rates_.shift;
  const std::uint32_t* free_list = list_.data();
  std::uint32_t* top = top_.data();
  Atom* atoms = atoms_.data();
  const std::array<std::uint32_t, 4>* neighbours = neighbours_.data();
  double pending = pending_;
  std::uint64_t left = until_events - events_;
  Stop stop = Stop::events;
  choice.id = 0;
  while (left > 0) {
    const double later = pending + exponential(random);
    if (later >= pending_limit) {
      stop = Stop::time;
      break;
    }
    pending = later;
    const std::uint64_t draw = multiply_high(random.next(), total);
    const std::uint64_t slot = draw >> shift;
    if (slot >= free_slots) {
      random_ = random;
      choice = choose_slow(draw);
      random = random_;
      break;
    }
    const std::uint32_t id = free_list[slot >> 2];
    const std::uint32_t direction = slot & 3;
    Atom& atom = atoms[id];
    const std::uint32_t to = neighbours[atom.site][direction];
    const std::array<std::uint32_t, 4>& around = neighbours[to];
    // The atom itself is among the neighbours of its goal: the sum is its own number if nobody else is there.
    const std::uint64_t met = std::uint64_t{top[to]} + top[around[0]] + top[around[1]] + top[around[2]] + top[around[3]];
    if (met != id) {
      choice = {id, direction};
      break;
    }
    top[atom.site] = 0;
    top[to] = id;
    atom.site = to;
    atom.displacement += hop_addend[direction];
    --left;
  }
  random_ = random;
  pending_ = pending;
  events_ = until_events - left;
  return stop;
}

/// The atom and direction behind a draw below total_ that is no free ad-atom.
inline Trajectory::Choice Trajectory::choose_slow(std::uint64_t draw) {
  std::size_t c = 0;
  std::uint64_t share = static_cast<std::uint64_t>(members_[0]) * rates_.weight[0];
  while (draw >= share) {
    draw -= share;
    ++c;
    share = static_cast<std::uint64_t>(members_[c]) * rates_.weight[c];
  }
  const Uint128 spread = static_cast<Uint128>(random_.next()) * static_cast<std::uint64_t>(members_[c]);
  const std::uint32_t id = member(c, static_cast<std::uint64_t>(spread >> 64));
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

/// Executes one hop of any kind with all that follows from it; false where the climb barrier refuses it.
bool Trajectory::hop(Choice choice) {
  const std::uint32_t id = choice.id, direction = choice.direction;
  Atom& atom = atoms_[id];
  const std::uint32_t from = atom.site, to = neighbours_[from][direction];
  const std::int32_t level = atom.level, new_level = height_at(to) + 1;
  if (rates_.climb_barrier && new_level != level && random_.next() >= rates_.climb_threshold) {
    ++refused_;
    return false;
  }
  settle();
  count_.bonds -= static_cast<std::int64_t>(atom.class_index >> 1);
  count_.stacked += (new_level > 1 ? 1 : 0) - (level > 1 ? 1 : 0);

  // Seen from the neighbours, the column `from` falls below `level` and the column `to` reaches new_level.
  int uncovered_neighbours = new_level >= level - 1 ? 1 : 0, new_neighbours = level - 1 >= new_level ? 1 : 0;
  for (std::uint32_t d = 0; d < 4; ++d) {
    if (d != direction) {
      const std::uint32_t u = top_[neighbours_[from][d]];
      const std::int32_t height = atoms_[u].level;
      uncovered_neighbours += height >= level - 1 ? 1 : 0;
      if (height == level) reclass(u, atoms_[u].class_index - 2);
    }
    if (d != (direction ^ 1)) {
      const std::uint32_t u = top_[neighbours_[to][d]];
      const std::int32_t height = atoms_[u].level;
      new_neighbours += height >= new_level ? 1 : 0;
      if (height == new_level) reclass(u, atoms_[u].class_index + 2);
    }
  }
  if (new_level > 1) delist(top_[to]);
  top_[from] = atom.below;
  if (level > 1) enlist(atom.below, class_of(uncovered_neighbours, level > 2));
  atom.below = top_[to];
  top_[to] = id;
  atom.site = to;
  atom.level = new_level;
  atom.displacement += hop_addend[direction];
  const std::size_t new_class = class_of(new_neighbours, new_level > 1);
  if (new_class != atom.class_index) reclass(id, new_class);
  count_.bonds += new_neighbours;
  ++events_;
  ++changes_;
  return true;
}

Trajectory::Stop Trajectory::advance(std::uint64_t until_events, double until_time) {
  while (events_ < until_events) {
    if (total_ == 0) return Stop::frozen;
    const double pending_limit = (until_time - changed_at_) * total_rate();
    Choice choice{};
    const Stop stop = free_hops(until_events, pending_limit, choice);
    if (stop == Stop::time) {
      // What is left of the waiting time is again exponential: the event that came too late is forgotten.
      pending_ = std::max(pending_limit, 0.0);
      settle();
      changed_at_ = std::max(changed_at_, until_time);
      return stop;
    }
    if (choice.id != 0) hop(choice);
  }
  return Stop::events;
}

void Trajectory::set_rates(const RateTable& rates) {
  if (rates.flat != rates_.flat) throw Error("a lattice cannot change between flat and stacked on its way");
  settle();
  rates_ = rates;
  total_ = 0;
  for (std::size_t c = 0; c < class_count; ++c) total_ += static_cast<std::uint64_t>(members_[c]) * rates_.weight[c];
}

void Trajectory::wait_until(double time) {
  settle();
  const double duration = time - changed_at_;
  if (!(duration >= 0.0)) throw Error(fmt::format("lattice clock is at {}: cannot wait until {}", changed_at_, time));
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
    const auto y = static_cast<std::int32_t>(static_cast<std::uint32_t>((both - static_cast<std::uint64_t>(std::int64_t{x})) >> 32));
    sum += static_cast<double>(x) * x + static_cast<double>(y) * y;
  }
  return sum / static_cast<double>(atoms());
}

HeightMap Trajectory::heights() const {
  HeightMap heights(side_);
  for (std::size_t s = 0; s < top_.size(); ++s) heights.height[s] = atoms_[top_[s]].level;
  return heights;
}

void Trajectory::check() const {
  const auto expect = [](bool right, const char* what) {
    if (!right) throw Error(fmt::format("the state of the lattice contradicts itself: {}", what));
  };
  expect(neighbours_.size() == top_.size() && list_.size() == class_count * (atoms_.size() - 1), "sizes");
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
    expect(top.position < members_[c] && list_[c * (atoms_.size() - 1) + top.position] == top_[s], "class list");
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

} // namespace sinterscope
