// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A lattice run that can be stopped, saved and continued.
//
// run_kmc() is this class driven from beginning to end. Advancing in pieces of any size, with or without a
// checkpoint in between, gives the same bits as in one go.

#include <string>
#include <string_view>

#include "sinterscope/kmc/averages.h"
#include "sinterscope/kmc/clusters.h"
#include "sinterscope/kmc/kmc_run.h"
#include "sinterscope/kmc/trajectory.h"

namespace sinterscope {

class KmcSimulation {
 public:
  /// Throws usage_error for a run that validate() refuses.
  KmcSimulation(const KmcRun& run, const Rng& rng);
  /// Continues the same run from a checkpoint. Throws Error where the bytes are damaged or belong to another
  /// run.
  KmcSimulation(const KmcRun& run, std::string_view checkpoint);

  /// Executes up to `events` more hops; false when the program has ended.
  bool advance(std::uint64_t events);
  bool finished() const { return step_ >= run_.program.size(); }
  /// The part of the program that is done, 0 to 1 (steps count alike).
  double fraction_done() const;
  std::string checkpoint() const;
  const Trajectory& trajectory() const { return trajectory_; }
  /// What was measured so far.
  KmcResult result() const;

 private:
  void begin_step();
  void end_step(bool frozen);
  void begin_stair();
  void take_sample();
  void thin();
  KmcSample sample_now();
  std::size_t samples_in_step() const { return samples_.size() - record_.first_sample; }
  std::size_t snapshot_interval() const;

  template <typename Archive>
  void archive(Archive& bytes) {
    bytes(trajectory_), bytes(step_), bytes(stair_), bytes(record_), bytes(spacing_), bytes(first_snapshot_);
    bytes(samples_), bytes(snapshots_), bytes(records_);
  }

  KmcRun run_;
  LatticeEnergies energies_;
  Trajectory trajectory_;
  ClusterFinder finder_;
  std::vector<Cluster> clusters_;                  ///< of the last search
  std::uint64_t clusters_at_ = ~std::uint64_t{0};  ///< trajectory_.changes() at the last search
  std::uint64_t step_ = 0;                         ///< of the program
  std::uint64_t stair_ = 0;                        ///< of a ramp
  StepRecord record_;                              ///< of the step under way
  double spacing_ = 0.0;                           ///< time between samples
  std::uint64_t first_snapshot_ = 0;               ///< of the step
  std::vector<KmcSample> samples_;
  std::vector<KmcSnapshot> snapshots_;
  std::vector<StepRecord> records_;  ///< of the steps that have ended
};

}  // namespace sinterscope
