// SPDX-License-Identifier: GPL-3.0-or-later
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

constexpr std::size_t shown_warnings = 8;
constexpr std::size_t shown_events = 400;  ///< the rest stands in events.csv; a longer table slows the page

std::string list_item(const std::string& text) { return "<li>" + escape(text) + "</li>\n"; }

std::string c_np_text(const HoldInventory& hold) {
  if (hold.c_np && *hold.c_np > 0) return with_error(*hold.c_np, hold.c_np_se);
  if (hold.c_np_upper95) return "< " + number(hold.c_np_upper95, 2) + " (95 %)";
  return number(hold.c_np, 3, "–");
}

std::string interval_text(const Interval& interval) {
  if (!interval.low && !interval.high) return "open";
  if (!interval.low) return "< " + number(interval.high);
  if (!interval.high) return "> " + number(interval.low);
  return number(interval.low) + " to " + number(interval.high);
}

std::string parameters_text(const ModelScore& model) {
  std::string text;
  for (const auto& [name, value] : model.parameters)
    text += (text.empty() ? "" : ", ") + name + " = " + number(value);
  return text;
}

/// The same for the neighbourhoods of large and of small particles.
std::string local_comparison_html(const ReportData& data) {
  if (data.local_verdicts.empty()) return "";
  HtmlTable table("Observed against predicted, by neighbourhood",
                  {"hold", "around", "observed", "predicted", "agrees", "with a particle", "expected", "c_ad",
                   "c_ad 95 %", "c*", "c* 95 %", "P(dispersed)"});
  for (const LocalVerdict& one : data.local_verdicts)
    table.row({hold_name(data, one.hold, one.region, one.temperature_K),
               fmt::format("{} {}", one.neighbourhoods, one.size_class), one.observed, one.predicted,
               one.agrees ? "yes" : "no", std::to_string(one.with_particle),
               with_error(one.with_particle_expected, one.with_particle_expected_sd),
               number(one.c_ad.estimate, 3, "–"), interval_text(one.c_ad.interval95), number(one.c_star),
               interval_text(one.c_star_interval95), number(one.probability_dispersed, 3)},
              one.agrees ? "agrees" : "differs");
  return table.finish();
}

/// The sentences of the holds, equal ones once.
std::string verdict_list(const Verdict& words, const std::vector<HoldVerdict>& holds) {
  std::string html = "<ul class=\"holds\">\n";
  for (std::size_t i = 0; i < words.holds.size(); ++i) {
    const auto first = std::find(words.holds.begin(), words.holds.end(), words.holds[i]);
    if (first - words.holds.begin() < static_cast<std::ptrdiff_t>(i)) continue;
    const auto times = std::count(first, words.holds.end(), words.holds[i]);
    html += fmt::format("<li class=\"{}\">{}{}</li>\n", holds[i].agrees ? "agrees" : "differs",
                        escape(words.holds[i]), times > 1 ? fmt::format(" ({} holds)", times) : "");
  }
  return html + "</ul>\n";
}

std::string preferred_sentence(const ModelComparison& models) {
  if (models.preferred == "undecided")
    return fmt::format("Rival models: undecided, the best leads by {} in AICc, less than 4.",
                       number(models.lead));
  return fmt::format("Rival models: {} is preferred, by {} in AICc.", models.preferred, number(models.lead));
}

}  // namespace

std::string absent_html(const std::string& sentence) {
  return "<p class=\"absent\">" + escape(sentence) + "</p>\n";
}

std::string hold_temperature(const ReportData& data, int hold, const std::string& region,
                             std::optional<double> temperature_K) {
  // The first stretch of a region that is heated later shows the specimen as it was put in.
  const bool as_prepared =
      hold == 0 && !temperature_K &&
      std::any_of(data.history.holds.begin(), data.history.holds.end(), [&](const Hold& later) {
        return later.temperature_K && data.history.regions[static_cast<std::size_t>(later.region)] == region;
      });
  return as_prepared ? "as prepared (temperature not given)" : temperature_text(temperature_K);
}

std::string hold_name(const ReportData& data, int hold, const std::string& region,
                      std::optional<double> temperature_K) {
  const std::string name =
      fmt::format("hold {}, {}", hold, hold_temperature(data, hold, region, temperature_K));
  return data.history.regions.size() > 1 ? region + ", " + name : name;
}

std::vector<std::string> missing_pieces(const ReportData& data) {
  std::vector<std::string> missing;
  const bool calibrated = data.calibration.calibrated();
  const bool any_temperature = std::any_of(data.history.holds.begin(), data.history.holds.end(),
                                           [](const Hold& hold) { return hold.temperature_K.has_value(); });
  if (data.history.frames.empty()) missing.push_back("There is no frame.");
  if (!calibrated)
    missing.push_back(
        "No pixel size is known: diameters are in pixels, and there is no inventory of atoms and no fit.");
  if (!any_temperature)
    missing.push_back("No temperature is known: the particles are measured, and there is no fit.");
  if (data.particles.empty() && !data.history.frames.empty())
    missing.push_back("No particle was found in any frame.");
  if (!data.fit && calibrated && any_temperature)
    missing.push_back("There is no fit" +
                      (data.no_fit_reason.empty() ? std::string(".") : ": " + data.no_fit_reason));
  if (data.pictures.frames == 0)
    missing.push_back("The page holds no pictures of the frames.");
  else if (data.pictures.frames < data.history.frames.size())
    missing.push_back(fmt::format("The page holds pictures of {} of {} frames, to stay within its size.",
                                  data.pictures.frames, data.history.frames.size()));
  return missing;
}

std::string warnings_html(const ReportData& data) {
  const std::vector<std::string>& warnings = data.provenance.warnings;
  if (warnings.empty()) return "";
  std::string html = fmt::format(
      "<section id=\"warnings\" class=\"warnings\" aria-labelledby=\"warnings-title\"><h2 "
      "id=\"warnings-title\">{} {}</h2>\n<ul>\n",
      warnings.size(), warnings.size() == 1 ? "warning" : "warnings");
  for (std::size_t i = 0; i < std::min(warnings.size(), shown_warnings); ++i) html += list_item(warnings[i]);
  html += "</ul>\n";
  if (warnings.size() > shown_warnings) {
    html += fmt::format("<details><summary>{} more</summary><ul>\n", warnings.size() - shown_warnings);
    for (std::size_t i = shown_warnings; i < warnings.size(); ++i) html += list_item(warnings[i]);
    html += "</ul></details>\n";
  }
  return html + "</section>\n";
}

std::string verdict_html(const ReportData& data) {
  std::string html;
  if (data.fit) {
    const Verdict words = verdict(*data.fit);
    const Estimate& redispersion = data.fit->redispersion_temperature_K;
    html += "<p class=\"headline\" id=\"headline\">" + escape(words.headline) + "</p>\n";
    html += verdict_list(words, data.fit->holds);
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

std::string hold_table_html(const ReportData& data) {
  if (data.holds.empty()) return absent_html("No inventory: it needs a pixel size.");
  HtmlTable table("Inventory of every hold",
                  {"hold", "time (s)", "frames", "support (nm²)", "particles / frame", "density (1/nm²)",
                   "mean d (nm)", "s.d. (nm)", "coverage", "d50 (nm)", "d90 (nm)", "c_np (atoms / site)"});
  for (const HoldInventory& hold : data.holds)
    table.row({hold_name(data, hold.hold, hold.region, hold.temperature_K),
               number(hold.start_s, 6) + " to " + number(hold.end_s, 6), std::to_string(hold.frames),
               number(hold.support_area_nm2, 4), number(hold.particles_per_frame, 3, "–"),
               number(hold.number_density_nm2, 3, "–"),
               hold.diameter_mean_nm ? with_error(*hold.diameter_mean_nm, hold.diameter_mean_se_nm) : "–",
               number(hold.diameter_sd_nm, 2, "–"), number(hold.coverage, 3, "–"),
               number(hold.d50_nm, 3, "–"), number(hold.d90_nm, 3, "–"), c_np_text(hold)});
  return table.finish();
}

std::string comparison_html(const ReportData& data) {
  if (!data.fit) return absent_html("Nothing to compare: there is no fit.");
  if (data.fit->holds.empty()) return absent_html("No hold could be compared with the prediction.");
  HtmlTable table("Observed against predicted",
                  {"hold", "observed", "predicted", "agrees", "particles seen", "expected", "c_np",
                   "c_ad observed", "c*", "c* 95 %", "P(dispersed)"});
  for (const HoldVerdict& hold : data.fit->holds)
    table.row({hold_name(data, hold.hold, hold.region, hold.temperature_K), hold.observed, hold.predicted,
               hold.agrees ? "yes" : "no", std::to_string(hold.detected),
               with_error(hold.detections_expected, hold.detections_expected_sd), number(hold.c_np, 3, "–"),
               number(hold.c_ad_observed, 3, "–"), number(hold.c_star), interval_text(hold.c_star_interval95),
               number(hold.probability_dispersed, 3)},
              hold.agrees ? "agrees" : "differs");
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
  HtmlTable table("Models of what the particles do", {"model", "weight", "ΔAICc", "ΔBIC", "log likelihood",
                                                      "free parameters", "at the maximum"});
  for (const ModelScore& model : models.models) {
    const bool reference = model.name == "saturated";
    table.row(
        {model.name + (reference ? " (reference)" : ""), reference ? "–" : number(model.weight, 2),
         reference ? "–" : above(model.aicc, best_aicc), reference ? "–" : above(model.bic, best_bic),
         number(model.log_likelihood, 5), std::to_string(model.free_parameters), parameters_text(model)},
        model.name == models.preferred ? "preferred" : "");
  }
  html += table.finish();
  const Estimate& share = models.returning_share;
  if (share.estimate || share.interval95.low || share.interval95.high)
    html += "<p>" + escape(estimate_sentence("Share of the dispersed metal that comes back", "", share)) +
            "</p>\n";
  return html;
}

std::string event_table_html(const ReportData& data) {
  if (data.events.empty()) return absent_html("No event was found.");
  const std::optional<double> nm = data.calibration.pixel_size_nm();
  HtmlTable table("What happened to particles",
                  {"event", "probability", "track", "with", "time (s)", "temperature", "frame",
                   nm ? "diameter (nm)" : "diameter (px)"});
  for (std::size_t i = 0; i < std::min(data.events.size(), shown_events); ++i) {
    const Event& event = data.events[i];
    const FrameRecord& frame = data.history.frames.at(static_cast<std::size_t>(event.frame));
    table.row(
        {to_text(event.kind), number(event.probability, 2), std::to_string(event.track),
         fmt::format("{}", fmt::join(event.partners, ", ")), number(event.time_s, 6),
         hold_temperature(data, frame.hold, data.history.regions[static_cast<std::size_t>(frame.region)],
                          event.temperature_K),
         std::to_string(event.frame), number(event.diameter_px * nm.value_or(1.0))},
        "", fmt::format(" data-frame=\"{}\" data-track=\"{}\"", event.frame, event.track));
  }
  std::string html = table.finish();
  if (data.events.size() > shown_events)
    html +=
        absent_html(fmt::format("{} more events stand in events.csv.", data.events.size() - shown_events));
  return html;
}

std::string experiment_html(const ReportData& data) {
  std::string html = "<dl class=\"facts\">\n";
  const auto fact = [&html](std::string_view name, const std::string& value) {
    html += "<dt>" + escape(name) + "</dt><dd>" + escape(value) + "</dd>\n";
  };
  if (data.sample) {
    const Sample& sample = *data.sample;
    fact("particle", fmt::format("{}, {} nm³ per metal atom", sample.particle_name,
                                 number(sample.volume_per_metal_atom_nm3, 4)));
    fact("support",
         fmt::format("{}, {} sites per nm²", sample.support_name, number(sample.site_density_nm2, 4)));
    fact("shape factor",
         number(sample.shape_factor) + " (volume / volume of the sphere of the measured diameter)");
    if (sample.loading_wt_percent) fact("loading", number(sample.loading_wt_percent) + " wt %");
    if (sample.loading_per_site) fact("loading per site", number(sample.loading_per_site));
  } else {
    fact("sample", "not described");
  }
  const std::optional<double> nm = data.calibration.pixel_size_nm();
  fact("pixel size", nm ? fmt::format("{} nm ({})", number(*nm, 5), data.calibration.source) : "unknown");
  fact("frames",
       fmt::format("{}, {} x {} px", data.history.frames.size(), data.frame_width_px, data.frame_height_px));
  for (const auto& [name, value] : data.acquisition) fact(name, value);
  return html + "</dl>\n";
}

std::string provenance_html(const ReportData& data) {
  const Provenance& run = data.provenance;
  std::string html = "<dl class=\"facts\">\n";
  const auto fact = [&html](std::string_view name, const std::string& value) {
    html += "<dt>" + escape(name) + "</dt><dd>" + escape(value) + "</dd>\n";
  };
  fact("sinterscope", run.version.empty() ? "unknown version" : run.version);
  if (!run.started.empty()) fact("started", run.started);
  fact("seed", std::to_string(run.seed));
  for (const auto& [name, value] : run.notes) fact(name, value);
  html += "</dl>\n";
  if (!run.inputs.empty()) {
    HtmlTable table("Input files", {"file", "bytes", "SHA-256"});
    for (const InputFile& input : run.inputs)
      table.row({input.path, input.bytes > 0 ? std::to_string(input.bytes) : "–",
                 input.sha256.empty() ? "–" : input.sha256},
                "input");
    html += table.finish();
  }
  if (!run.timings.empty()) {
    HtmlTable table("Time spent", {"stage", "wall (s)", "CPU (s)", ""});
    for (const StageTiming& timing : run.timings)
      table.row({timing.stage, number(timing.wall_s), number(timing.cpu_s),
                 timing.resumed ? "from an earlier run" : ""});
    html += table.finish();
  }
  if (!run.options_json.empty())
    html += "<details><summary>Every option in full</summary><pre>" + escape(run.options_json) +
            "</pre></details>\n";
  return html;
}

}  // namespace sinterscope
