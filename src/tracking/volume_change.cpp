// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/volume_change.h"

#include <algorithm>
#include <cmath>

namespace sinterscope {
namespace {

// Errors of sizes that are common to the frames of a particle do not show in their scatter.
constexpr double common_relative_error = 0.01;
constexpr double significant = 3.0;

}  // namespace

std::optional<MeanSize> mean_size(const Track& track, std::span<const Particle> particles,
                                  const ThermalHistory& history, int first, int last) {
  double weights = 0.0, sum = 0.0, sum2 = 0.0, count = 0.0;
  for (const std::size_t index : track.particles) {
    const Particle& particle = particles[index];
    const int frame = history.frames[static_cast<std::size_t>(particle.frame)].region_frame;
    if (frame < first || frame > last) continue;
    const double se = particle.diameter_se_px > 0.0 ? particle.diameter_se_px : 0.1 * particle.diameter_px;
    weights += 1.0 / (se * se);
    sum += particle.diameter_px / (se * se);
    sum2 += particle.diameter_px * particle.diameter_px / (se * se);
    count += 1.0;
  }
  if (count == 0.0) return std::nullopt;
  const double mean = sum / weights;
  const double excess = count > 1.0 ? std::max(1.0, (sum2 - sum * mean) / (count - 1.0)) : 1.0;
  return MeanSize{mean, std::hypot(std::sqrt(excess / weights), common_relative_error * mean)};
}

double transferred_share(std::span<const Track* const> tracks, std::span<const Particle> particles,
                         const ThermalHistory& history, const Stretch& stretch) {
  double vanished = 0.0, gained = 0.0, shrunk = 0.0;  // gained, shrunk: by particles of which it is certain
  double net = 0.0, net_variance = 0.0;               // of all standing particles together
  for (const Track* track : tracks) {
    const auto before = mean_size(*track, particles, history, stretch.before_first, stretch.before_last);
    if (!before) continue;
    const auto after = mean_size(*track, particles, history, stretch.after_first, stretch.after_last);
    if (!after) {
      if (history.frames[static_cast<std::size_t>(track->last_frame)].region_frame < stretch.after_first)
        vanished += before->volume();
      continue;
    }
    const double change = after->volume() - before->volume();
    const double se = std::hypot(after->volume_se(), before->volume_se());
    net += change;
    net_variance += se * se;
    if (std::abs(change) > significant * se) (change > 0.0 ? gained : shrunk) += std::abs(change);
  }
  if (!(vanished > 0.0)) return 0.0;
  const double net_gain = net > significant * std::sqrt(net_variance) ? net : 0.0;
  return std::min(std::max(net_gain / vanished, gained / (vanished + shrunk)), 1.0);
}

}  // namespace sinterscope
