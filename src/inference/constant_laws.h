// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The two laws in which the atoms in particles stay as many: nothing happens, and particles only coarsen.
//
// The median size of a region's holds is a hidden state. null: the same in all holds. sintering: from one
// hold to the next the same with probability 1/2, else larger by a factor whose logarithm is exponential; its
// mean grows with the rise of temperature above all before, 0.25 per 100 K, and is 0.1 where no new
// temperature is reached. Without the order an empty hot hold would be huge particles and their return small
// ones; with a mean that ignored the temperature, a step of 300 K that leaves none in view would be
// dispersion by prior. Sizes are summed over by a forward recursion at every c.

#include "sinterscope/inference/observations.h"

namespace sinterscope {

/// A table over ln c in a box: its maximum, where that lies, and its evidence for flat ln c.
struct BoxSummary {
  double maximum = 0.0, log_evidence = 0.0, log_c = 0.0;
};

BoxSummary summarise(std::span<const double> table, double c_min, double c_max);

struct ConstantLaws {
  BoxSummary null, sintering;
  /// Every hold its own inventory, ln L at the best of each: with the sizes the same in all holds, and with a
  /// size of its own for each. Their difference is what sizes that do not change are worth to any law.
  double same_sizes = 0.0, own_sizes = 0.0;
};

/// Both laws for one region of the experiment.
ConstantLaws constant_laws(std::span<const HoldInventory> holds, const RegionObservations& region,
                           const Sample& sample, const FitOptions& options, int threads);

}  // namespace sinterscope
