// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Whether a blob is a particle or the corner of a facet.
//
// Facets of a support are brighter at their edges, and brightest where two edges meet: blurred by the probe,
// a corner is as round as a particle. What tells them apart lies around them. Two models of the raw pixels
// are compared, each with a free profile and no brightness that is known beforehand: a particle beside a
// straight edge (one profile across the edge, a slope along it, and the particle's disk), and a corner (one
// profile across two edges that meet, and nothing else). Each free number that one has more must lower
// chi-square by ln n for n cells (G. Schwarz, Ann. Stat. 6, 461, 1978, DOI 10.1214/aos/1176344136). A
// particle that stands on a corner is told by what is left of it on top of that corner. Breaks down where
// three edges meet and where facets are narrower than the window.

#include <opencv2/core.hpp>
#include <vector>

#include "sinterscope/experiment/noise_model.h"
#include "sinterscope/particles/size.h"
#include "sinterscope/particles/surroundings.h"

namespace sinterscope {

struct CornerOrParticle {
  double particle_chi2 = 0.0;  ///< of a particle beside a straight edge
  double corner_chi2 = 0.0;    ///< of a corner without a particle
  double cells = 0.0;          ///< that both describe
  double on_corner = 0.0;      ///< height of the particle on top of that corner, over its error

  bool is_corner() const;
};

/// disk: as fitted or, where the fit was lost, as searched; its place, diameter and profile are read. bright:
/// the sign that a particle has. others: particles whose pixels do not count.
CornerOrParticle corner_or_particle(const cv::Mat1f& raw, const NoiseModel& noise, const SizedFit& disk,
                                    bool bright, const std::vector<Disk>& others, double probe_sigma_px);

}  // namespace sinterscope
