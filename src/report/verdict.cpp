// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/report/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "text.h"

namespace sinterscope {
namespace {

/// Two numbers with as few digits (two to five) as keep them apart.
std::pair<std::string, std::string> apart(double a, double b) {
  int digits = 2;
  while (digits < 5 && significant(a, digits) == significant(b, digits)) ++digits;
  return {significant(a, digits), significant(b, digits)};
}

/// "c_ad 0.021 < c* 0.032", or what can be said without an estimate of c_ad.
std::string comparison(const HoldVerdict& hold, const Estimate& c_ad) {
  if (c_ad.estimate) {
    const auto [c, star] = apart(*c_ad.estimate, hold.c_star);
    return fmt::format("c_ad {} {} c* {}", c, *c_ad.estimate < hold.c_star ? "<" : ">", star);
  }
  std::string bound = "c_ad not determined";
  if (c_ad.interval95.low)
    bound = "c_ad above " + number(c_ad.interval95.low, 2);
  else if (c_ad.interval95.high)
    bound = "c_ad below " + number(c_ad.interval95.high, 2);
  return fmt::format("{}, c* {}, dispersed with probability {}", bound, number(hold.c_star, 2),
                     number(hold.probability_dispersed, 2));
}

std::string judgement(const HoldVerdict& hold) {
  const bool dispersed = hold.observed == "dispersed";
  if (hold.agrees && hold.observed == hold.predicted)
    return dispersed ? "redisperses as predicted" : "holds particles as predicted";
  if (hold.agrees)  // facets differ and small particles hide: the word need not match c_ad against c*
    return dispersed ? "no particles seen, which the prediction allows"
                     : "particles seen, which the prediction allows";
  return dispersed ? "redisperses, though particles are predicted"
                   : "keeps particles, though redispersion is predicted";
}

/// c_ad of the region where it is known by itself, else the common one.
const Estimate& c_ad_of(const EntropyFit& fit, const std::string& region) {
  for (const RegionEstimate& estimate : fit.regions)
    if (estimate.region == region) return estimate.c_ad;
  return fit.c_ad;
}

std::string hold_sentence(const EntropyFit& fit, const HoldVerdict& hold, bool several_regions) {
  const std::string where = several_regions ? " (region " + hold.region + ")" : "";
  return fmt::format("{}{}: {}: {}", temperature_text(hold.temperature_K), where, judgement(hold),
                     comparison(hold, c_ad_of(fit, hold.region)));
}

}  // namespace

std::string estimate_sentence(const std::string& name, const std::string& unit, const Estimate& e) {
  const std::string u = unit.empty() ? "" : " " + unit;
  const std::optional<double>& low = e.interval95.low;
  const std::optional<double>& high = e.interval95.high;
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

Verdict verdict(const EntropyFit& fit) {
  Verdict result;
  std::set<std::string> regions;
  for (const HoldVerdict& hold : fit.holds) regions.insert(hold.region);
  std::size_t agreeing = 0;
  for (const HoldVerdict& hold : fit.holds) {
    agreeing += hold.agrees ? 1 : 0;
    result.holds.push_back(hold_sentence(fit, hold, regions.size() > 1));
  }
  for (const FitMessage& message : fit.messages) result.notes.push_back(message.text);

  const std::string dh = estimate_sentence("dh", "eV", fit.dh_eV);
  if (fit.holds.empty())
    result.headline = dh + ". No hold could be compared with the prediction.";
  else if (agreeing == fit.holds.size())
    result.headline = fmt::format("{}. The entropy model predicts what is seen in {}.", dh,
                                  agreeing == 1 ? "the one hold" : fmt::format("all {} holds", agreeing));
  else
    result.headline = fmt::format("{}. The entropy model predicts what is seen in {} of {} holds.", dh,
                                  agreeing, fit.holds.size());
  return result;
}

}  // namespace sinterscope
