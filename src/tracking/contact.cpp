// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/tracking/contact.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "sinterscope/core/units.h"
#include "sinterscope/tracking/neighbours.h"

namespace sinterscope {
namespace {

constexpr double reach = 1.3;              ///< sums of radii within which two particles touch, with errors
constexpr double off_centre = 0.1;         ///< of the diameter of the whole, rms per axis
constexpr double log_size_scatter = 0.05;  ///< the whole need not keep the shape factor
constexpr double merge_prior =
    0.01;  ///< of two particles in touch that end together; enters by its logarithm

struct Candidate {
  double log_odds;
  std::size_t larger, smaller, whole;  ///< indices into the lists
};

double log_odds(const Sighting& a, const Sighting& b, const Sighting& whole, double density) {
  const double va = std::exp(3.0 * a.log_diameter), vb = std::exp(3.0 * b.log_diameter), v = va + vb;
  const cv::Point2d step = whole.place_px - (va * a.place_px + vb * b.place_px) / v;
  const double allowed = off_centre * std::exp(whole.log_diameter);
  const double place_variance =
      whole.place_variance + std::max(a.place_variance, b.place_variance) + allowed * allowed;
  const double growth = whole.log_diameter - std::log(v) / 3.0;
  const double size_variance =
      whole.log_diameter_variance +
      (va * va * a.log_diameter_variance + vb * vb * b.log_diameter_variance) / (v * v) +
      log_size_scatter * log_size_scatter;
  constexpr double stranger_size_density = 1.0;  // per unit of ln(diameter), of what else may appear
  return std::log(merge_prior) - 0.5 * step.dot(step) / place_variance -
         std::log(2.0 * pi * place_variance * density) - 0.5 * growth * growth / size_variance -
         0.5 * std::log(2.0 * pi * size_variance) - std::log(stranger_size_density);
}

}  // namespace

std::vector<Continuation> join_contacts(std::span<const LooseEnd> parts, std::span<const LooseEnd> wholes,
                                        int most_frames, double density) {
  std::vector<Continuation> joined;
  if (parts.size() < 2 || wholes.empty()) return joined;
  const int direction = most_frames < 0 ? -1 : 1;
  std::vector<cv::Point2d> places;
  double largest_px = 0.0;
  for (const LooseEnd& part : parts) {
    places.push_back(part.seen.place_px);
    largest_px = std::max(largest_px, std::exp(part.seen.log_diameter));
  }
  const Neighbours neighbours(places, reach * largest_px);
  std::vector<Candidate> candidates;
  for (std::size_t w = 0; w < wholes.size(); ++w) {
    const Sighting& whole = wholes[w].seen;
    std::vector<std::size_t> near;
    neighbours.within(whole.place_px, reach * largest_px, [&](std::size_t p, double) {
      const int frames = direction * (wholes[w].frame - parts[p].frame);
      if (frames >= 1 && frames <= std::abs(most_frames) && parts[p].segment != wholes[w].segment)
        near.push_back(p);
    });
    for (std::size_t i = 0; i < near.size(); ++i)
      for (std::size_t j = i + 1; j < near.size(); ++j) {
        const Sighting &a = parts[near[i]].seen, &b = parts[near[j]].seen;
        const double da = std::exp(a.log_diameter), db = std::exp(b.log_diameter);
        if (cv::norm(a.place_px - b.place_px) > 0.5 * reach * (da + db)) continue;
        const double odds = log_odds(a, b, whole, density);
        if (odds > 0.0)
          candidates.push_back({odds, da >= db ? near[i] : near[j], da >= db ? near[j] : near[i], w});
      }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.log_odds > b.log_odds; });
  std::set<std::size_t> used_parts, used_wholes;
  for (const Candidate& one : candidates) {
    if (used_parts.count(one.larger) || used_parts.count(one.smaller) || used_wholes.count(one.whole))
      continue;
    used_parts.insert({one.larger, one.smaller});
    used_wholes.insert(one.whole);
    joined.push_back({parts[one.larger].segment, wholes[one.whole].segment});
  }
  return joined;
}

}  // namespace sinterscope
