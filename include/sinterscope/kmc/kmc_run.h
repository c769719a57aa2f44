// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A lattice run from options to averages.
//
// A run is a lattice, a start and a temperature program: holds and ramps one after the other, each ending
// after a number of executed hops (events) or a duration, whichever comes first. A ramp is a stair of small
// temperature steps. Time: with attempt_frequency_Hz = 1 and diffusion_barrier_eV = 0 (the default) the unit
// is 1 / (rate of a free ad-atom in one direction), at every temperature; with a frequency and a barrier it
// is seconds.
//
// What is measured: monomers, bonds and energy as exact time integrals; clusters, displacement and snapshots
// at equal distances of simulated time. The distance doubles (and every second sample goes) whenever the
// store is full, so that a run of unknown length ends with samples/2 to samples of them. Equal time is not a
// matter of taste: the residence times of a sintered lattice span four decades, and averages over every
// 1000th event are dominated by few of them. What breaks it: a hold too short to forget its start. Each
// average says how long it remembers (correlation time) and whether the hold had settled before measuring
// began; a start from gas and one from a particle must agree.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sinterscope/core/options.h"
#include "sinterscope/core/progress.h"
#include "sinterscope/core/random.h"
#include "sinterscope/kmc/equilibration.h"
#include "sinterscope/kmc/lattice.h"
#include "sinterscope/kmc/pair_energy.h"
#include "sinterscope/kmc/trajectory.h"

namespace sinterscope {

struct KmcOptions {
  int side = 40;
  int atoms = 50;
  bool flat = false;
  std::string start = "gas";
  double dh_eV = -0.16;
  std::optional<double> pair_energy_eV;
  double stack_ratio = 0.5;
  double climb_barrier_eV = 0.0;
  double diffusion_barrier_eV = 0.0;
  double attempt_frequency_Hz = 1.0;
  int samples = 8192;
  int snapshots = 64;
  double ramp_step_K = 5.0;
  double burn_in = 0.2;

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.side, {"side", "sites", "side of the periodic square support", 4, 1024});
    visit(self.atoms, {"atoms", "1", "number of atoms (not used where a start state is given)", 1, 100000});
    visit(self.flat, {"flat", "", "at most one atom on a site: the two-dimensional lattice gas"});
    visit(self.start, {"start",
                       "",
                       "where the atoms are at the beginning: scattered, or one compact particle",
                       0,
                       0,
                       {"gas", "particle"}});
    visit(self.dh_eV,
          {"dh_ev", "eV", "sintering enthalpy per atom of the particle of all atoms; sets the pair energy",
           -10.0, -1e-6});
    visit(self.pair_energy_eV,
          {"pair_energy_ev", "eV", "energy of a lateral bond; where given, dh_ev is not used", 0.0, 10.0});
    visit(self.stack_ratio,
          {"stack_ratio", "1",
           "(binding atom on atom - atom on support) / pair energy; 0.5 is a contact angle of 90 "
           "degrees, 0 wets, 1 does not",
           0.0, 1.0});
    visit(self.climb_barrier_eV,
          {"climb_barrier_ev", "eV", "Ehrlich-Schwoebel barrier of every hop that changes level", 0.0, 2.0});
    visit(self.diffusion_barrier_eV, {"diffusion_barrier_ev", "eV", "barrier of a free ad-atom", 0.0, 5.0});
    visit(self.attempt_frequency_Hz,
          {"attempt_frequency_hz", "Hz",
           "attempts of an atom per direction; 1 with no barrier counts time in hops of a "
           "free ad-atom per direction",
           1e-6, 1e15});
    visit(self.samples,
          {"samples", "1", "most samples kept per temperature step, equally spaced in time", 64, 1 << 20});
    visit(self.snapshots,
          {"snapshots", "1", "most height maps kept per temperature step, at every n-th sample", 1, 65536});
    visit(self.ramp_step_K, {"ramp_step_k", "K", "height of the stairs a ramp is made of", 0.01, 1000.0});
    visit(self.burn_in, {"burn_in", "1", "part of a hold that is not averaged over", 0.0, 0.9});
  }
};

/// One entry of the temperature program: a hold (from = to) or a ramp. 0 = no limit; one limit must be given.
struct TemperatureStep {
  double from_K = 773.0;
  double to_K = 773.0;
  double events = 0.0;
  double duration = 0.0;

  bool is_hold() const { return from_K == to_K; }

  template <typename Self, typename Visit>
  static void describe(Self& self, Visit&& visit) {
    visit(self.from_K, {"from_k", "K", "temperature at the beginning", 1.0, 1e5});
    visit(self.to_K, {"to_k", "K", "temperature at the end; the same for a hold", 1.0, 1e5});
    visit(self.events, {"events", "1", "ends after this many executed hops; 0 = no limit", 0.0, 1e15});
    visit(self.duration,
          {"duration", "s", "ends after this time (in the unit of the clock); 0 = no limit", 0.0, 1e300});
  }
};

struct KmcRun {
  KmcOptions options;
  std::vector<TemperatureStep> program;
  std::optional<HeightMap> start;  ///< a saved state; overrides options.start, atoms and side
};

/// The lattice at one instant.
struct KmcSample {
  std::int64_t step = 0;  ///< of the program
  double time = 0.0;
  double temperature_K = 0.0;
  std::uint64_t events = 0;
  std::int64_t monomers = 0;
  BondCount count;
  TimeIntegrals integrals;
  std::int64_t clusters = 0;
  std::int64_t largest_atoms = 0;
  std::int64_t largest_columns = 0;
  BondCount largest_count;
  double mean_square_displacement = 0.0;  ///< sites^2
};

struct KmcSnapshot {
  std::int64_t step = 0;
  double time = 0.0;
  double temperature_K = 0.0;
  std::uint64_t events = 0;
  HeightMap heights;

  template <typename Archive>
  void archive(Archive& bytes) {
    bytes(step), bytes(time), bytes(temperature_K), bytes(events), bytes(heights);
  }
};

/// Averages over the measured part of one hold.
struct HoldAverages {
  int step = 0;
  double temperature_K = 0.0;
  double from_time = 0.0, to_time = 0.0;  ///< of the measured part
  std::uint64_t events = 0;               ///< executed in the whole hold
  SeriesMean monomers;                    ///< number; exact integral
  SeriesMean bonds, stacked;              ///< numbers; exact integrals
  SeriesMean energy_eV;                   ///< per atom, against isolated ad-atoms; exact integral
  SeriesMean largest_atoms;
  SeriesMean clusters;
  double c_ad = 0.0, c_ad_se = 0.0;  ///< free ad-atoms per site
  /// dh, second way: energy of the largest cluster per atom of it. Empty where it holds less than half of the
  /// atoms on average: then there is no particle.
  std::optional<SeriesMean> dh_largest_eV;
  /// dh, third way: what the largest cluster's energy changes per atom it gains (slope over its
  /// fluctuations). Empty where there is no particle, or one that does not change.
  std::optional<double> dh_marginal_eV, dh_marginal_se_eV;
  /// Entropy in k per atom that would make Eq. (4) of Zhu et al. exact for this lattice: ln((1-c)/c) +
  /// dh_largest/kT, c = free ad-atoms per site not covered by the particle. The paper assumes 1.
  std::optional<double> entropy_k;
  double settled_time = 0.0;      ///< energy and largest cluster had settled from here
  bool settled = false;           ///< both halves of the measured part agree within three standard errors
  double correlation_time = 0.0;  ///< the longest of energy and largest cluster
  bool frozen = false;            ///< no atom could move any more
  std::vector<double> cluster_counts;  ///< mean number of clusters of n atoms, n = 0 ... N
};

struct KmcResult {
  double pair_energy_eV = 0.0;
  GroundState ground;                  ///< the particle that ties pair energy and dh
  double dh_ground_eV = 0.0;           ///< dh, first way: -(B + ratio U) pair / N at T = 0
  double dh_marginal_ground_eV = 0.0;  ///< third way at T = 0, smoothed over one edge
  double rounding_error = 0.0;         ///< largest relative rounding of a rate
  std::uint64_t events = 0, refused = 0;
  double time = 0.0;
  std::int64_t atoms = 0;
  int side = 0;
  std::vector<KmcSample> samples;
  std::vector<KmcSnapshot> snapshots;
  std::vector<HoldAverages> holds;  ///< of the holds that have ended
  HeightMap final_heights;
};

/// Throws usage_error for options out of range, an empty program, a step without limit, atoms or a particle
/// that do not fit, or an enthalpy that sets no pair energy.
void validate(const KmcRun& run);

/// Energies of the lattice of a run; the pair energy comes from dh_eV unless it is given.
LatticeEnergies lattice_energies(const KmcOptions& options, int atoms);

/// Runs the program from its beginning to its end.
KmcResult run_kmc(const KmcRun& run, const Rng& rng, Progress& progress);

/// What a user should know of a result: rates that were rounded, holds that had not settled.
std::vector<std::string> warnings_of(const KmcResult& result);

/// Where runs that may be interrupted keep their checkpoints. Called from the threads of the runs.
struct CheckpointStore {
  std::function<std::string(std::size_t run)> load;  ///< the last checkpoint of a run; empty = none
  std::function<void(std::size_t run, const std::string& bytes)> save;
  double interval_s = 10.0;  ///< at least so long between two checkpoints of a run
  /// Whether a run is for this process; empty = all are. The others are not run and `finished` is not called.
  std::function<bool(std::size_t run)> has = {};
};

/// Many runs in up to `threads` threads (0 = all cores); run i draws from rng.stream("kmc", i), so the
/// results do not depend on the threads. Each result goes to `finished` from the thread of its run, and is
/// kept nowhere else. With a store, runs continue from their checkpoints and leave one when they end; a
/// checkpoint that cannot be read is warned of and its run starts again.
void run_ensemble(std::span<const KmcRun> runs, const Rng& rng, int threads, Progress& progress,
                  const std::function<void(std::size_t run, KmcResult result)>& finished,
                  const CheckpointStore* store = nullptr);

}  // namespace sinterscope
