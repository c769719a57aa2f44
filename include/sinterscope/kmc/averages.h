// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// From the samples of one hold to averages with error bars.
//
// Monomers, bonds and energy are differences of exact time integrals; samples only cut them into intervals,
// whose scatter and correlation give the error. Clusters are averages over samples at equal distances of
// time.

#include <cstdint>
#include <span>
#include <vector>

#include "sinterscope/kmc/kmc_run.h"

namespace sinterscope {

/// What a step of the program leaves beside its samples.
struct StepRecord {
  std::uint64_t first_sample = 0, sample_count = 0;
  double start_time = 0.0;
  std::uint64_t start_events = 0;
  KmcSample end;  ///< the lattice when the step ended
  bool frozen = false;
  double size_time = 0.0;            ///< time that entered cluster_time
  std::vector<double> cluster_time;  ///< time integral of the number of clusters of n atoms, n = 0 ... N

  template <typename Archive>
  void archive(Archive& bytes) {
    bytes(first_sample), bytes(sample_count), bytes(start_time), bytes(start_events), bytes(end),
        bytes(frozen);
    bytes(size_time), bytes(cluster_time);
  }
};

/// The part of a step that is done, 0 to 1, at `time` and `events`.
double step_fraction(const TemperatureStep& step, const StepRecord& record, double time,
                     std::uint64_t events);

/// Averages of a hold; `samples` are those of the hold. Throws Error where there is none.
HoldAverages average_hold(const TemperatureStep& step, const StepRecord& record,
                          std::span<const KmcSample> samples, const LatticeEnergies& energies,
                          std::int64_t atoms, std::int64_t sites, double burn_in);

}  // namespace sinterscope
