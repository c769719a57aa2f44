// SPDX-License-Identifier: GPL-3.0-or-later
#include "candidates.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "nearer.h"

namespace sinterscope {
namespace {

constexpr double small_on_large = 1.0;  ///< share of a large blob's height at which a small one on it counts
constexpr double rim_ratio = 2.5;       ///< of diameters; touching then begins at 0.7 of the large one
constexpr double rim_reach = 0.65;
constexpr double crowd_share = 0.1;  ///< of a large blob's area covered by small ones: then it is their crowd

bool reaches(const Candidate& one, const Candidate& other) {
  const Detection &a = one.detection, &b = other.detection;
  return nearer(a.x_px - b.x_px, a.y_px - b.y_px, 0.5 * std::max(a.diameter_px, 0.6 * b.diameter_px));
}

/// Whether a small one sits on the rim of a large one, nearer than one that merely touches it could: the neck
/// or the overlap of two large ones.
bool on_the_rim(const Candidate& small, const Candidate& large) {
  const Detection &a = small.detection, &b = large.detection;
  return b.diameter_px > rim_ratio * a.diameter_px &&
         nearer(a.x_px - b.x_px, a.y_px - b.y_px, rim_reach * b.diameter_px);
}

/// Two blobs of like size and place are one; a small one on a large one counts where it stands out as much.
bool repeats(const Candidate& candidate, const Candidate& stronger) {
  if (!reaches(stronger, candidate) && !on_the_rim(candidate, stronger)) return false;
  const double size_ratio = stronger.detection.diameter_px / candidate.detection.diameter_px;
  return size_ratio < 2.0 || candidate.response < small_on_large * stronger.response;
}

/// Whether a smaller one sits in the middle of a larger one.
bool in_the_middle(const Candidate& small, const Candidate& large) {
  const Detection &a = small.detection, &b = large.detection;
  return nearer(a.x_px - b.x_px, a.y_px - b.y_px, 0.5 * a.diameter_px);
}

/// A crowd of small blobs, filtered coarsely, looks like a large one; so does a single one with its noise.
bool is_a_crowd(const Candidate& large, const std::vector<Candidate>& all) {
  double covered = 0.0;
  int members = 0;
  for (const Candidate& small : all) {
    if (small.detection.diameter_px > 0.5 * large.detection.diameter_px) continue;
    if (small.response < small_on_large * large.response || !reaches(large, small)) continue;
    if (in_the_middle(small, large)) return true;
    covered += small.detection.diameter_px * small.detection.diameter_px;
    ++members;
  }
  return members >= 2 && covered > crowd_share * large.detection.diameter_px * large.detection.diameter_px;
}

}  // namespace

std::vector<Detection> keep_strongest(std::vector<Candidate> found) {
  std::sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.detection.expected_false, a.detection.y_px, a.detection.x_px) <
           std::tie(b.detection.expected_false, b.detection.y_px, b.detection.x_px);
  });
  std::vector<Candidate> kept;
  for (const Candidate& candidate : found) {
    if (std::none_of(kept.begin(), kept.end(),
                     [&](const Candidate& other) { return repeats(candidate, other); }) &&
        !is_a_crowd(candidate, found))
      kept.push_back(candidate);
  }
  std::vector<Detection> result;
  for (const Candidate& candidate : kept) result.push_back(candidate.detection);
  return result;
}

}  // namespace sinterscope
