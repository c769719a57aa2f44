// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/inference/model_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "constant_laws.h"
#include "sinterscope/inference/entropy_posterior.h"
#include "sinterscope/inference/statistics.h"

namespace sinterscope {
namespace {

constexpr double clear_lead = 4.0;
constexpr double strong_lead = 10.0;
constexpr double positive_evidence = 3.0;  // Bayes factor, "positive" by Kass and Raftery

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

struct ConstantScores {
  std::vector<ModelScore> models;
  double size_gain = 0.0;  ///< in ln L, of the laws that let the inventory change
};

/// null and sintering: per region one constant c. Where it is shown to change the other laws may have sizes
/// that do not: else they would lose, hold by hold, what null gains from equal sizes and not from equal
/// inventories.
ConstantScores score_constant(std::span<const HoldInventory> holds, const Sample& sample,
                              const FitOptions& options, const Data& data, int threads) {
  constexpr double shown = 0.05;
  ConstantScores result;
  std::vector<ModelScore>& scores = result.models;
  scores.resize(2);
  scores[0].name = "null";
  scores[1].name = "sintering";
  double change = 0.0, gain = 0.0;
  int degrees = 0;
  for (std::size_t r = 0; r < data.observations.size(); ++r) {
    const ConstantLaws laws = constant_laws(holds, data.observations[r], sample, options, threads);
    change += 2.0 * std::max(0.0, laws.same_sizes - laws.null.maximum);
    gain += std::max(0.0, laws.same_sizes - laws.own_sizes);
    degrees += static_cast<int>(data.observations[r].holds.size()) - 1;
    for (ModelScore& score : scores) {
      const BoxSummary& summary = score.name == "null" ? laws.null : laws.sintering;
      score.log_likelihood += summary.maximum;
      score.log_evidence += summary.log_evidence;
      score.free_parameters += 1;
      score.parameters.emplace_back("c_np" + region_suffix(data, r), std::exp(summary.log_c));
    }
  }
  if (degrees > 0 && chi_square_survival(change, degrees) < shown) result.size_gain = gain;
  return result;
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

  /// The best share between two, from a law nearby: golden section on the maximum over all else.
  LawResult best_share(const LawResult& nearby, double low, double high) const {
    constexpr double golden = 0.618033988749895;
    LawResult best = nearby;
    const auto height = [&](double share) {
      EntropyProblem problem = base_;
      problem.returning_share = share;
      PosteriorPoint start = best.best;
      start.log_posterior = -std::numeric_limits<double>::infinity();  // that of another share
      const PosteriorPoint end = maximum(problem, std::vector<PosteriorPoint>{start});
      if (end.log_posterior > best.best.log_posterior) best = {share, best.log_evidence, end};
      return end.log_posterior;
    };
    double left = high - golden * (high - low), right = low + golden * (high - low);
    double at_left = height(left), at_right = height(right);
    while (high - low > 0.02) {
      if (at_left > at_right) {
        high = right;
        right = left;
        at_right = at_left;
        at_left = height(left = high - golden * (high - low));
      } else {
        low = left;
        left = right;
        at_left = at_right;
        at_right = height(right = low + golden * (high - low));
      }
    }
    return best;
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

/// The four laws without a mixture, best first.
std::vector<const ModelScore*> pure_laws(const std::vector<ModelScore>& models) {
  std::vector<const ModelScore*> pure;
  for (const char* name : {"null", "sintering", "irreversible", "entropy"})
    pure.push_back(&named(models, name));
  std::sort(pure.begin(), pure.end(),
            [](const ModelScore* a, const ModelScore* b) { return a->aicc < b->aicc; });
  return pure;
}

std::string share_sentence(const Estimate& share) {
  return fmt::format(
      "Of the metal dispersed by heating, a share of {:.2f} to {:.2f} comes back on cooling (95 %).",
      *share.interval95.low, *share.interval95.high);
}

void decide(ModelComparison& result, const Data& data) {
  const std::vector<const ModelScore*> pure = pure_laws(result.models);
  const ModelScore& partly = named(result.models, "partly_reversible");
  result.lead = std::isfinite(pure[1]->aicc) ? pure[1]->aicc - pure[0]->aicc : 0.0;
  const bool mixture = pure[0]->aicc - partly.aicc >= clear_lead;
  const bool of_mixture = pure[0]->name == "entropy" || pure[0]->name == "irreversible";
  std::vector<std::string> rivals;
  if (mixture) {
    result.preferred = partly.name;
    result.lead = pure[0]->aicc - partly.aicc;
  } else if (result.lead < clear_lead) {
    for (const ModelScore* law : pure)
      if (law->aicc - pure[0]->aicc < clear_lead) rivals.push_back(law->name);
  } else if (of_mixture && pure[0]->log_evidence - partly.log_evidence < std::log(positive_evidence)) {
    result.lead = std::abs(pure[0]->aicc - partly.aicc);
    rivals = {pure[0]->name, partly.name};
  } else {
    result.preferred = pure[0]->name;
  }
  result.not_excluded = result.preferred == "undecided" ? rivals : std::vector<std::string>{result.preferred};
  if (!data.cooling)
    result.messages.push_back({"heating_only",
                               "Heating only: reversible and irreversible redispersion cannot be "
                               "distinguished. Add a hold on the way back."});
  if (result.preferred == "undecided")
    result.messages.push_back({"not_distinguished", fmt::format("Cannot be told apart by these data: {}.",
                                                                fmt::join(rivals, ", "))});
  else
    result.messages.push_back({result.lead >= strong_lead ? "strongly_supported" : "supported",
                               fmt::format("{} is {}supported: its AICc leads by {:.1f}.", result.preferred,
                                           result.lead >= strong_lead ? "strongly " : "", result.lead)});
  if (data.cooling && (of_mixture || mixture))
    result.messages.push_back({"returning_share", share_sentence(result.returning_share)});
}

}  // namespace

EntropyStanding entropy_standing(const ModelComparison& models) {
  const std::vector<std::string>& left = models.not_excluded;
  const auto among = [&left](const char* name) {
    return std::find(left.begin(), left.end(), name) != left.end();
  };
  const bool entropy = among("entropy"), mixture = among("partly_reversible");
  if (left.empty()) return EntropyStanding::open;
  // A mixture that may as well be nothing but irreversible is no word for the entropy model.
  if (!entropy && !(mixture && left.size() == 1)) return EntropyStanding::refuted;
  return left.size() == (entropy && mixture ? 2U : 1U) ? EntropyStanding::supported : EntropyStanding::open;
}

void withhold_refuted(EntropyFit& fit, const ModelComparison& models) {
  if (entropy_standing(models) != EntropyStanding::refuted || fit.dh_eV.bounded != "both") return;
  fit.dh_eV = fit.c_ad = fit.redispersion_temperature_K = Estimate{};
  for (RegionEstimate& region : fit.regions) region.c_ad = region.redispersion_temperature_K = Estimate{};
  for (HoldVerdict& hold : fit.holds) {
    hold.c_ad_observed.reset();
    hold.c_star_interval95 = {};
  }
  fit.next_temperature_K.reset();
  fit.next_dh_sd_ratio.reset();
  fit.messages.push_back(
      {"entropy_refuted",
       fmt::format("The data are better explained by {} than by the entropy model: its dh, c_ad and "
                   "redispersion temperature are not given.",
                   fmt::join(models.not_excluded, " or "))});
}

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
  ConstantScores constant = score_constant(holds, sample, options, data, threads);
  result.models = std::move(constant.models);

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
  const auto top = std::max_element(laws.begin(), laws.end(), [](const LawResult& a, const LawResult& b) {
    return a.best.log_posterior < b.best.log_posterior;
  });
  const LawResult best = data.cooling ? family.best_share(*top, (top == laws.begin() ? top : top - 1)->share,
                                                          (top + 1 == laws.end() ? top : top + 1)->share)
                                      : *top;
  result.models.push_back(
      law_score("irreversible", laws.front(), laws.front().log_evidence, problem, data, false));
  result.models.push_back(law_score("entropy", laws.back(), laws.back().log_evidence, problem, data, false));
  result.models.push_back(law_score("partly_reversible", best, partly_evidence, problem, data, true));
  result.models.push_back(score_saturated(options, data));
  for (ModelScore& model : result.models) {
    if (model.name != "null" && model.name != "sintering") {
      model.log_likelihood += constant.size_gain;
      model.log_evidence += constant.size_gain;
    }
    score_information(model, data.units);
  }
  set_weights(result.models);
  decide(result, data);
  return result;
}

}  // namespace sinterscope
