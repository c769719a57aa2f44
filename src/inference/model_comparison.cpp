// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/model_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "sinterscope/core/parallel.h"
#include "sinterscope/inference/entropy_posterior.h"
#include "sinterscope/inference/statistics.h"

namespace sinterscope {
namespace {

constexpr double growth_mean = 0.25;  // of ln(size) from hold to hold, where particles grow at all
constexpr double growth_chance = 0.5;
constexpr double clear_lead = 4.0;
constexpr double strong_lead = 10.0;

/// ln L over ln c of a whole region, if its inventory never changes.
using ConstantTable = std::vector<double>;

/// The common axis of ln(median size): from 0.9 below to 1.45 above the mean of what was seen, fine enough
/// for the best-measured hold.
std::vector<double> size_axis(std::span<const HoldInventory> holds, const SizePrior& prior) {
  std::size_t most = 1;
  for (const HoldInventory& hold : holds) most = std::max(most, hold.particles.size());
  const double width = 2.35;
  const double finest = 0.15 / std::sqrt(static_cast<double>(most));  // a standard error of mu
  const int nodes = std::clamp(static_cast<int>(width / finest), 61, 161);
  std::vector<double> axis;
  for (int i = 0; i < nodes; ++i) axis.push_back(prior.mean_log_nm - 0.9 + width * i / (nodes - 1));
  return axis;
}

/// ln of the transition probabilities between size nodes from one hold to the next: never smaller.
std::vector<double> growth_kernel(const std::vector<double>& axis) {
  const std::size_t n = axis.size();
  std::vector<double> kernel(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    double total = 0.0;
    for (std::size_t j = i; j < n; ++j)
      total += kernel[i * n + j] = std::exp(-(axis[j] - axis[i]) / growth_mean);
    for (std::size_t j = i; j < n; ++j) kernel[i * n + j] *= growth_chance / total;
    kernel[i * n + i] += 1.0 - growth_chance;
  }
  return kernel;
}

std::vector<double> size_log_prior(const std::vector<double>& axis, const SizePrior& prior) {
  std::vector<double> weights;
  for (const double mu : axis) weights.push_back(-0.5 * std::pow((mu - prior.mean_log_nm) / prior.log_sd, 2));
  const double total = log_sum_exp(weights);
  for (double& weight : weights) weight -= total;
  return weights;
}

/// Forward recursion over the holds, at every ln c: sizes constant (no kernel) or never shrinking.
ConstantTable constant_inventory(const std::vector<std::vector<double>>& size_tables,
                                 const std::vector<double>& log_prior, const std::vector<double>* kernel) {
  const std::size_t n = log_prior.size();
  ConstantTable result;
  std::vector<double> state(n), next(n);
  for (std::size_t c = 0; c < log_c_points; ++c) {
    state = log_prior;
    for (std::size_t p = 0; p < size_tables.size(); ++p) {
      if (p > 0 && kernel != nullptr) {
        const double top = *std::max_element(state.begin(), state.end());
        std::fill(next.begin(), next.end(), 0.0);
        for (std::size_t i = 0; i < n; ++i) {
          const double weight = std::exp(state[i] - top);
          if (weight < 1e-200) continue;
          for (std::size_t j = i; j < n; ++j) next[j] += weight * (*kernel)[i * n + j];
        }
        for (std::size_t j = 0; j < n; ++j) state[j] = std::log(std::max(next[j], 1e-300)) + top;
      }
      for (std::size_t i = 0; i < n; ++i) state[i] += size_tables[p][i * log_c_points + c];
    }
    result.push_back(log_sum_exp(state));
  }
  return result;
}

struct BoxSummary {
  double maximum = 0.0, log_evidence = 0.0, log_c = 0.0;
};

/// Maximum and evidence (flat ln c in its box) of a table.
BoxSummary summarise(const ConstantTable& table, double c_min, double c_max) {
  std::vector<double> inside;
  BoxSummary summary;
  summary.maximum = -std::numeric_limits<double>::infinity();
  for (int k = 0; k < log_c_points; ++k) {
    const double log_c = log_c_at(k);
    if (log_c < std::log(c_min) - 1e-9 || log_c > std::log(c_max) + 1e-9) continue;
    const double value = table[static_cast<std::size_t>(k)];
    inside.push_back(value);
    if (value > summary.maximum) {
      summary.maximum = value;
      summary.log_c = log_c;
    }
  }
  summary.log_evidence = log_sum_exp(inside) - std::log(static_cast<double>(inside.size()));
  return summary;
}

struct Data {
  std::vector<RegionObservations> observations;
  int units = 0;  ///< detections plus holds
  bool cooling = false;
};

void score_information(ModelScore& score, int units) {
  const double k = score.free_parameters;
  const double n = units;
  score.bic = -2.0 * score.log_likelihood + k * std::log(n);
  // Without room for the correction the model has as many parameters as there are data.
  const double correction =
      n - k - 1.0 > 0.0 ? 2.0 * k * (k + 1.0) / (n - k - 1.0) : std::numeric_limits<double>::infinity();
  score.aicc = -2.0 * score.log_likelihood + 2.0 * k + correction;
}

std::string region_suffix(const Data& data, std::size_t region) {
  return data.observations.size() == 1 ? std::string() : " " + data.observations[region].region;
}

/// null and sintering: per region one constant c.
std::vector<ModelScore> score_constant(std::span<const HoldInventory> holds, const Sample& sample,
                                       const FitOptions& options, const Data& data, int threads) {
  const SizePrior prior = size_prior(holds, options);
  const std::vector<double> axis = size_axis(holds, prior);
  const std::vector<double> log_prior = size_log_prior(axis, prior);
  const std::vector<double> kernel = growth_kernel(axis);
  std::vector<ModelScore> scores(2);
  scores[0].name = "null";
  scores[1].name = "sintering";
  for (std::size_t r = 0; r < data.observations.size(); ++r) {
    const std::vector<HoldObservation>& own = data.observations[r].holds;
    std::vector<std::vector<double>> tables(own.size());
    parallel_for(own.size(), threads, [&](std::size_t i) {
      tables[i] = hold_size_table(holds[own[i].input], sample, prior, axis, options.closed_regions);
    });
    for (ModelScore& score : scores) {
      const BoxSummary summary =
          summarise(constant_inventory(tables, log_prior, score.name == "sintering" ? &kernel : nullptr),
                    options.c_ad_min, options.c_ad_max);
      score.log_likelihood += summary.maximum;
      score.log_evidence += summary.log_evidence;
      score.free_parameters += 1;
      score.parameters.emplace_back("c_np" + region_suffix(data, r), std::exp(summary.log_c));
    }
  }
  return scores;
}

ModelScore score_saturated(const FitOptions& options, const Data& data) {
  constexpr double lowest_c = 1e-6;  // of its flat prior
  ModelScore score;
  score.name = "saturated";
  for (const RegionObservations& region : data.observations)
    for (const HoldObservation& hold : region.holds) {
      score.log_likelihood += read_table(hold.table).log_likelihood;
      score.log_evidence += summarise(hold.table, lowest_c, options.c_ad_max).log_evidence;
      score.free_parameters += 1;
    }
  return score;
}

/// A law of the entropy family at one returning share.
struct LawResult {
  double share = 1.0, log_evidence = 0.0;
  PosteriorPoint best;
};

/// All laws of the family share one solvus.
class LawFamily {
 public:
  LawFamily(const EntropyProblem& base, int threads)
      : base_(base),
        threads_(threads),
        axes_(posterior_axes(base, {81, 100, 9, 5}, whole_window(base))),
        solvus_(base, axes_, threads) {}

  LawResult evaluate(double share) const {
    EntropyProblem problem = base_;
    problem.returning_share = share;
    const PosteriorGrid grid(problem, axes_, solvus_, threads_);
    return {share, grid.log_evidence(), maximum(problem, grid)};
  }

 private:
  const EntropyProblem& base_;
  int threads_;
  PosteriorAxes axes_;
  SolvusGrid solvus_;
};

ModelScore law_score(const std::string& name, const LawResult& law, double log_evidence,
                     const EntropyProblem& problem, const Data& data, bool free_share) {
  ModelScore score;
  score.name = name;
  score.log_likelihood = law.best.log_posterior;
  score.log_evidence = log_evidence;
  score.free_parameters = 1 + static_cast<int>(data.observations.size()) + (free_share ? 1 : 0);
  score.parameters.emplace_back("dh_ev", law.best.dh_eV);
  for (std::size_t r = 0; r < data.observations.size(); ++r) {
    score.parameters.emplace_back("c_ad" + region_suffix(data, r), std::exp(law.best.log_c[r]));
    score.parameters.emplace_back(
        "facet_spread" + region_suffix(data, r),
        problem.options.facet_spread * std::exp(problem.options.facet_spread_log_sd * law.best.v[r]));
  }
  score.parameters.emplace_back("log_calibration", problem.options.calibration_log_sd * law.best.x);
  if (free_share) score.parameters.emplace_back("returning_share", law.share);
  return score;
}

/// Posterior of the returning share: its evidence interpolated between the evaluated shares.
Estimate estimate_share(const std::vector<LawResult>& laws) {
  std::vector<double> axis, density;
  double top = -std::numeric_limits<double>::infinity();
  for (const LawResult& law : laws) top = std::max(top, law.log_evidence);
  for (int i = 0; i <= 200; ++i) {
    const double share = i / 200.0;
    std::size_t k = 1;
    while (k + 1 < laws.size() && laws[k].share < share) ++k;
    const double part = (share - laws[k - 1].share) / (laws[k].share - laws[k - 1].share);
    axis.push_back(share);
    density.push_back(
        std::exp(laws[k - 1].log_evidence + part * (laws[k].log_evidence - laws[k - 1].log_evidence) - top));
  }
  Estimate estimate;
  estimate.estimate = density_quantile(axis, density, 0.5);
  estimate.interval68 = {density_quantile(axis, density, 0.16), density_quantile(axis, density, 0.84)};
  estimate.interval95 = {density_quantile(axis, density, 0.025), density_quantile(axis, density, 0.975)};
  estimate.bounded = "both";
  return estimate;
}

void set_weights(std::vector<ModelScore>& models) {
  double best = std::numeric_limits<double>::infinity();
  for (const ModelScore& model : models)
    if (model.name != "saturated") best = std::min(best, model.aicc);
  double total = 0.0;
  for (ModelScore& model : models) {
    if (model.name == "saturated" || !std::isfinite(best)) continue;
    total += model.weight = std::exp(-0.5 * (model.aicc - best));
  }
  for (ModelScore& model : models)
    if (total > 0.0) model.weight /= total;
}

const ModelScore& named(const std::vector<ModelScore>& models, const std::string& name) {
  return *std::find_if(models.begin(), models.end(),
                       [&](const ModelScore& model) { return model.name == name; });
}

void decide(ModelComparison& result, const Data& data) {
  std::vector<const ModelScore*> basic;
  for (const char* name : {"null", "sintering", "irreversible", "entropy"})
    basic.push_back(&named(result.models, name));
  std::sort(basic.begin(), basic.end(),
            [](const ModelScore* a, const ModelScore* b) { return a->aicc < b->aicc; });
  result.lead = std::isfinite(basic[1]->aicc) ? basic[1]->aicc - basic[0]->aicc : 0.0;
  const ModelScore& partly = named(result.models, "partly_reversible");
  if (!data.cooling)
    result.messages.push_back({"heating_only",
                               "Heating only: reversible and irreversible redispersion cannot be "
                               "distinguished. Add a hold on the way back."});
  if (basic[0]->aicc - partly.aicc >= clear_lead) {
    result.preferred = partly.name;
    result.lead = basic[0]->aicc - partly.aicc;
  } else if (result.lead >= clear_lead) {
    result.preferred = basic[0]->name;
  }
  if (result.preferred == "undecided") {
    std::string rivals = basic[0]->name;
    for (std::size_t i = 1; i < basic.size(); ++i)
      if (basic[i]->aicc - basic[0]->aicc < clear_lead) rivals += ", " + basic[i]->name;
    result.messages.push_back({"not_distinguished", "Not distinguished by these data: " + rivals + "."});
  } else {
    result.messages.push_back({result.lead >= strong_lead ? "strongly_supported" : "supported",
                               fmt::format("{} is {}supported: its AICc leads by {:.1f}.", result.preferred,
                                           result.lead >= strong_lead ? "strongly " : "", result.lead)});
  }
  if (result.preferred != "undecided" && result.preferred != partly.name && partly.aicc < basic[0]->aicc)
    result.messages.push_back(
        {"partly_not_excluded", fmt::format("A redispersion that comes back in part describes the data a "
                                            "little better still (AICc lower by {:.1f}): "
                                            "{} over its rivals excludes no mixture with them.",
                                            basic[0]->aicc - partly.aicc, result.preferred)});
  if (data.cooling && (result.preferred == "entropy" || result.preferred == "irreversible" ||
                       result.preferred == "partly_reversible"))
    result.messages.push_back(
        {"returning_share",
         fmt::format("Of the metal dispersed by heating, a share of {:.2f} to {:.2f} comes back on "
                     "cooling (95 %).",
                     *result.returning_share.interval95.low, *result.returning_share.interval95.high)});
}

}  // namespace

ModelComparison compare_models(std::span<const HoldInventory> holds, const Sample& sample,
                               const FitOptions& options, int threads) {
  validate(options);
  Data data;
  data.observations = observe(holds, sample, options, threads);
  ModelComparison result;
  if (data.observations.empty()) {
    result.messages.push_back({"not_distinguished", "No hold has a temperature: nothing to compare."});
    return result;
  }
  for (const RegionObservations& region : data.observations)
    for (const HoldObservation& hold : region.holds) {
      data.units += 1 + static_cast<int>(holds[hold.input].particles.size());
      data.cooling = data.cooling || hold.temperature_K < hold.peak_temperature_K - 0.5;
    }
  result.models = score_constant(holds, sample, options, data, threads);

  const EntropyProblem problem{solvus_regions(data.observations, true), options, sample.loading_per_site,
                               1.0};
  std::vector<LawResult> laws;
  // Without a cooling branch every share is the same law: evaluate it once.
  const LawFamily family(problem, threads);
  for (const double share : {0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0}) {
    laws.push_back(data.cooling || laws.empty() ? family.evaluate(share) : laws.front());
    laws.back().share = share;
  }
  result.returning_share = estimate_share(laws);
  if (!data.cooling) result.returning_share = Estimate{};
  double partly_evidence = -std::numeric_limits<double>::infinity();  // trapezoid over r
  for (std::size_t i = 1; i < laws.size(); ++i) {
    const double half = std::log(0.5 * (laws[i].share - laws[i - 1].share));
    partly_evidence = log_sum_exp(
        std::vector<double>{partly_evidence, laws[i - 1].log_evidence + half, laws[i].log_evidence + half});
  }
  const LawResult& best = *std::max_element(
      laws.begin(), laws.end(),
      [](const LawResult& a, const LawResult& b) { return a.best.log_posterior < b.best.log_posterior; });
  result.models.push_back(
      law_score("irreversible", laws.front(), laws.front().log_evidence, problem, data, false));
  result.models.push_back(law_score("entropy", laws.back(), laws.back().log_evidence, problem, data, false));
  result.models.push_back(law_score("partly_reversible", best, partly_evidence, problem, data, true));
  result.models.push_back(score_saturated(options, data));
  for (ModelScore& model : result.models) score_information(model, data.units);
  set_weights(result.models);
  decide(result, data);
  return result;
}

}  // namespace sinterscope
