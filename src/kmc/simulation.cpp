// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/kmc/archive.h"

namespace sinterscope {
namespace {

/// Everything a run depends on, so that a checkpoint is not continued under other conditions.
std::string fingerprint(const KmcRun& run) {
  std::string text;
  const auto append = [&text](const auto& value, const OptionField& field) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, std::optional<double>>)
      text += value ? fmt::format("{}={};", field.name, *value) : "";
    else
      text += fmt::format("{}={};", field.name, value);
  };
  KmcOptions::describe(run.options, append);
  for (const TemperatureStep& step : run.program) TemperatureStep::describe(step, append);
  if (run.start) text += fmt::format("start={};", fmt::join(run.start->height, ","));
  return text;
}

std::vector<char> characters(const std::string& text) { return {text.begin(), text.end()}; }

HeightMap start_of(const KmcRun& run, const Rng& rng) {
  const KmcOptions& options = run.options;
  if (run.start) return *run.start;
  if (options.start == "gas")
    return random_gas(options.side, options.atoms, options.flat, rng.stream("start"));
  return layered_particle(options.side,
                          ground_state(options.atoms, options.stack_ratio, options.flat).layers);
}

std::int64_t atoms_of(const KmcRun& run) { return run.start ? count_atoms(*run.start) : run.options.atoms; }

const KmcRun& checked(const KmcRun& run) {
  validate(run);
  return run;
}

std::uint64_t stairs_of(const TemperatureStep& step, double ramp_step_K) {
  const double stairs = std::ceil(std::abs(step.to_K - step.from_K) / ramp_step_K);
  return static_cast<std::uint64_t>(std::max(stairs, 1.0));
}

double temperature_of(const TemperatureStep& step, std::uint64_t stair, std::uint64_t stairs) {
  if (step.is_hold()) return step.to_K;
  return step.from_K +
         (step.to_K - step.from_K) * (static_cast<double>(stair) + 0.5) / static_cast<double>(stairs);
}

}  // namespace

KmcSimulation::KmcSimulation(const KmcRun& run, const Rng& rng)
    : run_(checked(run)), energies_(lattice_energies(run.options, static_cast<int>(atoms_of(run)))) {
  const TemperatureStep& first = run_.program.front();
  const double temperature_K = temperature_of(first, 0, stairs_of(first, run_.options.ramp_step_K));
  trajectory_ =
      Trajectory(start_of(run_, rng), make_rates(energies_, temperature_K, atoms_of(run_), run_.options.flat),
                 rng.stream("hops"));
  begin_step();
}

KmcSimulation::KmcSimulation(const KmcRun& run, std::string_view checkpoint)
    : run_(checked(run)), energies_(lattice_energies(run.options, static_cast<int>(atoms_of(run)))) {
  ByteReader bytes(checkpoint);
  std::vector<char> print;
  bytes(print);
  if (print != characters(fingerprint(run)))
    throw Error("checkpoint belongs to a run with other options: give the same options or start afresh");
  archive(bytes);
  bytes.finish();
  trajectory_.check();
}

std::string KmcSimulation::checkpoint() const {
  ByteWriter bytes;
  bytes(characters(fingerprint(run_)));
  const_cast<KmcSimulation*>(this)->archive(bytes);  // a writer only reads
  return bytes.finish();
}

void KmcSimulation::begin_step() {
  if (finished()) return;
  const TemperatureStep& step = run_.program[step_];
  stair_ = 0;
  begin_stair();
  record_ = StepRecord();
  record_.first_sample = samples_.size();
  first_snapshot_ = snapshots_.size();
  record_.start_time = trajectory_.time();
  record_.start_events = trajectory_.events();
  if (step.is_hold()) record_.cluster_time.assign(static_cast<std::size_t>(trajectory_.atoms()) + 1, 0.0);
  // The length in time is known, or guessed short: the spacing doubles until it fits. No lattice is faster
  // than one of free ad-atoms, and a particle that is going to disperse soon becomes one.
  const double atoms = static_cast<double>(trajectory_.atoms());
  const double hottest_eV = boltzmann_eV_per_K * std::max(step.from_K, step.to_K);
  const double fastest =
      4.0 * atoms * energies_.attempt_frequency_Hz * std::exp(-energies_.diffusion_barrier_eV / hottest_eV);
  spacing_ = std::numeric_limits<double>::infinity();
  if (step.events > 0.0 && fastest > 0.0) spacing_ = std::max(16.0, 0.25 * atoms) / fastest;
  if (step.duration > 0.0) spacing_ = std::min(spacing_, step.duration / (run_.options.samples - 0.5));
  take_sample();
}

void KmcSimulation::begin_stair() {
  const TemperatureStep& step = run_.program[step_];
  const double temperature_K = temperature_of(step, stair_, stairs_of(step, run_.options.ramp_step_K));
  trajectory_.set_rates(make_rates(energies_, temperature_K, trajectory_.atoms(), run_.options.flat));
}

void KmcSimulation::end_step(bool frozen) {
  record_.frozen = frozen;
  record_.sample_count = samples_in_step();
  record_.end = sample_now();
  records_.push_back(record_);
  ++step_;
  begin_step();
}

bool KmcSimulation::advance(std::uint64_t events) {
  const std::uint64_t target = trajectory_.events() + events;
  while (!finished() && trajectory_.events() < target) {
    const TemperatureStep& step = run_.program[step_];
    const std::uint64_t stairs = stairs_of(step, run_.options.ramp_step_K);
    const double part = static_cast<double>(stair_ + 1) / static_cast<double>(stairs);
    const double stair_time = step.duration > 0.0 ? record_.start_time + step.duration * part
                                                  : std::numeric_limits<double>::infinity();
    const std::uint64_t stair_events =
        step.events > 0.0 ? record_.start_events + static_cast<std::uint64_t>(step.events * part)
                          : UINT64_MAX;
    const double sample_time = record_.start_time + spacing_ * static_cast<double>(samples_in_step());
    const double stop_time = std::min(sample_time, stair_time);

    Trajectory::Stop stop = trajectory_.advance(std::min(target, stair_events), stop_time);
    if (stop == Trajectory::Stop::frozen) {
      if (step.duration <= 0.0) {  // it would wait for its events for ever
        end_step(true);
        continue;
      }
      record_.frozen = true;
      trajectory_.wait_until(stop_time);
      stop = Trajectory::Stop::time;
    }
    const bool at_time = stop == Trajectory::Stop::time;
    if (at_time && sample_time <= stair_time) take_sample();
    if (trajectory_.events() < stair_events && !(at_time && stair_time <= sample_time)) continue;
    if (++stair_ < stairs)
      begin_stair();
    else
      end_step(record_.frozen);
  }
  return !finished();
}

KmcSample KmcSimulation::sample_now() {
  if (clusters_at_ != trajectory_.changes()) {  // otherwise only free ad-atoms have moved among themselves
    clusters_ = finder_.find(trajectory_);
    clusters_at_ = trajectory_.changes();
  }
  const Cluster largest = largest_cluster(clusters_);
  KmcSample sample;
  sample.step = static_cast<std::int64_t>(step_);
  sample.time = trajectory_.time();
  sample.temperature_K = trajectory_.rates().temperature_K;
  sample.events = trajectory_.events();
  sample.monomers = trajectory_.monomers();
  sample.count = trajectory_.bonds();
  sample.integrals = trajectory_.integrals();
  sample.clusters = static_cast<std::int64_t>(clusters_.size());
  sample.largest_atoms = largest.atoms;
  sample.largest_columns = largest.columns;
  sample.largest_count = largest.count;
  sample.mean_square_displacement = trajectory_.mean_square_displacement();
  return sample;
}

std::size_t KmcSimulation::snapshot_interval() const {
  return static_cast<std::size_t>(std::max(1, run_.options.samples / run_.options.snapshots));
}

void KmcSimulation::take_sample() {
  if (samples_in_step() >= static_cast<std::size_t>(run_.options.samples & ~1)) thin();
  const KmcSample sample = sample_now();
  if (samples_in_step() % snapshot_interval() == 0)
    snapshots_.push_back(
        {sample.step, sample.time, sample.temperature_K, sample.events, trajectory_.heights()});
  samples_.push_back(sample);
  if (record_.cluster_time.empty() || !std::isfinite(spacing_)) return;
  if (step_fraction(run_.program[step_], record_, sample.time, sample.events) < run_.options.burn_in) return;
  record_.size_time += spacing_;
  for (const Cluster& cluster : clusters_)
    record_.cluster_time[static_cast<std::size_t>(cluster.atoms)] += spacing_;
}

/// Every second sample and snapshot goes; the present time lies on the wider grid too.
void KmcSimulation::thin() {
  const auto halve = [](auto& items, std::size_t first) {
    std::size_t kept = first;
    for (std::size_t i = first; i < items.size(); i += 2) {
      if (kept != i) items[kept] = std::move(items[i]);
      ++kept;
    }
    items.resize(kept);
  };
  halve(samples_, record_.first_sample);
  halve(snapshots_, first_snapshot_);
  spacing_ *= 2.0;
}

double KmcSimulation::fraction_done() const {
  double done = static_cast<double>(step_);
  if (!finished())
    done += step_fraction(run_.program[step_], record_, trajectory_.time(), trajectory_.events());
  return done / static_cast<double>(run_.program.size());
}

KmcResult KmcSimulation::result() const {
  const int atoms = static_cast<int>(trajectory_.atoms());
  const KmcOptions& options = run_.options;
  KmcResult result;
  result.pair_energy_eV = energies_.pair_eV;
  result.ground = ground_state(atoms, options.stack_ratio, options.flat);
  result.dh_ground_eV = -energies_.pair_eV * result.ground.bonds_per_atom;
  result.dh_marginal_ground_eV =
      -energies_.pair_eV * marginal_bonds(atoms, options.stack_ratio, options.flat);
  result.events = trajectory_.events();
  result.refused = trajectory_.refused();
  result.time = trajectory_.time();
  result.atoms = atoms;
  result.side = trajectory_.side();
  result.samples = samples_;
  result.snapshots = snapshots_;
  result.final_heights = trajectory_.heights();
  const std::int64_t sites = std::int64_t{result.side} * result.side;
  for (const StepRecord& record : records_) {
    const TemperatureStep& step = run_.program[static_cast<std::size_t>(record.end.step)];
    for (const double temperature_K : {step.from_K, step.to_K})
      result.rounding_error = std::max(
          result.rounding_error, make_rates(energies_, temperature_K, atoms, options.flat).rounding_error);
    if (!step.is_hold()) continue;
    const std::span<const KmcSample> samples(samples_.data() + record.first_sample, record.sample_count);
    result.holds.push_back(average_hold(step, record, samples, energies_, atoms, sites, options.burn_in));
  }
  return result;
}

}  // namespace sinterscope
