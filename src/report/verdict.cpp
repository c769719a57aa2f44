// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include "text.h"

namespace sinterscope {
namespace {

/// Two numbers with as few digits (two to five) as keep them apart.
std::pair<std::string, std::string> apart(double a, double b) {
  int digits = 2;
  while (digits < 5 && significant(a, digits) == significant(b, digits)) ++digits;
  return {significant(a, digits), significant(b, digits)};
}

/// "c* 0.032", or what its interval allows where dh has no estimate.
std::string c_star_words(const HoldVerdict& hold, bool estimated) {
  const auto& [low, high] = hold.c_star_interval95;
  if (estimated) return "c* " + number(hold.c_star, 2);
  if (low && high) return fmt::format("c* {} to {}", number(*low, 2), number(*high, 2));
  if (high) return "c* below " + number(*high, 2);
  if (low) return "c* above " + number(*low, 2);
  return "c* not determined";
}

/// "c_ad 0.021 < c* 0.032", or what can be said without an estimate of one of them.
std::string comparison(const HoldVerdict& hold, const Estimate& c_ad, const Estimate& dh) {
  if (c_ad.estimate && dh.estimate) {
    const auto [c, star] = apart(*c_ad.estimate, hold.c_star);
    return fmt::format("c_ad {} {} c* {}", c, *c_ad.estimate < hold.c_star ? "<" : ">", star);
  }
  std::string amount = "c_ad not determined";
  if (c_ad.estimate)
    amount = "c_ad " + number(c_ad.estimate, 2);
  else if (c_ad.interval95.low)
    amount = "c_ad above " + number(c_ad.interval95.low, 2);
  else if (c_ad.interval95.high)
    amount = "c_ad below " + number(c_ad.interval95.high, 2);
  return fmt::format("{}, {}, dispersed with probability {}", amount,
                     c_star_words(hold, dh.estimate.has_value()),
                     probability_text(hold.probability_dispersed));
}

/// What the region showed before a hold.
struct Before {
  bool particles = false;  ///< in any earlier hold
  bool dispersed = false;  ///< in the hold just before
};

/// Particles whose presence is significant (one-sided 95 %), as HoldVerdict::observed has it.
bool shows_particles(const HoldInventory& hold) {
  return hold.c_np && *hold.c_np > 1.645 * hold.c_np_se.value_or(0.0);
}

Before before(const HoldVerdict& hold, const EntropyFit& fit, std::span<const HoldInventory> inventories) {
  Before result;
  int last = -1;
  for (const HoldVerdict& other : fit.holds) {
    if (other.region != hold.region || other.hold >= hold.hold) continue;
    result.particles = result.particles || other.observed == "particles";
    if (other.hold > last) last = other.hold, result.dispersed = other.observed == "dispersed";
  }
  for (const HoldInventory& other : inventories)
    if (other.region == hold.region && other.hold < hold.hold && !other.temperature_K)
      result.particles = result.particles || shows_particles(other);
  return result;
}

std::string judgement(const HoldVerdict& hold, const Before& before) {
  if (hold.agrees && hold.observed != hold.predicted)
    // facets differ and small particles hide: the word need not match c_ad against c*
    return hold.observed == "dispersed" ? "no particles seen, which the prediction allows"
                                        : "particles seen, which the prediction allows";
  if (hold.observed == "dispersed") {
    const std::string state = !before.particles  ? "no particles"
                              : before.dispersed ? "stays dispersed"
                                                 : "redisperses";
    if (!hold.agrees) return state + ", though particles are predicted";
    return state + (before.particles ? " as predicted" : ", as predicted");
  }
  if (!hold.agrees)
    return fmt::format("{} particles, though redispersion is predicted",
                       before.dispersed ? "forms" : "keeps");
  if (hold.of_large) return "only large particles stay, as predicted";
  return fmt::format("{} particles as predicted", before.dispersed ? "forms" : "holds");
}

/// c_ad of the region where it is known by itself, else the common one.
const Estimate& c_ad_of(const EntropyFit& fit, const std::string& region) {
  for (const RegionEstimate& estimate : fit.regions)
    if (estimate.region == region) return estimate.c_ad;
  return fit.c_ad;
}

/// Where every dh fits, whatever is seen was not predicted.
bool predicts_nothing(const EntropyFit& fit) {
  return !fit.dh_eV.interval95.low && !fit.dh_eV.interval95.high &&
         std::all_of(fit.holds.begin(), fit.holds.end(), [](const HoldVerdict& hold) { return hold.agrees; });
}

bool refuted(const ModelComparison* models) {
  return models != nullptr && entropy_standing(*models) == EntropyStanding::refuted;
}

std::string judgement(const EntropyFit& fit, const HoldVerdict& hold,
                      std::span<const HoldInventory> inventories, const ModelComparison* models) {
  if (!predicts_nothing(fit) && !refuted(models)) return judgement(hold, before(hold, fit, inventories));
  return hold.observed == "dispersed" ? "no particles seen" : "particles seen";
}

std::string hold_sentence(const EntropyFit& fit, const HoldVerdict& hold, const std::string& judged,
                          bool several_regions, const ModelComparison* models) {
  const std::string where =
      temperature_text(hold.temperature_K) + (several_regions ? " (region " + hold.region + ")" : "");
  if (predicts_nothing(fit)) return where + ": " + judged + "; every dh allows it";
  if (refuted(models)) return where + ": " + judged;
  return fmt::format("{}: {}: {}{}", where, judged, hold.of_large ? "around the others " : "",
                     comparison(hold, c_ad_of(fit, hold.region), fit.dh_eV));
}

std::string agreement_sentence(const EntropyFit& fit, const ModelComparison* models) {
  if (fit.holds.empty()) return "No hold could be compared with the prediction.";
  if (predicts_nothing(fit)) return "Every dh of the entropy model allows what is seen: it is not tested.";
  if (refuted(models))
    return fmt::format("What is seen speaks for {}, not for the entropy model.",
                       fmt::join(models->not_excluded, " or "));
  const auto agreeing = static_cast<std::size_t>(
      std::count_if(fit.holds.begin(), fit.holds.end(), [](const HoldVerdict& hold) { return hold.agrees; }));
  if (agreeing < fit.holds.size())
    return fmt::format("The entropy model predicts what is seen in {} of {} holds.", agreeing,
                       fit.holds.size());
  return fmt::format("The entropy model predicts what is seen in {}.",
                     agreeing == 1 ? "the one hold" : fmt::format("all {} holds", agreeing));
}

/// The rival that is preferred to the entropy model, or "".
std::string rival_sentence(const ModelComparison* models) {
  static const std::set<std::string> rivals{"null", "sintering", "irreversible"};
  if (models == nullptr || !rivals.count(models->preferred)) return "";
  return fmt::format(" The data prefer another model: {} ({}).", models->preferred,
                     model_in_words(models->preferred));
}

}  // namespace

std::string local_sentence(const LocalVerdict& one, bool several_regions) {
  if (!one.c_star_interval95.low || !one.c_star_interval95.high || !one.c_ad.estimate) return "";
  const bool dispersed = one.observed == "dispersed";
  std::string judged = dispersed ? "redisperses" : "keeps particles";
  if (one.observed == one.predicted)
    judged += " as predicted";
  else if (one.agrees)
    judged += ", which the prediction allows";
  else
    judged += dispersed ? ", though particles are predicted" : ", though redispersion is predicted";
  const auto [c, star] = apart(*one.c_ad.estimate, one.c_star);
  return fmt::format("{}{}: around the {} {} {}: {}: c_ad {} {} c* {}", temperature_text(one.temperature_K),
                     several_regions ? " (region " + one.region + ")" : "", one.neighbourhoods,
                     one.size_class, one.neighbourhoods == 1 ? "particle" : "particles", judged, c,
                     *one.c_ad.estimate < one.c_star ? "<" : ">", star);
}

std::string model_in_words(const std::string& name) {
  static const std::map<std::string, std::string> words{
      {"null", "nothing happens"},
      {"sintering", "particles grow, none of their atoms disperse"},
      {"irreversible", "what was dispersed stays so"},
      {"entropy", "atoms disperse up to c*(T) and come back"},
      {"partly_reversible", "a share of what was dispersed comes back"},
      {"saturated", "every hold for itself"}};
  const auto found = words.find(name);
  return found == words.end() ? "" : found->second;
}

std::string estimate_sentence(const std::string& name, const std::string& unit, const Estimate& e) {
  const std::string u = unit.empty() ? "" : " " + unit;
  const auto finite = [](const std::optional<double>& end) {
    return end && std::isfinite(*end) ? end : std::nullopt;
  };
  const std::optional<double> low = finite(e.interval95.low), high = finite(e.interval95.high);
  // All three numbers to the second digit of the standard error that the interval amounts to.
  const double error = low && high ? (*high - *low) / 4 : 0.0;
  std::string range = "not bounded by the data";
  if (low && high)
    range = fmt::format("95 %: {} to {}{}", to_error(*low, error), to_error(*high, error), u);
  else if (low)
    range = fmt::format("95 %: above {}{}, no upper bound", number(low), u);
  else if (high)
    range = fmt::format("95 %: below {}{}, no lower bound", number(high), u);
  if (!e.estimate) return fmt::format("{}: no estimate ({})", name, range);
  return fmt::format("{} = {}{} ({})", name, to_error(*e.estimate, error), u, range);
}

Verdict verdict(const EntropyFit& fit, std::span<const HoldInventory> inventories,
                const ModelComparison* models) {
  Verdict result;
  std::set<std::string> regions;
  for (const HoldVerdict& hold : fit.holds) regions.insert(hold.region);
  for (const HoldVerdict& hold : fit.holds) {
    result.judgements.push_back(judgement(fit, hold, inventories, models));
    result.holds.push_back(hold_sentence(fit, hold, result.judgements.back(), regions.size() > 1, models));
  }
  for (const FitMessage& message : fit.messages) result.notes.push_back(message.text);
  result.headline = estimate_sentence("dh", "eV", fit.dh_eV) + ". " + agreement_sentence(fit, models) +
                    (fit.holds.empty() ? "" : rival_sentence(models));
  return result;
}

}  // namespace sinterscope
