// SPDX-License-Identifier: GPL-3.0-or-later
// Which model is chosen when the truth is known? Simulated cycles under each law of
// inference/model_comparison, and one in which a share of 0.3 to 0.6 comes back. Calibration, facets, sizes
// and counts are drawn anew each time.
//
//   model_choice_accuracy --shard 0/2 > a & model_choice_accuracy --shard 1/2 > b; model_choice_accuracy
//   --table a b

#include <algorithm>
#include <cmath>
#include <map>

#include "inference/simulated_holds.h"
#include "sinterscope/inference/model_comparison.h"
#include "study_options.h"

namespace {

using namespace sinterscope;

const char* const truths[] = {"null", "sintering", "irreversible", "entropy", "partly_reversible"};

struct Row {
  const char* name;
  std::vector<double> celsius;
  double area_nm2;
};

std::vector<Row> rows() {
  const std::vector<double> back = {200, 500, 200, 500};
  return {{"cycle,n=36", simulated::up_and_down, 4e4},
          {"cycle,n=9", simulated::up_and_down, 1e4},
          {"200/500/200/500,n=36", back, 4e4},
          {"200/500/200/500,n=9", back, 1e4},
          {"heating-only,n=36", {200, 300, 350, 400, 450, 500}, 4e4}};
}

std::vector<HoldInventory> simulate_cycle(const Row& row, const std::string& truth, Rng& rng) {
  constexpr double dh_eV = -0.16, c_tot = 0.02, facet_sites = 6000.0, spread = 0.18;
  simulated::Programme programme;
  programme.area_nm2 = row.area_nm2;
  const std::vector<double> facets = simulated::draw_facets(programme, rng);
  const double kappa = 0.3 * rng.normal();
  const double share = rng.uniform(0.3, 0.6);
  double peak = 0.0, growth = 0.0;
  std::vector<HoldInventory> holds;
  for (const double celsius : row.celsius) {
    const double temperature = kelvin_from_celsius(celsius);
    if (peak > 0.0 && temperature > peak)
      growth += std::log(1.5) * (temperature - peak) / 100.0;  // per 100 K of new maximum
    peak = std::max(peak, temperature);
    const double now = simulated::inventory(facets, dh_eV, temperature, facet_sites);
    const double kept = simulated::inventory(facets, dh_eV, peak, facet_sites);
    const double jitter = 0.05 * rng.normal();
    double c = c_tot, mu = std::log(2.05);
    if (truth == "sintering") mu += growth;
    if (truth == "irreversible") c = kept;
    if (truth == "entropy") c = now;
    if (truth == "partly_reversible") c = share * now + (1.0 - share) * kept;
    if (truth != "null" && truth != "sintering") mu += jitter;
    holds.push_back(
        simulated::hold_with(simulated::pdo_on_ceria(), c * std::exp(kappa), row.area_nm2, mu, spread, rng));
    holds.back().hold = static_cast<int>(holds.size()) - 1;
    holds.back().temperature_K = temperature;
  }
  return holds;
}

void simulate(const study::Options& options) {
  for (const Row& row : rows())
    for (const std::string truth : truths)
      study::for_each_experiment(options, row.name, [&](std::uint64_t i) {
        Rng rng = Rng(options.seed).stream(std::string(row.name) + truth, i);
        const ModelComparison result =
            compare_models(simulate_cycle(row, truth, rng), simulated::pdo_on_ceria());
        const auto best =
            std::min_element(result.models.begin(), result.models.end() - 1,  // the last is the reference
                             [](const ModelScore& a, const ModelScore& b) { return a.aicc < b.aicc; });
        std::printf("%s %s %s %s %.3f", row.name, truth.c_str(), best->name.c_str(), result.preferred.c_str(),
                    result.returning_share.estimate.value_or(-1.0));
        const Interval& r = result.returning_share.interval95;
        std::printf(" %.3f %.3f", r.low.value_or(-1.0), r.high.value_or(-1.0));
        for (const ModelScore& m : result.models) std::printf(" %.3f %.3f", m.aicc, m.log_evidence);
        std::printf("\n");
      });
}

void print_table(const std::vector<std::string>& files) {
  struct Counts {
    int all = 0;
    std::map<std::string, int> best, preferred;
    std::vector<double> share;
  };
  std::map<std::pair<std::string, std::string>, Counts> counts;
  for (const std::vector<std::string>& words : study::read_shards(files)) {
    if (words.size() < 5) continue;
    Counts& entry = counts[{words[0], words[1]}];
    ++entry.all;
    ++entry.best[words[2]];
    ++entry.preferred[words[3]];
    entry.share.push_back(std::stod(words[4]));
  }
  std::printf(
      "| programme | truth | experiments | lowest AICc | decided | wrong when decided | share "
      "that comes "
      "back, median |\n|---|---|---|---|---|---|---|\n");
  for (const Row& row : rows())
    for (const std::string truth : truths) {
      Counts& entry = counts[{row.name, truth}];
      if (entry.all == 0) continue;
      std::string best;
      for (const auto& [name, count] : entry.best)
        best += (best.empty() ? "" : ", ") + name + " " +
                std::to_string(static_cast<int>(std::lround(100.0 * count / entry.all))) + " %";
      const int decided = entry.all - entry.preferred["undecided"];
      const int wrong = decided - entry.preferred[truth];
      std::sort(entry.share.begin(), entry.share.end());
      const double share = entry.share[entry.share.size() / 2];
      std::printf("| %s | %s | %d | %s | %.0f %% | %d of %d | %s |\n", row.name, truth.c_str(), entry.all,
                  best.c_str(), 100.0 * decided / entry.all, wrong, decided,
                  share < 0.0 ? "–" : std::to_string(share).substr(0, 4).c_str());
    }
}

}  // namespace

int main(int count, char** words) {
  return sinterscope::study::run(count, words, simulate, print_table);
}
