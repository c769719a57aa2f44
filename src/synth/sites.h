// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where particles find room: the usable pixels of each facet, and a random free place on one. Private to the
// room.

#include <optional>
#include <vector>

#include "sinterscope/core/random.h"
#include "sinterscope/synth/population.h"

namespace sinterscope {

class Sites {
 public:
  Sites(const Scene& scene, const SupportSurface& surface);

  int facet_count() const { return static_cast<int>(pixels_.size()); }
  double area_nm2(int facet) const;

  /// A uniformly random place on `facet` for a particle of this diameter, clear of all `standing` by the
  /// stated gap and of large ones by the depletion law; empty if none turned up in a few hundred tries.
  std::optional<cv::Point2d> free_place(int facet, double diameter_nm,
                                        const std::vector<StandingParticle>& standing, Rng& rng) const;
  /// Share of the places on `facet` that the large ones among `standing` leave to small ones by the depletion
  /// law.
  double left_by_large(int facet, const std::vector<StandingParticle>& standing) const;
  /// Whether a particle of this diameter at `place` keeps the gap to all standing ones.
  bool clear(cv::Point2d place_nm, double diameter_nm, const std::vector<StandingParticle>& standing) const;

 private:
  /// In nm; `within` the pixel, from its centre.
  cv::Point2d place_of(int pixel, cv::Point2d within) const;
  /// Probability that the large ones leave this place to a small one.
  double chance_beside_large(cv::Point2d place_nm, const std::vector<StandingParticle>& standing) const;

  const Scene& scene_;
  cv::Rect field_px_;
  cv::Mat1f border_px_;
  std::vector<std::vector<int>> pixels_;  ///< per facet: row * width + column of its usable pixels
};

}  // namespace sinterscope
