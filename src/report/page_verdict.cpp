// SPDX-License-Identifier: GPL-3.0-or-later
// The answer on the page: the verdict in words, observed against predicted, rival models.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "html_table.h"
#include "page.h"
#include "sinterscope/core/units.h"
#include "sinterscope/report/verdict.h"
#include "text.h"

namespace sinterscope {
namespace {

/// Of a judged hold, by its inventory.
std::string c_np_text(const ReportData& data, const HoldVerdict& judged) {
  for (const HoldInventory& hold : data.holds)
    if (hold.hold == judged.hold && hold.region == judged.region) return c_np_text(hold);
  return number(judged.c_np, 3, "–");
}

Verdict words_of(const ReportData& data) {
  return verdict(*data.fit, data.holds, data.models ? &*data.models : nullptr);
}

std::string interval_text(const Interval& interval) {
  if (!interval.low && !interval.high) return "open";
  if (!interval.low) return "< " + number(interval.high);
  if (!interval.high) return "> " + number(interval.low);
  return number(interval.low) + " to " + number(interval.high);
}

/// "dh_ev" -> "dh = -0.127 eV", "c_ad cube-1" -> "c_ad cube-1 = 0.0273 per site".
std::string parameter_text(const std::string& name, double value) {
  const auto begins = [&name](std::string_view word) { return name.rfind(word, 0) == 0; };
  if (name == "dh_ev") return fmt::format("dh = {:.3f} eV", value);
  if (begins("c_np") || begins("c_ad")) return fmt::format("{} = {} per site", name, number(value));
  std::string words = name;
  std::replace(words.begin(), words.end(), '_', ' ');
  return fmt::format("{} = {:.2f}", words, value);
}

std::string parameters_text(const ModelScore& model) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : model.parameters) texts.push_back(parameter_text(name, value));
  return fmt::format("{}", fmt::join(texts, ", "));
}

/// The same for the neighbourhoods of large and of small particles.
std::string local_comparison_html(const ReportData& data) {
  if (data.local_verdicts.empty()) return "";
  HtmlTable table(
      "Observed against predicted, by neighbourhood; concentrations in metal atoms per support site",
      {"hold", "around", "observed", "predicted", "agrees", "with a particle", "expected", "c_ad",
       "c_ad 95 %", "c*", "c* 95 %", "P(dispersed)"});
  for (const LocalVerdict& one : data.local_verdicts)
    table.row({hold_name(data, one.hold, one.region, one.temperature_K),
               fmt::format("{} {}", one.neighbourhoods, one.size_class), one.observed, one.predicted,
               one.agrees ? "yes" : "no", std::to_string(one.with_particle),
               with_error(one.with_particle_expected, one.with_particle_expected_sd),
               number(one.c_ad.estimate, 3, "–"), interval_text(one.c_ad.interval95), number(one.c_star),
               interval_text(one.c_star_interval95), probability_text(one.probability_dispersed)},
              one.agrees ? "agrees" : "differs");
  return table.finish();
}

struct Item {
  std::string words, class_name;
};

/// Equal items once, with their number.
std::string verdict_list(const std::vector<Item>& items) {
  std::string html = "<ul class=\"holds\">\n";
  for (auto item = items.begin(); item != items.end(); ++item) {
    const auto same = [&](const Item& other) { return other.words == item->words; };
    if (std::any_of(items.begin(), item, same)) continue;
    const auto times = std::count_if(item, items.end(), same);
    html += fmt::format("<li class=\"{}\">{}{}</li>\n", item->class_name, escape(item->words),
                        times > 1 ? fmt::format(" ({} holds)", times) : "");
  }
  return html + "</ul>\n";
}

bool tells_sizes_apart(const std::vector<LocalVerdict>& verdicts) {
  const auto any = [&](const char* size_class) {
    return std::any_of(verdicts.begin(), verdicts.end(),
                       [&](const LocalVerdict& one) { return one.size_class == size_class; });
  };
  return any("large") && any("small");
}

/// One a hold, then one a hold and size class where large and small particles stand side by side.
std::vector<Item> verdict_items(const ReportData& data, const Verdict& words) {
  std::vector<Item> items;
  const std::vector<HoldVerdict>& holds = data.fit->holds;
  for (std::size_t i = 0; i < holds.size(); ++i) {
    const bool untested = words.judgements[i].find("predict") == std::string::npos;
    items.push_back({words.holds[i], !holds[i].agrees ? "differs" : untested ? "untested" : "agrees"});
  }
  if (!tells_sizes_apart(data.local_verdicts)) return items;
  for (const LocalVerdict& one : data.local_verdicts)
    if (std::string sentence = local_sentence(one, data.history.regions.size() > 1); !sentence.empty())
      items.push_back({std::move(sentence), one.agrees ? "agrees" : "differs"});
  return items;
}

std::string preferred_sentence(const ModelComparison& models) {
  if (models.preferred != "undecided")
    return fmt::format("Rival models: {} is preferred, by {:.1f} in AICc.", models.preferred, models.lead);
  return fmt::format("Rival models: undecided, the best leads by {:.1f} in AICc, {}.", models.lead,
                     models.lead < 4 ? "less than 4" : "but the evidence against a mixture is below 3 to 1");
}

}  // namespace

std::string verdict_html(const ReportData& data) {
  std::string html;
  if (data.fit) {
    const Verdict words = words_of(data);
    const Estimate& redispersion = data.fit->redispersion_temperature_K;
    html += "<p class=\"headline\" id=\"headline\">" + escape(words.headline) + "</p>\n";
    html += verdict_list(verdict_items(data, words));
    html += "<p>" + escape(estimate_sentence("c_ad", "atoms per site", data.fit->c_ad)) + "<br>" +
            escape(estimate_sentence("redispersion temperature", "K", redispersion));
    if (redispersion.estimate)
      html += ": about " + number(std::round(celsius_from_kelvin(*redispersion.estimate)), 4) + " °C";
    html += "</p>\n";
    if (data.models) html += "<p>" + escape(preferred_sentence(*data.models)) + "</p>\n";
    if (!words.notes.empty()) {
      html += "<ul class=\"notes\">\n";
      for (const std::string& note : words.notes) html += list_item(note);
      html += "</ul>\n";
    }
    html +=
        "<p class=\"caption\">dh: enthalpy of a metal atom in a particle less that of an ad-atom; negative: "
        "bound. c_ad: all metal atoms per support site. c*: the most ad-atoms per site beside which no "
        "particle "
        "holds, 1 / (1 + exp(1 - dh / kT)). Redispersion temperature: where c* reaches c_ad.</p>\n";
  } else {
    html += fmt::format(
        "<p class=\"headline\" id=\"headline\">{} in {}; no fit.</p>\n",
        data.particles.empty() ? "No particle" : fmt::format("{} particles", data.particles.size()),
        data.history.frames.size() == 1 ? "one frame" : fmt::format("{} frames", data.history.frames.size()));
  }
  const std::vector<std::string> missing = missing_pieces(data);
  if (missing.empty()) return html;
  html += "<ul class=\"missing\">\n";
  for (const std::string& sentence : missing) html += list_item(sentence);
  return html + "</ul>\n";
}

std::string comparison_html(const ReportData& data) {
  if (!data.fit) return absent_html("Nothing to compare: there is no fit.");
  if (data.fit->holds.empty()) return absent_html("No hold could be compared with the prediction.");
  HtmlTable table("Hold by hold; concentrations in metal atoms per support site",
                  {"hold", "verdict", "observed", "predicted", "particles seen", "expected", "c_np",
                   "dispersed", "c*", "c* 95 %", "P(dispersed)"});
  const Verdict words = words_of(data);
  for (std::size_t i = 0; i < data.fit->holds.size(); ++i) {
    const HoldVerdict& hold = data.fit->holds[i];
    const bool known = data.fit->dh_eV.estimate.has_value();
    table.row({hold_name(data, hold.hold, hold.region, hold.temperature_K), words.judgements[i],
               hold.observed, hold.predicted, std::to_string(hold.detected),
               with_error(hold.detections_expected, hold.detections_expected_sd), c_np_text(data, hold),
               number(hold.c_ad_observed, 3, "–"), known ? number(hold.c_star) : "–",
               interval_text(hold.c_star_interval95), probability_text(hold.probability_dispersed)},
              hold.agrees ? "agrees" : "differs");
  }
  return table.finish() + local_comparison_html(data);
}

std::string model_table_html(const ReportData& data) {
  if (!data.models) return absent_html("No comparison of models: it needs a fit.");
  const ModelComparison& models = *data.models;
  double best_aicc = INFINITY, best_bic = INFINITY;
  for (const ModelScore& model : models.models) {
    if (model.name == "saturated") continue;  // the reference, not a rival
    best_aicc = std::min(best_aicc, model.aicc);
    best_bic = std::min(best_bic, model.bic);
  }
  const auto above = [](double value, double best) {
    return std::isfinite(value) && std::isfinite(best) ? number(value - best) : std::string("–");
  };
  std::string html = "<p id=\"preferred\">" + escape(preferred_sentence(models)) + "</p>\n";
  for (const FitMessage& message : models.messages) html += "<p>" + escape(message.text) + "</p>\n";
  HtmlTable table("Models of what the particles do", {"model", "in words", "weight", "ΔAICc", "ΔBIC",
                                                      "log likelihood", "free parameters", "at the maximum"});
  for (const ModelScore& model : models.models) {
    const bool reference = model.name == "saturated";
    table.row({model.name + (reference ? " (reference)" : ""), model_in_words(model.name),
               reference ? "–" : number(model.weight, 2), reference ? "–" : above(model.aicc, best_aicc),
               reference ? "–" : above(model.bic, best_bic), number(model.log_likelihood, 5),
               std::to_string(model.free_parameters), parameters_text(model)},
              model.name == models.preferred ? "preferred" : "");
  }
  html += table.finish();
  const Estimate& share = models.returning_share;
  if (share.estimate || share.interval95.low || share.interval95.high)
    html += "<p>" + escape(estimate_sentence("Share of the dispersed metal that comes back", "", share)) +
            "</p>\n";
  return html;
}

}  // namespace sinterscope
