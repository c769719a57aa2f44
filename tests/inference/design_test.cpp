// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/design.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "inference/simulated_holds.h"
#include "sinterscope/inference/observations.h"
#include "sinterscope/inference/statistics.h"

namespace sinterscope {
namespace {

struct Fitted {
  EntropyProblem problem;
  PosteriorGrid grid;
};

Fitted fitted(const std::vector<HoldInventory>& holds, const GridSize& size = {}) {
  const FitOptions options;
  EntropyProblem problem{solvus_regions(observe(holds, simulated::pdo_on_ceria(), options)), options,
                         std::nullopt, 1.0};
  PosteriorGrid grid(problem, posterior_axes(problem, size, whole_window(problem)), 1);
  return {std::move(problem), std::move(grid)};
}

std::vector<HoldInventory> cycle(std::vector<double> celsius, std::uint64_t seed) {
  Rng rng(seed);
  simulated::Programme programme;
  programme.celsius = std::move(celsius);
  return simulated::run(programme, simulated::pdo_on_ceria(), rng);
}

double dh_sd(const PosteriorGrid& grid) {
  const std::vector<double> logs = grid.log_marginal_dh();
  const double top = *std::max_element(logs.begin(), logs.end());
  double sum = 0, first = 0, second = 0;
  for (std::size_t k = 0; k < logs.size(); ++k) {
    const double weight = std::exp(logs[k] - top), dh = grid.axes().dh_eV[k];
    sum += weight;
    first += weight * dh;
    second += weight * dh * dh;
  }
  return std::sqrt(second / sum - first / sum * first / sum);
}

TEST(PosteriorDraws, FollowTheMarginalsOfTheGrid) {
  const Fitted fit = fitted(cycle(simulated::up_and_down, 3));
  const std::vector<PosteriorDraw> draws = posterior_draws(fit.problem, fit.grid, 2000);
  double mean = 0.0, square = 0.0;
  for (const PosteriorDraw& draw : draws) {
    mean += draw.dh_eV / 2000.0;
    square += draw.dh_eV * draw.dh_eV / 2000.0;
    EXPECT_LE(draw.dh_eV, 0.0);
    EXPECT_EQ(draw.log_c.size(), 1U);
  }
  // Stratified draws: the s.d. of dh agrees far better than 1/sqrt(2 n) = 1.6 %.
  EXPECT_NEAR(std::sqrt(square - mean * mean) / dh_sd(fit.grid), 1.0, 0.02);
}

TEST(NextTemperature, KeepsWhatItPromises) {
  // Two temperatures, then the proposed third is measured (mean over five truths drawn from the posterior):
  // the s.d. of dh must shrink about as foretold. 0.2: the scatter of five simulated outcomes.
  const std::vector<HoldInventory> holds = cycle(simulated::paper_programme, 5);
  const Fitted before = fitted(holds);
  const std::vector<PosteriorDraw> draws = posterior_draws(before.problem, before.grid, 1000);
  const double per_c = detections_per_concentration(holds[1], simulated::pdo_on_ceria(), std::log(2.05), 0.2);
  std::vector<double> candidates;
  for (double temperature = 423.0; temperature < 800.0; temperature += 10.0)
    candidates.push_back(temperature);
  const NextTemperature next = next_temperature(before.problem, draws, 0, per_c, candidates);
  ASSERT_LT(next.sd_ratio, 0.95);
  Rng rng(2);
  double ratio = 0.0;
  for (const std::size_t s : {100U, 300U, 500U, 700U, 900U}) {
    std::vector<HoldInventory> more = holds;
    const double c = foretold_c_np(before.problem, draws[s], 0, next.temperature_K);
    more.push_back(simulated::hold_with(simulated::pdo_on_ceria(), c, 4e4, std::log(2.05), 0.18, rng));
    more.back().hold = 3;
    more.back().temperature_K = next.temperature_K;
    ratio += std::pow(dh_sd(fitted(more).grid) / dh_sd(before.grid), 2) / 5.0;
  }
  EXPECT_NEAR(std::sqrt(ratio), next.sd_ratio, 0.2);
  EXPECT_LT(std::sqrt(ratio), 1.0);
}

/// Mean variance of dh after one more hold at this temperature, over truths drawn from the posterior.
double variance_after(const std::vector<HoldInventory>& holds, const Fitted& before,
                      const std::vector<PosteriorDraw>& truths, double temperature_K) {
  constexpr GridSize coarse{81, 61, 9, 5};
  double mean = 0.0;
  for (std::size_t s = 0; s < truths.size(); ++s) {
    Rng rng = Rng(4).stream("more", s);  // the same truths and the same luck at every temperature
    std::vector<HoldInventory> more = holds;
    const double c = foretold_c_np(before.problem, truths[s], 0, temperature_K);
    more.push_back(simulated::hold_with(simulated::pdo_on_ceria(), c, 4e4, std::log(2.05), 0.18, rng));
    more.back().hold = static_cast<int>(holds.size());
    more.back().temperature_K = temperature_K;
    mean += std::pow(dh_sd(fitted(more, coarse).grid), 2) / static_cast<double>(truths.size());
  }
  return mean;
}

TEST(NextTemperature, IsTheBestOfThoseTried) {
  // Every 40 K is tried on 24 truths. The proposal may lose by the scatter of the mean of 24 paired
  // variances, which differ by some 25 % each from one temperature to the next: 5 %, doubled.
  const std::vector<double> stopped_early = {200, 300, 400};
  for (const std::vector<double>& programme : {simulated::paper_programme, stopped_early}) {
    const std::vector<HoldInventory> holds = cycle(programme, 5);
    const Fitted before = fitted(holds);
    const std::vector<PosteriorDraw> draws = posterior_draws(before.problem, before.grid, 1200);
    std::vector<PosteriorDraw> truths;
    for (std::size_t s = 37; s < draws.size(); s += 75) truths.push_back(draws[s]);
    const double per_c =
        detections_per_concentration(holds[0], simulated::pdo_on_ceria(), std::log(2.05), 0.2);
    std::vector<double> candidates;
    for (double temperature = 433.0; temperature < 880.0; temperature += 80.0)
      candidates.push_back(temperature);
    const NextTemperature next = next_temperature(before.problem, draws, 0, per_c, candidates);
    const double proposed = variance_after(holds, before, truths, next.temperature_K);
    double best = proposed, worst = proposed;
    for (const double temperature : candidates) {
      const double variance = variance_after(holds, before, truths, temperature);
      best = std::min(best, variance);
      worst = std::max(worst, variance);
      RecordProperty("sd_at_" + std::to_string(static_cast<int>(temperature)),
                     std::to_string(std::sqrt(variance)));
    }
    EXPECT_LT(proposed, 1.12 * best) << next.temperature_K;
    EXPECT_GT(worst, 1.3 * proposed);  // it matters where one measures
  }
}

}  // namespace
}  // namespace sinterscope
