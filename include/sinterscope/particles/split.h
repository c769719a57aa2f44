// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One blob or two particles: decided by evidence.
//
// A detector takes two particles that touch for one. Each seed whose image is clearly no circle is fitted
// twice on the same pixels: as one ellipse (9 parameters) and as two circles (11). Two are taken where
// Schwarz's criterion, -2 ln L + parameters * ln(pixels), falls by more than `evidence`, and where the two
// are credible: both well seen, not one inside the other, of like amplitude. Where chi-square says that
// neither model is the whole truth the gain is divided by the excess, so that texture does not split
// particles. Breaks down for particles that truly are dumb-bells, and for three in a heap (two of them are
// told apart).
//
// G. Schwarz, Ann. Stat. 6, 461, 1978, DOI 10.1214/aos/1176344136.

#include <cstddef>
#include <vector>

#include "sinterscope/particles/size.h"

namespace sinterscope {

struct SplitOptions {
  bool enabled = true;
  double evidence = 10.0;
  double largest_overlap = 0.35;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.enabled, {"enabled", "", "look for pairs of touching particles that were found as one"});
    visit(self.evidence,
          {"evidence", "1", "fall of Schwarz's criterion from which two are taken (10 = very strong)", 0.0,
           1e6});
    visit(self.largest_overlap,
          {"largest_overlap", "1", "two may overlap by this share of the smaller diameter", 0.0, 0.9});
  }
};

struct SplitSeeds {
  std::vector<Seed> seeds;
  std::vector<std::size_t> origin;  ///< index of the seed each came from
};

/// The seeds, those better explained by two replaced by two; order kept, pairs next to each other. A half
/// that another seed stands for already is left to it.
SplitSeeds split_seeds(const std::vector<ShiftedFrame>& frames, const NoiseModel& noise,
                       const std::vector<Seed>& seeds, const Probe& probe, const SizeOptions& size,
                       const SplitOptions& options = SplitOptions());

}  // namespace sinterscope
