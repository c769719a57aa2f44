// SPDX-License-Identifier: GPL-3.0-or-later
// The paper's three lattices, flat and stacked, from both starts, against independent non-local Monte Carlo:
//   kmc_accuracy [events, default 4e8] [threads, default 1]
// Prints one row per run: speed, averages with errors, distance from the reference in standard errors (pull),
// and where the lattice stands against Eq. (4) of Zhu et al. Then the transition temperature against that of
// Eq. (4).
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "sinterscope/core/units.h"
#include "sinterscope/kmc/phase_diagram.h"

using namespace sinterscope;

namespace {

struct Case {
  const char* name;
  bool flat;
  double temperature_K, dh_eV;
  double monomers, monomers_se, largest,
      largest_se;  ///< reference: monomers / N and atoms of the largest cluster
};

constexpr Case cases[] = {
    {"A flat", true, 773.0, -0.16, 0.6349, 1e-4, 3.797, 0.002},
    {"B flat", true, 773.0, -0.65, 0.00066, 2e-5, 49.967, 0.001},
    {"C flat", true, 300.0, -0.16, 0.0318, 2e-4, 48.08, 0.01},
    {"A stacked", false, 773.0, -0.16, 0.6170, 1e-4, 3.764, 0.002},
    {"B stacked", false, 773.0, -0.65, 0.00031, 3e-5, 49.984, 0.002},
    {"C stacked", false, 300.0, -0.16, 0.0310, 1e-4, 48.22, 0.01},
};

double pull(const SeriesMean& measured, double scale, double reference, double reference_se) {
  return (measured.mean * scale - reference) / std::hypot(measured.standard_error * scale, reference_se);
}

/// Eq. (4): ln((1 - c) / c) = 1 - dh / kT.
double equation_4(double dh_eV, double temperature_K) {
  return 1.0 / (1.0 + std::exp(1.0 - dh_eV / (boltzmann_eV_per_K * temperature_K)));
}

void print_case(const Case& c, const char* start, double events) {
  KmcRun run;
  run.options.flat = c.flat;
  run.options.dh_eV = c.dh_eV;
  run.options.start = start;
  run.program = {{c.temperature_K, c.temperature_K, events, 0.0}};
  NoProgress silent;
  const std::clock_t before = std::clock();
  const KmcResult result = run_kmc(run, Rng(1), silent);
  const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  const HoldAverages& h = result.holds.front();
  const double ratio = h.c_ad / equation_4(c.dh_eV, c.temperature_K);
  fmt::print(
      "{:10} {:8} {:8.1f} {:9.6f} {:8.6f} {:5.1f} {:8.3f} {:6.3f} {:5.1f} {:9.3e} {:6.2f} {:>8} {:>8} "
      "{:>5}\n",
      c.name, start, events / seconds * 1e-6, h.monomers.mean / 50.0, h.monomers.standard_error / 50.0,
      pull(h.monomers, 0.02, c.monomers, c.monomers_se), h.largest_atoms.mean, h.largest_atoms.standard_error,
      pull(h.largest_atoms, 1.0, c.largest, c.largest_se), h.c_ad, ratio,
      h.dh_largest_eV ? fmt::format("{:.4f}", h.dh_largest_eV->mean) : "-",
      h.dh_marginal_eV ? fmt::format("{:.4f}", *h.dh_marginal_eV) : "-",
      h.entropy_k ? fmt::format("{:.2f}", *h.entropy_k) : "-");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const double events = argc > 1 ? std::atof(argv[1]) : 4e8;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
  fmt::print("{:10} {:8} {:>8} {:>9} {:>8} {:>5} {:>8} {:>6} {:>5} {:>9} {:>6} {:>8} {:>8} {:>5}\n", "case",
             "start", "Mev/s", "mono/N", "se", "pull", "largest", "se", "pull", "c_ad", "/Eq.4", "dh_L",
             "dh_marg", "s/k");
  for (const Case& c : cases)
    for (const char* start : {"gas", "particle"}) print_case(c, start, events);

  fmt::print("\ntransition temperature for -0.16 eV, 50 atoms on 1600 sites (Eq. (4): c = c*_ad at 763 K)\n");
  for (const bool flat : {true, false}) {
    KmcOptions lattice;
    lattice.flat = flat;
    PhaseOptions grid;
    grid.from_K = 380.0;
    grid.to_K = 480.0;
    grid.temperatures = 11;
    grid.from_dh_eV = -0.16;
    grid.enthalpies = 1;
    grid.events = events / 4.0;
    NoProgress silent;
    const PhaseTransition t = map_phases(lattice, grid, Rng(2), threads, silent).transitions.front();
    if (t.temperature_K)
      fmt::print("{:8} {:.1f} +- {:.1f} K\n", flat ? "flat" : "stacked", *t.temperature_K,
                 *t.standard_error_K);
  }
  return 0;
}
