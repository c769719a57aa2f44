// SPDX-License-Identifier: GPL-3.0-or-later
// How far off is the interfacial fraction of Pd 3d spectra, and how often do its intervals hold the truth?
// Simulated series at 500, 300 and 500 C (tests/inference/simulated_spectra.h), each with positions, widths
// and ratio drawn anew.
//
//   xps_accuracy --shard 0/2 > a & xps_accuracy --shard 1/2 > b;  xps_accuracy --table a b

#include <cmath>
#include <map>

#include "inference/simulated_spectra.h"
#include "sinterscope/inference/xps_fit.h"
#include "study_options.h"

namespace {

using namespace sinterscope;
using simulated::SpectraTruth;
using simulated::TrueBackground;

struct Row {
  std::string name;
  SpectraTruth truth;
  XpsOptions options;
};

std::vector<Row> rows() {
  std::vector<Row> list;
  const auto add = [&](const std::string& name, double hot, double cold, const auto& change) {
    Row row{name, {}, {}};
    row.truth.fractions = {hot, cold, hot};
    change(row);
    list.push_back(row);
  };
  const auto as_is = [](Row&) {};
  add("0.9/0.5/0.9", 0.9, 0.5, as_is);
  add("0.6/0.3/0.6", 0.6, 0.3, as_is);
  add("0.4/0.1/0.4", 0.4, 0.1, as_is);
  add("0.6/0.3/0.6,linear", 0.6, 0.3, [](Row& row) {
    row.truth.background = TrueBackground::linear;
    row.options.background = "linear";
  });
  add("0.6/0.3/0.6,pseudo_voigt", 0.6, 0.3, [](Row& row) { row.options.profile = "pseudo_voigt"; });
  add("0.9/0.1/0.9,pseudo_voigt", 0.9, 0.1, [](Row& row) { row.options.profile = "pseudo_voigt"; });
  add("0.6/0.3/0.6,losses", 0.6, 0.3, [](Row& row) { row.truth.background = TrueBackground::losses; });
  add("0.6/0.3/0.6,losses-0.3", 0.6, 0.3, [](Row& row) {
    row.truth.background = TrueBackground::losses;
    row.truth.loss_share = 0.3;
  });
  add("0.6/0.3/0.6,classical-shirley", 0.6, 0.3, [](Row& row) { row.options.background = "shirley"; });
  add("0.6/0.3/0.6,tenth-counts", 0.6, 0.3, [](Row& row) {
    row.truth.line_counts /= 10.0;
    row.truth.background_counts /= 10.0;
  });
  return list;
}

void simulate(const study::Options& options) {
  for (const Row& row : rows())
    study::for_each_experiment(options, row.name, [&](std::uint64_t i) {
      Rng rng = Rng(options.seed).stream(row.name, i);
      const auto spectra = simulated::simulate_spectra(row.truth, rng);
      const XpsFit fit = fit_xps(spectra, row.options);
      std::printf("%s", row.name.c_str());
      const auto print = [](double truth, const Estimate& e) {
        std::printf(" %.4f %.5f %.5f %.5f %.5f %.5f", truth, e.estimate.value_or(0.5), *e.interval68.low,
                    *e.interval68.high, *e.interval95.low, *e.interval95.high);
      };
      print(row.truth.fractions[0], fit.spectra[0].fraction);
      print(row.truth.fractions[1], fit.spectra[1].fraction);
      print(row.truth.fractions[1] - row.truth.fractions[0], fit.changes[0].change);
      std::printf(" %.4f %d %.4f %.4f\n", fit.goodness_p, fit.converged ? 1 : 0, fit.dispersion,
                  fit.fwhm_eV.value);
    });
}

struct Column {
  double bias = 0.0, spread = 0.0, inside68 = 0.0, inside95 = 0.0, width = 0.0;
};

void print_table(const std::vector<std::string>& files) {
  std::map<std::string, std::vector<std::vector<double>>> lines;
  for (const auto& words : study::read_shards(files)) {
    std::vector<double> numbers;
    for (std::size_t i = 1; i < words.size(); ++i) numbers.push_back(std::stod(words[i]));
    lines[words[0]].push_back(numbers);
  }
  std::printf(
      "| fractions at 500 / 300 / 500 C | series | bias, points: hot, cold, change | s.d., points | within "
      "68 %% | "
      "within 95 %% | mean half width of 95 %%, points | p < 0.01 |\n|---|---|---|---|---|---|---|---|\n");
  for (const Row& row : rows()) {
    const auto& list = lines[row.name];
    if (list.empty()) continue;
    const double n = static_cast<double>(list.size());
    Column column[3];
    double poor = 0.0;
    for (int c = 0; c < 3; ++c) {
      double square = 0.0;
      for (const auto& v : list) {
        const double* e = v.data() + 6 * c;
        column[c].bias += (e[1] - e[0]) / n;
        square += (e[1] - e[0]) * (e[1] - e[0]) / n;
        column[c].inside68 += (e[2] <= e[0] && e[0] <= e[3]) / n;
        column[c].inside95 += (e[4] <= e[0] && e[0] <= e[5]) / n;
        column[c].width += 0.5 * (e[5] - e[4]) / n;
      }
      column[c].spread = std::sqrt(square - column[c].bias * column[c].bias);
    }
    for (const auto& v : list) poor += (v[18] < 0.01) / n;
    const auto three = [&](double Column::*field, double factor, const char* format) {
      std::string text;
      for (int c = 0; c < 3; ++c) {
        char buffer[32];
        std::snprintf(buffer, sizeof buffer, format, factor * column[c].*field);
        text += (c > 0 ? ", " : "") + std::string(buffer);
      }
      return text;
    };
    std::printf("| %s | %zu | %s | %s | %s | %s | %s | %.3f |\n", row.name.c_str(), list.size(),
                three(&Column::bias, 100.0, "%+.2f").c_str(), three(&Column::spread, 100.0, "%.1f").c_str(),
                three(&Column::inside68, 1.0, "%.2f").c_str(), three(&Column::inside95, 1.0, "%.3f").c_str(),
                three(&Column::width, 100.0, "%.1f").c_str(), poor);
  }
}

}  // namespace

int main(int count, char** words) {
  return sinterscope::study::run(count, words, simulate, print_table);
}
