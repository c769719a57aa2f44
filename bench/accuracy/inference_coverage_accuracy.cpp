// SPDX-License-Identifier: GPL-3.0-or-later
// How often do the intervals of dh and c_ad hold the truth? Simulated programmes
// (tests/inference/simulated_holds.h) in which everything the fit integrates out is drawn anew each time:
// calibration, facets, sizes, counts, sizing errors, false detections. The simulator's solvus is the kinked
// one averaged over its facets, not the fitted formula.
//
//   inference_coverage_accuracy --shard 0/2 > a & inference_coverage_accuracy --shard 1/2 > b;
//   inference_coverage_accuracy --table a b

#include <algorithm>
#include <cmath>
#include <map>

#include "inference/simulated_holds.h"
#include "sinterscope/inference/fit.h"
#include "sinterscope/inference/statistics.h"
#include "study_options.h"

namespace {

using namespace sinterscope;

struct Row {
  const char* name;
  std::vector<double> celsius;
  double dh_eV, c_tot, facet_spread, area_nm2;
  double calibration_log_sd = 0.3;
  bool new_facets = false;
  bool from_prior = false;      ///< truth drawn from the prior of the fit
  double loading_log_sd = 0.0;  ///< above 0: the loading is known with this error
  int regions = 1;
  bool closed_data = false, closed_fit = false;  ///< the same atoms in all holds; and said so to the fit
};

std::vector<Row> rows() {
  const std::vector<double> cycle = simulated::up_and_down;
  const std::vector<double> up = {200, 300, 350, 400, 450, 500};
  const std::vector<double> hotter = {200, 300, 400, 500, 550, 600};
  const std::vector<double> paper = simulated::paper_programme;
  std::vector<Row> list = {
      {"cycle", cycle, -0.16, 0.02, 0.3, 4e4},
      {"cycle,equal-facets", cycle, -0.16, 0.02, 0.0, 4e4},
      {"cycle,facets-0.5", cycle, -0.16, 0.02, 0.5, 4e4},
      {"cycle,facets-0.8", cycle, -0.16, 0.02, 0.8, 4e4},
      {"cycle,new-facets-0.5", cycle, -0.16, 0.02, 0.5, 4e4, 0.3, true},
      {"heating-only", up, -0.16, 0.02, 0.3, 4e4},
      {"cycle,quarter-area", cycle, -0.16, 0.02, 0.3, 1e4},
      {"cycle,4x-area,calibrated", cycle, -0.16, 0.02, 0.3, 16e4, 0.1},
      {"cycle,deep", cycle, -0.25, 0.008, 0.3, 6e4},
      {"never-dispersed", hotter, -0.25, 0.02, 0.3, 4e4},
      {"paper", paper, -0.16, 0.02, 0.3, 4e4},
      {"paper,deep", paper, -0.25, 0.008, 0.3, 6e4},
      {"prior-draws", cycle, 0.0, 0.0, 0.0, 4e4, 0.3, false, true},
  };
  list.push_back({"paper,loading-known", paper, -0.16, 0.02, 0.3, 4e4, 0.3, false, false, 0.3});
  list.push_back({"cycle,two-regions", cycle, -0.16, 0.02, 0.3, 2e4, 0.3, false, false, 0.0, 2});
  list.push_back({"paper,eight-regions", paper, -0.16, 0.02, 0.3, 5e3, 0.3, false, false, 0.0, 8});
  list.push_back({"cycle,closed-data", cycle, -0.16, 0.02, 0.3, 4e4, 0.3, false, false, 0.0, 1, true, false});
  list.push_back(
      {"cycle,closed-data,closed-fit", cycle, -0.16, 0.02, 0.3, 4e4, 0.3, false, false, 0.0, 1, true, true});
  return list;
}

struct Result {
  double dh = 0.0, c = 0.0, median = 0.0, mode = 0.0;
  double quantile[4] = {};  ///< posterior 2.5, 16, 84, 97.5 %
  double ratio = 0.0;       ///< 2 (top - profile at the truth)
  double width_profile = 0.0;
  double c_low = 0.0, c_high = 1.0;  ///< reported 95 % interval of c_ad, open ends at 0 and 1
};

double interpolate(const std::vector<double>& axis, const std::vector<double>& values, double at) {
  std::size_t i = 1;
  while (i + 1 < axis.size() && axis[i] < at) ++i;
  return values[i - 1] + (values[i] - values[i - 1]) * (at - axis[i - 1]) / (axis[i] - axis[i - 1]);
}

Result experiment(const Row& row, Rng rng) {
  const Sample material = simulated::pdo_on_ceria();
  Sample sample = material;
  FitOptions options;
  options.calibration_log_sd = row.calibration_log_sd;
  simulated::Programme programme;
  programme.celsius = row.celsius;
  programme.dh_eV = row.dh_eV;
  programme.c_tot = row.c_tot;
  programme.facet_spread = row.facet_spread;
  programme.area_nm2 = row.area_nm2;
  programme.new_facets_each_hold = row.new_facets;
  programme.closed = row.closed_data;
  options.closed_regions = row.closed_fit;
  programme.kappa = row.calibration_log_sd * rng.normal();
  if (row.from_prior) {
    options.c_ad_min = 1e-3;
    options.c_ad_max = 0.05;
    programme.dh_eV = rng.uniform(options.dh_min_eV, 0.0);
    programme.c_tot = std::exp(rng.uniform(std::log(options.c_ad_min), std::log(options.c_ad_max)));
    programme.facet_spread =
        options.facet_spread * std::exp(options.facet_spread_log_sd * std::clamp(rng.normal(), -2.4, 2.0));
  }
  if (row.loading_log_sd > 0.0) {
    options.loading_log_sd = row.loading_log_sd;
    sample.loading_per_site = programme.c_tot * std::exp(row.loading_log_sd * rng.normal());
  }
  std::vector<HoldInventory> holds;
  for (int r = 0; r < row.regions; ++r) {
    programme.region = std::to_string(r + 1);
    const std::vector<HoldInventory> more = simulated::run(programme, material, rng);
    holds.insert(holds.end(), more.begin(), more.end());
    programme.c_tot *= 0.6;  // the second region carries less
  }
  const EntropyFit fit = fit_entropy_model(holds, sample, options);
  Result result;
  result.dh = programme.dh_eV;
  result.c = programme.c_tot / std::pow(0.6, row.regions);
  const double probabilities[] = {0.025, 0.16, 0.84, 0.975};
  for (int i = 0; i < 4; ++i)
    result.quantile[i] = density_quantile(fit.grid_dh_eV, fit.posterior_density, probabilities[i]);
  result.median = fit.posterior_median_dh_eV;
  result.mode = fit.maximum_dh_eV;
  const double top = *std::max_element(fit.profile_log_likelihood.begin(), fit.profile_log_likelihood.end());
  result.ratio = 2.0 * (top - interpolate(fit.grid_dh_eV, fit.profile_log_likelihood, result.dh));
  result.width_profile =
      fit.dh_eV.profile95.high.value_or(0.0) - fit.dh_eV.profile95.low.value_or(options.dh_min_eV);
  result.c_low = fit.regions[0].c_ad.interval95.low.value_or(0.0);
  result.c_high = fit.regions[0].c_ad.interval95.high.value_or(1.0);
  return result;
}

void simulate(const study::Options& options) {
  for (const Row& row : rows())
    study::for_each_experiment(options, row.name, [&](std::uint64_t i) {
      const Result r = experiment(row, Rng(options.seed).stream(row.name, i));
      std::printf("%s %.5f %.6f %.5f %.5f %.5f %.5f %.5f %.5f %.4f %.5f %.6f %.6f\n", row.name, r.dh, r.c,
                  r.median, r.mode, r.quantile[0], r.quantile[1], r.quantile[2], r.quantile[3], r.ratio,
                  r.width_profile, r.c_low, r.c_high);
    });
}

double median_of(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

void print_table(const std::vector<std::string>& files) {
  std::map<std::string, std::vector<Result>> results;
  for (const std::vector<std::string>& words : study::read_shards(files)) {
    if (words.size() != 13) continue;
    Result r;
    double* const fields[] = {&r.dh,          &r.c,           &r.median,      &r.mode,  &r.quantile[0],
                              &r.quantile[1], &r.quantile[2], &r.quantile[3], &r.ratio, &r.width_profile,
                              &r.c_low,       &r.c_high};
    for (std::size_t i = 0; i < 12; ++i) *fields[i] = std::stod(words[i + 1]);
    results[words[0]].push_back(r);
  }
  std::printf(
      "| programme | experiments | Bayes 68 / 95 | profile 68 / 95 | bias of median / maximum (meV) | median "
      "95 %% width "
      "Bayes / profile (meV) | c_ad 95 |\n|---|---|---|---|---|---|---|\n");
  for (const Row& row : rows()) {
    const std::vector<Result>& list = results[row.name];
    if (list.empty()) continue;
    const double n = static_cast<double>(list.size());
    double bayes68 = 0, bayes95 = 0, profile68 = 0, profile95 = 0, bias = 0, bias_mode = 0, c95 = 0;
    std::vector<double> width, width_profile;
    for (const Result& r : list) {
      bayes95 += (r.quantile[0] <= r.dh && r.dh <= r.quantile[3]) / n;
      bayes68 += (r.quantile[1] <= r.dh && r.dh <= r.quantile[2]) / n;
      profile68 += (r.ratio <= 0.9889) / n;
      profile95 += (r.ratio <= 3.8415) / n;
      bias += 1e3 * (r.median - r.dh) / n;
      bias_mode += 1e3 * (r.mode - r.dh) / n;
      c95 += (r.c_low <= r.c && r.c <= r.c_high) / n;
      width.push_back(1e3 * (r.quantile[3] - r.quantile[0]));
      width_profile.push_back(1e3 * r.width_profile);
    }
    std::printf("| %s | %zu | %.2f / %.3f | %.2f / %.3f | %+.0f / %+.0f | %.0f / %.0f | %.3f |\n", row.name,
                list.size(), bayes68, bayes95, profile68, profile95, bias, bias_mode, median_of(width),
                median_of(width_profile), c95);
  }
}

}  // namespace

int main(int count, char** words) {
  return sinterscope::study::run(count, words, simulate, print_table);
}
