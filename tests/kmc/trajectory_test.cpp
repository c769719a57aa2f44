// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/kmc/trajectory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>

#include "kmc/enumeration.h"
#include "sinterscope/core/error.h"

using namespace sinterscope;

namespace {

constexpr int side = 40;
constexpr double sites = 1600.0;

Trajectory gas(int atoms, double x, double y, bool flat, std::uint64_t seed) {
  const Rng rng(seed);
  return {random_gas(side, atoms, flat, rng.stream("start")),
          make_rates(energies_for(x, y), test_temperature_K, atoms, flat), rng.stream("hops")};
}

/// sqrt(n) times the largest distance between the waiting times and an exponential of the given mean.
double kolmogorov_smirnov(std::vector<double> times, double mean) {
  std::sort(times.begin(), times.end());
  const auto n = static_cast<double>(times.size());
  double distance = 0.0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double expected = -std::expm1(-times[i] / mean);
    distance = std::max(
        {distance, expected - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - expected});
  }
  return distance * std::sqrt(n);
}

}  // namespace

TEST(Trajectory, WaitsExponentiallyWithTheTotalRate) {
  Trajectory trajectory = gas(50, 1.4, 0.7, false, 1);
  std::vector<double> waits;
  double before = 0.0;
  for (std::uint64_t i = 1; i <= 500000; ++i) {
    const double rate = trajectory.total_rate();
    trajectory.advance(i);
    waits.push_back((trajectory.time() - before) * rate);
    before = trajectory.time();
  }
  EXPECT_LT(kolmogorov_smirnov(waits, 1.0), 1.63);  // exceeded in 1 % of all correct series
}

TEST(Trajectory, LetsOneAtomDiffuseFreely) {
  // <r^2> = 4 k t = 20 at t = 5 (r^2 is nearly exponential: standard deviation 20); hops are Poisson with
  // mean 20; the chance to be back is [exp(-2 k t) I0(2 k t)]^2 = 0.01634.
  constexpr int walks = 20000;
  double squares = 0.0, hops = 0.0, hops_squared = 0.0;
  int returned = 0;
  const RateTable rates = make_rates(energies_for(1.0, 0.5), test_temperature_K, 1, false);
  const HeightMap start = random_gas(side, 1, false, Rng(1));
  for (std::uint64_t i = 0; i < walks; ++i) {
    Trajectory trajectory(start, rates, Rng(2).stream("walk", i));
    trajectory.advance(UINT64_MAX, 5.0);
    EXPECT_EQ(trajectory.time(), 5.0);
    squares += trajectory.mean_square_displacement();
    const auto n = static_cast<double>(trajectory.events());
    hops += n, hops_squared += n * n;
    returned += trajectory.mean_square_displacement() == 0.0 ? 1 : 0;
  }
  EXPECT_NEAR(squares / walks, 20.0, 4.0 * 20.0 / std::sqrt(walks));
  const double mean = hops / walks;
  EXPECT_NEAR(mean, 20.0, 4.0 * std::sqrt(20.0 / walks));
  EXPECT_NEAR(hops_squared / walks - mean * mean, 20.0, 4.0 * 20.0 * std::sqrt(2.0 / walks));
  EXPECT_NEAR(returned, 0.01634 * walks, 4.0 * std::sqrt(0.01634 * walks));
}

TEST(Trajectory, MovesWithoutForcesLikeTheExclusionProcess) {
  // Symmetric exclusion: every wave decays with exp(-2 k (1 - cos q) t) whatever the density, and all states
  // are alike.
  Trajectory trajectory = gas(50, 0.0, 0.0, true, 3);
  constexpr int samples = 100000;
  constexpr double spacing = 4.0;
  const double q = 2.0 * pi * 4.0 / side;
  std::vector<std::complex<double>> wave;
  for (int i = 1; i <= samples; ++i) {
    trajectory.advance(UINT64_MAX, spacing * i);
    std::complex<double> sum = 0.0;
    trajectory.for_columns(
        [&](std::uint32_t site, std::int32_t) { sum += std::polar(1.0, q * (site % side)); });
    wave.push_back(sum);
  }
  double still = 0.0, moved = 0.0;
  for (std::size_t i = 0; i + 1 < wave.size(); ++i) {
    still += std::norm(wave[i]);
    moved += (std::conj(wave[i]) * wave[i + 1]).real();
  }
  const double n = samples - 1.0;
  // |rho_q|^2 / N = (M - N) / (M - 1), exponentially distributed, correlated over 1 / 1.53 = 0.65 samples: a
  // relative error of sqrt(1.6 / n) = 0.4 %; the same for the decay.
  EXPECT_NEAR(still / n / 50.0, 0.96936, 4.0 * 0.004);
  EXPECT_NEAR(moved / still, std::exp(-2.0 * (1.0 - std::cos(q)) * spacing), 4.0 * 0.004);
  // <B> = 2 N (N - 1) / (M - 1); <monomers> / N = prod (M - N - i) / (M - 1 - i). Densities relax over the
  // lattice in 1 / 0.025 = 40 time units, so 4e5 units hold 1e4 independent values of standard deviations 1.7
  // and 3.
  EXPECT_NEAR(trajectory.integrals().bonds / trajectory.time(), 3.0644152595, 4.0 * 0.017);
  EXPECT_NEAR(trajectory.integrals().monomers / trajectory.time() / 50.0, 0.8828386624, 4.0 * 0.03 / 50.0);
}

TEST(Trajectory, StacksWithoutForcesLikeTheZeroRangeProcess) {
  // <U> = N (N - 1) / (M + N - 1) and 4 M N / (M + N - 1) events per time unit, exactly. 1e5 time units hold
  // 2500 relaxations of standard deviations 1.3 and 5, and many more independent values of the fast part.
  Trajectory trajectory = gas(50, 0.0, 0.0, false, 4);
  trajectory.advance(UINT64_MAX, 1e5);
  EXPECT_NEAR(trajectory.integrals().stacked / 1e5, 1.485749, 4.0 * 1.3 / 50.0);
  EXPECT_NEAR(static_cast<double>(trajectory.events()) / 1e5, 194.0570, 4.0 * 5.0 / 50.0);
}

TEST(Trajectory, BindsTwoAtomsAsOftenAsTheirPartitionFunctionSays) {
  // P(bonded) = 4 e^x / (4 e^x + M - 5).
  for (const auto& [x, expected] :
       {std::pair{5.740002, 0.43823396}, {3.640633, 0.08724864}, {1.412924, 0.01019701}}) {
    Trajectory trajectory = gas(2, x, 0.0, true, 5);
    trajectory.advance(UINT64_MAX, 5e6);
    // Meetings come every ~ (M / 8) / P_free time units; each lasts e^x / 6 at least, in a few returns.
    const double meetings = 5e6 * (1.0 - expected) / (sites / 4.0);
    EXPECT_NEAR(trajectory.integrals().bonds / 5e6 / expected, 1.0, 4.0 * 2.5 / std::sqrt(meetings))
        << "x = " << x;
  }
}

TEST(Trajectory, LetsADimerLiveExponentially) {
  // Each of six ways out has the rate e^-x: mean e^x / 6 = 51.844178.
  Trajectory trajectory = gas(2, 5.740002, 0.0, true, 6);
  std::vector<double> lives;
  bool bonded = false;
  double since = 0.0;
  for (std::uint64_t i = 1; lives.size() < 4000; ++i) {
    trajectory.advance(i);
    const bool now = trajectory.bonds().bonds == 1;
    if (now && !bonded) since = trajectory.time();
    if (!now && bonded) lives.push_back(trajectory.time() - since);
    bonded = now;
  }
  double mean = 0.0;
  for (const double life : lives) mean += life / static_cast<double>(lives.size());
  EXPECT_NEAR(mean, 51.844178, 4.0 * 51.844178 / std::sqrt(static_cast<double>(lives.size())));
  EXPECT_LT(kolmogorov_smirnov(lives, 51.844178), 1.63);
}

TEST(Trajectory, StaysConsistentForAMillionEvents) {
  for (const bool flat : {true, false})
    for (const double x : {0.0, 1.4, 3.6}) {
      Trajectory trajectory = gas(300, x, x / 2.0, flat, 7);
      for (std::uint64_t i = 1; i <= 50; ++i) {
        trajectory.advance(20000 * i);
        ASSERT_NO_THROW(trajectory.check()) << "x = " << x;  // lists, classes, bonds, the integer total rate
      }
      EXPECT_EQ(count_atoms(trajectory.heights()), 300);
    }
}

TEST(Trajectory, RepeatsBitForBitFromOneSeed) {
  Trajectory a = gas(50, 1.4, 0.7, false, 8), b = gas(50, 1.4, 0.7, false, 8),
             c = gas(50, 1.4, 0.7, false, 9);
  a.advance(300000);
  for (std::uint64_t i = 1; i <= 300; ++i) b.advance(1000 * i);  // in pieces
  c.advance(300000);
  EXPECT_EQ(a.heights(), b.heights());
  EXPECT_EQ(a.time(), b.time());
  EXPECT_EQ(a.integrals().bonds, b.integrals().bonds);
  EXPECT_EQ(a.mean_square_displacement(), b.mean_square_displacement());
  EXPECT_NE(a.heights(), c.heights());
  EXPECT_NE(a.time(), c.time());
}

TEST(Trajectory, FollowsDisplacementsThroughEveryKindOfHop) {
  // Crowded: most hops attach, detach, climb or bury. Each changes x + y of one atom by one.
  Trajectory trajectory = gas(200, 1.0, 0.5, false, 10);
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    trajectory.advance(i * 7);
    const double total = trajectory.mean_square_displacement() * 200.0;
    EXPECT_EQ(std::llround(total) % 2, static_cast<long long>(trajectory.events() % 2))
        << "x^2 + y^2 has the parity of x + y";
    EXPECT_NEAR(total, std::round(total), 1e-6);
  }
}

TEST(Trajectory, SaysWhenNothingCanMove) {
  // 60 kT a bond round to no rate at all: a compact square stands still.
  Trajectory trajectory(layered_particle(8, {9}),
                        make_rates(energies_for(60.0, 0.0), test_temperature_K, 9, true), Rng(1));
  EXPECT_EQ(trajectory.advance(10, 5.0), Trajectory::Stop::frozen);
  EXPECT_EQ(trajectory.events(), 0u);
  trajectory.wait_until(5.0);
  EXPECT_EQ(trajectory.integrals().bonds, 60.0) << "12 bonds for 5 time units";
  EXPECT_THROW(trajectory.wait_until(4.0), Error);
}

TEST(Trajectory, PassesAHighClimbBarrierWithoutWaitingForIt) {
  // Every hop of a 5 x 5 x 2 block changes level; at 19 kT one in 2e8 would be let through.
  LatticeEnergies energies = energies_for(1.0, 0.5);
  energies.climb_barrier_eV = 19.0 * boltzmann_eV_per_K * test_temperature_K;
  const RateTable rates = make_rates(energies, test_temperature_K, 50, false);
  Trajectory whole(layered_particle(12, {25, 25}), rates, Rng(1)),
      pieces(layered_particle(12, {25, 25}), rates, Rng(1));
  whole.advance(20000);
  EXPECT_NO_THROW(whole.check());
  EXPECT_GT(whole.time(), 1e6) << "the first hop alone takes e^19 time units over the number of ways";
  for (std::uint64_t i = 1; i <= 20000; ++i) pieces.advance(i);
  EXPECT_EQ(whole.heights(), pieces.heights());
  EXPECT_EQ(whole.time(), pieces.time());
  energies.climb_barrier_eV = 1000.0 * boltzmann_eV_per_K * test_temperature_K;
  Trajectory never(layered_particle(12, {25, 25}), make_rates(energies, test_temperature_K, 50, false),
                   Rng(1));
  EXPECT_EQ(never.advance(10), Trajectory::Stop::frozen);
}

TEST(Trajectory, WorksForTheLargestLattice) {
  const Rng rng(1);
  Trajectory trajectory(random_gas(1024, 100000, false, rng),
                        make_rates(energies_for(1.4, 0.7), test_temperature_K, 100000, false), rng);
  trajectory.advance(2000000);
  EXPECT_NO_THROW(trajectory.check());
}
