// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/entropy_posterior.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "inference/simulated_holds.h"
#include "sinterscope/inference/hold_likelihood.h"
#include "sinterscope/inference/statistics.h"

namespace sinterscope {
namespace {

/// Nine tables of one simulated programme (dh = -0.16 eV, c_tot = 0.02), the common input of two
/// implementations.
EntropyProblem reference_problem() {
  std::ifstream file(std::string(SINTERSCOPE_SOURCE_DIR) + "/tests/inference/data/hold_tables.txt");
  RegionObservations region{"1", 4e4, {}};
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream numbers(line);
    HoldObservation hold;
    numbers >> hold.temperature_K;
    for (double value; numbers >> value;) hold.table.push_back(value);
    EXPECT_EQ(hold.table.size(), static_cast<std::size_t>(log_c_points));
    region.holds.push_back(hold);
  }
  EXPECT_EQ(region.holds.size(), 9U);
  return {solvus_regions({region}), FitOptions{}, std::nullopt, 1.0};
}

PosteriorAxes whole_axes(const EntropyProblem& problem, const GridSize& size) {
  return posterior_axes(problem, size, whole_window(problem));
}

double crossing(const std::vector<PosteriorPoint>& points, double top, double drop, bool low) {
  const auto excess = [&](std::size_t i) { return 2.0 * (top - points[i].log_posterior) - drop; };
  std::size_t i = low ? 0 : points.size() - 1;
  while (excess(i) > 0.0) i += low ? 1 : std::size_t(-1);
  const std::size_t out = low ? i - 1 : i + 1;
  return points[out].dh_eV + (points[i].dh_eV - points[out].dh_eV) * excess(out) / (excess(out) - excess(i));
}

double quantile_of(const std::vector<double>& axis, const std::vector<double>& logs, double p) {
  std::vector<double> density;
  const double top = *std::max_element(logs.begin(), logs.end());
  for (const double value : logs) density.push_back(std::exp(value - top));
  return density_quantile(axis, density, p);
}

TEST(EntropyPosterior, AgreesWithTheReferenceFit) {
  const EntropyProblem problem = reference_problem();
  const PosteriorGrid grid(problem, whole_axes(problem, {}), 1);
  const std::vector<PosteriorPoint> points = profile(problem, grid);
  const PosteriorPoint best = maximum(problem, points);
  // Reference: SciPy, cubic splines, Nelder-Mead; the accuracy is the one it states.
  EXPECT_NEAR(-best.log_posterior, 840.394, 1e-2);
  EXPECT_NEAR(best.dh_eV, -0.1669, 1e-3);
  EXPECT_NEAR(best.log_c[0], -4.057, 2e-2);
  EXPECT_NEAR(best.x, 0.071, 2e-2);
  EXPECT_NEAR(best.v[0], -0.449, 2e-2);
  EXPECT_NEAR(crossing(points, best.log_posterior, 0.9889, true), -0.19408, 1e-3);
  EXPECT_NEAR(crossing(points, best.log_posterior, 0.9889, false), -0.13593, 1e-3);
  EXPECT_NEAR(crossing(points, best.log_posterior, 3.8415, true), -0.21841, 1e-3);
  EXPECT_NEAR(crossing(points, best.log_posterior, 3.8415, false), -0.07890, 1e-3);
  const auto quantile = [&](double p) { return quantile_of(grid.axes().dh_eV, grid.log_marginal_dh(), p); };
  EXPECT_NEAR(quantile(0.16), -0.1956, 1e-3);
  EXPECT_NEAR(quantile(0.84), -0.1319, 1e-3);
  EXPECT_NEAR(quantile(0.025), -0.2204, 1e-3);
  EXPECT_NEAR(quantile(0.975), -0.0801, 2e-3);
  EXPECT_NEAR(quantile(0.5), -0.1672, 1e-3);
}

TEST(EntropyPosterior, ProfileIsNeverBelowTheGrid) {
  const EntropyProblem problem = reference_problem();
  const PosteriorGrid grid(problem, whole_axes(problem, {}), 1);
  const std::vector<PosteriorPoint> points = profile(problem, grid);
  for (std::size_t k = 0; k < points.size(); ++k)
    for (std::size_t i = 0; i < grid.axes().x.size(); ++i)
      // 0.02: linear look-up in the refined table against the cubic itself.
      EXPECT_GE(points[k].log_posterior + 0.02,
                grid.log_maximum(0, k, i) - 0.5 * grid.axes().x[i] * grid.axes().x[i]);
}

TEST(EntropyPosterior, RegionsOfKnownLoadingPullOnOneEnthalpyByThemselves) {
  // The same region twice: its evidence at each (dh, x) counts twice.
  EntropyProblem problem = reference_problem();
  problem.loading_per_site = 0.02;
  const PosteriorGrid once(problem, whole_axes(problem, {81, 61, 9, 5}), 1);
  problem.regions.push_back(problem.regions[0]);
  const PosteriorGrid twice(problem, whole_axes(problem, {81, 61, 9, 5}), 1);
  for (std::size_t k = 0; k < 81; k += 10)
    for (std::size_t i = 0; i < 9; ++i)
      EXPECT_NEAR(twice.log_joint(k, i), 2.0 * once.log_joint(k, i) - once.axes().log_weight_x[i], 1e-6);
}

TEST(EntropyPosterior, MovesLessWithTheNumberOfRegionsThanIfTheyHadNothingInCommon) {
  // Eight regions that each know an eighth of what one knows, of one loading.
  constexpr int parts = 8;
  EntropyProblem problem = reference_problem();
  problem.options.facet_spread_log_sd = 0.0;  // each region has a spread of its own, which is no artefact
  const GridSize size{81, 122, 9, 5};
  const PosteriorGrid whole(problem, whole_axes(problem, size), 1);
  for (SolvusTable& table : problem.regions[0].tables)
    for (double& value : table.log_likelihood) value /= parts;
  const PosteriorGrid part(problem, whole_axes(problem, size), 1);
  problem.regions.assign(parts, problem.regions[0]);
  const PosteriorGrid cut(problem, whole_axes(problem, size), 1);
  std::vector<double> by_themselves;  // if no region's loading told of another's
  for (std::size_t k = 0; k < part.axes().dh_eV.size(); ++k) {
    std::vector<double> terms;
    for (std::size_t i = 0; i < part.axes().x.size(); ++i)
      terms.push_back(parts * part.log_joint(k, i) - (parts - 1) * part.axes().log_weight_x[i]);
    by_themselves.push_back(log_sum_exp(terms));
  }
  const std::vector<double>& axis = whole.axes().dh_eV;
  for (const double p : {0.16, 0.5, 0.84}) {
    const double expected = quantile_of(axis, whole.log_marginal_dh(), p);
    const double independent = std::abs(quantile_of(axis, by_themselves, p) - expected);
    EXPECT_GT(independent, 0.025) << p;
    // They may be loaded unlike each other, by as much as 1 in ln c, which costs something.
    EXPECT_LT(std::abs(quantile_of(axis, cut.log_marginal_dh(), p) - expected), 0.6 * independent) << p;
  }
}

std::vector<double> quantiles(const PosteriorGrid& grid) {
  std::vector<double> values;
  for (const double p : {0.025, 0.16, 0.5, 0.84, 0.975})
    values.push_back(quantile_of(grid.axes().dh_eV, grid.log_marginal_dh(), p));
  return values;
}

TEST(EntropyPosterior, GridIsFineEnough) {
  // Halving the steps of c, x and v moves no quantile of dh by more than 1 meV, a hundredth of the interval.
  const EntropyProblem problem = reference_problem();
  const std::vector<double> usual =
      quantiles(PosteriorGrid(problem, whole_axes(problem, {161, 122, 13, 7}), 1));
  const std::vector<double> fine =
      quantiles(PosteriorGrid(problem, whole_axes(problem, {161, 243, 25, 13}), 1));
  for (std::size_t i = 0; i < usual.size(); ++i) EXPECT_NEAR(usual[i], fine[i], 1e-3) << i;
}

TEST(EntropyPosterior, ResolvesThousandsOfParticles) {
  // About 2000 particles with a well-known calibration: narrower than the steps of the whole grid (which is
  // off by 7 meV here). Against a grid with half as many nodes again on all axes the resolved one stays
  // within a tenth of the interval's half-width.
  Rng rng(3);
  simulated::Programme programme;
  programme.celsius = simulated::up_and_down;
  programme.area_nm2 = 6.4e5;
  const std::vector<HoldInventory> holds = simulated::run(programme, simulated::pdo_on_ceria(), rng);
  std::size_t detections = 0;
  for (const HoldInventory& hold : holds) detections += hold.particles.size();
  FitOptions options;
  options.calibration_log_sd = 0.05;
  const EntropyProblem problem{solvus_regions(observe(holds, simulated::pdo_on_ceria(), options)), options,
                               std::nullopt, 1.0};
  const PosteriorGrid whole(problem, whole_axes(problem, {}), 1);
  const PosteriorGrid resolved = resolved_grid(problem, whole, detections, 1);
  const PosteriorGrid fine(problem, posterior_axes(problem, {241, 183, 37, 19}, whole.likely_window(20.0)),
                           1);
  const std::vector<double> usual = quantiles(resolved);
  const std::vector<double> expected = quantiles(fine);
  const double half_width = 0.5 * (expected.back() - expected.front());
  for (std::size_t i = 0; i < usual.size(); ++i) EXPECT_NEAR(usual[i], expected[i], 0.1 * half_width) << i;
}

}  // namespace
}  // namespace sinterscope
