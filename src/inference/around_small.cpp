// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/around_small.h"

#include <algorithm>
#include <cmath>

namespace sinterscope {
namespace {

constexpr double same_K = 0.5;

/// The catchments of a reference hold.
struct Partition {
  std::vector<LocalParticle> centres;
  double large_nm2 = 0.0, small_nm2 = 0.0;
};

Partition partition_of(const HoldLocality& reference) {
  Partition partition;
  for (const LocalParticle& one : reference.particles) {
    if (!(one.cell_area_nm2 > 0.0)) continue;
    partition.centres.push_back(one);
    (one.large ? partition.large_nm2 : partition.small_nm2) += one.cell_area_nm2;
  }
  return partition;
}

bool nearest_is_large(const Partition& partition, const SizedParticle& particle) {
  const auto distance2 = [&](const LocalParticle& one) {
    return std::pow(one.x_nm - particle.x_nm, 2) + std::pow(one.y_nm - particle.y_nm, 2);
  };
  return std::min_element(
             partition.centres.begin(), partition.centres.end(),
             [&](const LocalParticle& a, const LocalParticle& b) { return distance2(a) < distance2(b); })
      ->large;
}

/// What lies around the small particles of a hold; its summaries would be those of the whole.
HoldInventory cut_down(const HoldInventory& hold, const HoldLocality& local, const Partition& partition) {
  const double share = partition.small_nm2 / (partition.small_nm2 + partition.large_nm2);
  HoldInventory part;
  part.hold = hold.hold;
  part.region = hold.region;
  part.temperature_K = hold.temperature_K;
  part.start_s = hold.start_s;
  part.end_s = hold.end_s;
  part.frames = hold.frames;
  part.support_area_nm2 = share * hold.support_area_nm2;
  part.support_area_se_nm2 = share * hold.support_area_se_nm2;
  part.limit = hold.limit;
  part.settled = hold.settled;
  for (std::size_t i = 0; i < hold.particles.size(); ++i)
    if (!local.particles[i].large && !nearest_is_large(partition, hold.particles[i]))
      part.particles.push_back(hold.particles[i]);
  return part;
}

std::size_t small_in(const HoldLocality& hold) {
  return static_cast<std::size_t>(std::count_if(hold.particles.begin(), hold.particles.end(),
                                                [](const LocalParticle& one) { return !one.large; }));
}

}  // namespace

std::optional<std::size_t> reference_hold(const std::string& region, const Locality& locality,
                                          std::span<const HoldInventory> inventories) {
  const auto in_particles = [&](std::size_t h) {
    return locality.holds[h].c_np_large + locality.holds[h].c_np_small;
  };
  std::optional<std::size_t> best;
  for (std::size_t h = 0; h < inventories.size(); ++h) {
    const HoldInventory& hold = inventories[h];
    if (hold.region != region || !hold.temperature_K || hold.particles.empty()) continue;
    const double colder = best ? *inventories[*best].temperature_K - *hold.temperature_K : same_K + 1.0;
    if (colder > same_K || (colder > -same_K && in_particles(h) > in_particles(*best))) best = h;
  }
  return best;
}

bool small_ones_return(const Locality& locality, std::span<const HoldInventory> inventories) {
  constexpr double standard_deviations = 3.0;
  if (!locality.large_from_nm) return false;
  double before = 0.0, after = 0.0;
  for (std::size_t h = 1; h < inventories.size(); ++h) {
    const HoldInventory &hot = inventories[h - 1], &cold = inventories[h];
    if (hot.region != cold.region || !hot.temperature_K || !cold.temperature_K ||
        *cold.temperature_K > *hot.temperature_K - same_K)
      continue;
    before += static_cast<double>(small_in(locality.holds[h - 1]));
    after += static_cast<double>(small_in(locality.holds[h]));
  }
  return after - before > standard_deviations * std::sqrt(after + before);
}

std::vector<HoldInventory> around_small(const Locality& locality,
                                        std::span<const HoldInventory> inventories) {
  std::vector<HoldInventory> parts;
  for (std::size_t h = 0; h < inventories.size(); ++h) {
    const HoldInventory& hold = inventories[h];
    if (!hold.temperature_K) continue;
    const auto reference = reference_hold(hold.region, locality, inventories);
    const Partition partition = reference ? partition_of(locality.holds[*reference]) : Partition{};
    if (partition.large_nm2 <= 0.0)
      parts.push_back(hold);
    else if (partition.small_nm2 > 0.0)
      parts.push_back(cut_down(hold, locality.holds[h], partition));
  }
  return parts;
}

}  // namespace sinterscope
