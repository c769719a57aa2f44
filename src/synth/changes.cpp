// SPDX-License-Identifier: GPL-3.0-or-later
#include "changes.h"

#include <algorithm>
#include <cmath>

namespace sinterscope {
namespace {

/// Large and scripted particles take no part.
bool takes_part(const StandingParticle& particle) { return !particle.large && !particle.scripted; }

double diameter_of(double atoms, const Sample& sample) { return std::cbrt(atoms / sample.atoms_per_nm3()); }

}  // namespace

Change ripen(const std::vector<StandingParticle>& particles, const Sample& sample, double share) {
  Change change;
  std::vector<StandingParticle> active;
  for (const StandingParticle& particle : particles)
    (takes_part(particle) ? active : change.particles).push_back(particle);
  std::sort(active.begin(), active.end(), [](const auto& one, const auto& other) {
    return one.diameter_nm != other.diameter_nm ? one.diameter_nm < other.diameter_nm : one.id < other.id;
  });
  const auto vanishing =
      std::min(static_cast<std::size_t>(std::lround(share * static_cast<double>(active.size()))),
               active.empty() ? 0 : active.size() - 1);
  if (vanishing > 0) {
    double mean = 0.0, total = 0.0, kept = 0.0, duration = 0.0;
    for (const StandingParticle& particle : active) {
      mean += particle.diameter_nm / static_cast<double>(active.size());
      total += sample.atoms(particle.diameter_nm);
    }
    // So long that the last of the vanishing ones is used up; those above the mean size shrink away by
    // decree.
    for (std::size_t i = 0; i < vanishing; ++i) {
      const double rate = 1.0 - active[i].diameter_nm / mean;
      if (rate > 0.02) duration = std::max(duration, sample.atoms(active[i].diameter_nm) / rate);
      change.events.push_back({EventKind::ripened, active[i].id, {}});
    }
    active.erase(active.begin(), active.begin() + static_cast<std::ptrdiff_t>(vanishing));
    std::vector<double> atoms;
    for (const StandingParticle& particle : active) {
      const double now = sample.atoms(particle.diameter_nm);
      atoms.push_back(std::max(0.3 * now, now + duration * (particle.diameter_nm / mean - 1.0)));
      kept += atoms.back();
    }
    for (std::size_t i = 0; i < active.size(); ++i)
      active[i].diameter_nm = diameter_of(atoms[i] * total / kept, sample);
  }
  change.particles.insert(change.particles.end(), active.begin(), active.end());
  return change;
}

Change coalesce(const std::vector<StandingParticle>& particles, const Sample& sample, double share) {
  struct Pair {
    double distance_nm;
    std::size_t one, other;
  };
  std::vector<Pair> pairs;
  std::size_t active = 0;
  for (std::size_t i = 0; i < particles.size(); ++i) {
    if (!takes_part(particles[i])) continue;
    ++active;
    for (std::size_t j = i + 1; j < particles.size(); ++j)
      if (takes_part(particles[j]) && particles[j].facet == particles[i].facet)
        pairs.push_back(
            {std::hypot(particles[i].x_nm - particles[j].x_nm, particles[i].y_nm - particles[j].y_nm), i, j});
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.distance_nm < b.distance_nm; });
  Change change;
  std::vector<StandingParticle> now = particles;
  std::vector<bool> merged(now.size(), false), gone(now.size(), false);
  auto wanted = static_cast<long>(std::lround(0.5 * share * static_cast<double>(active)));
  for (const Pair& pair : pairs) {
    if (wanted == 0) break;
    if (merged[pair.one] || merged[pair.other]) continue;
    const bool first = now[pair.one].diameter_nm >= now[pair.other].diameter_nm;
    StandingParticle& stays = now[first ? pair.one : pair.other];
    const StandingParticle& goes = now[first ? pair.other : pair.one];
    const double a = sample.atoms(stays.diameter_nm), b = sample.atoms(goes.diameter_nm);
    stays.x_nm = (a * stays.x_nm + b * goes.x_nm) / (a + b);
    stays.y_nm = (a * stays.y_nm + b * goes.y_nm) / (a + b);
    stays.diameter_nm = diameter_of(a + b, sample);
    merged[pair.one] = merged[pair.other] = true;
    gone[first ? pair.other : pair.one] = true;
    change.events.push_back({EventKind::coalesced, goes.id, {stays.id}});
    change.events.push_back({EventKind::grew, stays.id, {goes.id}});
    --wanted;
  }
  for (std::size_t i = 0; i < now.size(); ++i)
    if (!gone[i]) change.particles.push_back(now[i]);
  return change;
}

Change scale_diameters(const std::vector<StandingParticle>& particles, double factor, double smallest_nm) {
  Change change;
  for (StandingParticle particle : particles) {
    if (takes_part(particle)) particle.diameter_nm *= factor;
    if (takes_part(particle) && particle.diameter_nm < smallest_nm)
      change.events.push_back({EventKind::redispersed, particle.id, {}});
    else
      change.particles.push_back(particle);
  }
  return change;
}

}  // namespace sinterscope
