// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "html_table.h"
#include "page.h"
#include "sinterscope/core/units.h"
#include "text.h"

namespace sinterscope {
namespace {

constexpr std::size_t shown_warnings = 8;
constexpr std::size_t shown_events = 400;  ///< the rest stands in events.csv; a longer table slows the page

/// How many events of each kind a hold begins with or sees; listed ones, whatever their probability.
std::string event_counts_html(const ReportData& data) {
  std::vector<EventKind> kinds;
  std::map<std::pair<int, int>, std::map<EventKind, int>> counts;  // by region and hold
  for (const Event& event : data.events) {
    if (std::find(kinds.begin(), kinds.end(), event.kind) == kinds.end()) kinds.push_back(event.kind);
    ++counts[{event.region, event.hold}][event.kind];
  }
  std::sort(kinds.begin(), kinds.end());
  std::vector<std::string> headings{"hold"};
  for (const EventKind kind : kinds) headings.emplace_back(to_text(kind));
  HtmlTable table("What happened to particles, hold by hold", headings);
  for (const Hold& hold : data.history.holds) {
    const auto found = counts.find({hold.region, hold.hold});
    if (found == counts.end()) continue;
    std::vector<std::string> cells{hold_name(
        data, hold.hold, data.history.regions[static_cast<std::size_t>(hold.region)], hold.temperature_K)};
    for (const EventKind kind : kinds) cells.push_back(std::to_string(found->second[kind]));
    table.row(cells);
  }
  return table.finish();
}

}  // namespace

std::string list_item(const std::string& text) { return "<li>" + escape(text) + "</li>\n"; }

std::string c_np_text(const HoldInventory& hold) {
  if (hold.c_np && *hold.c_np > 0) return with_error(*hold.c_np, hold.c_np_se);
  if (hold.c_np_upper95) return "< " + number(hold.c_np_upper95, 2) + " (95 %)";
  return number(hold.c_np, 3, "–");
}

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

std::string hold_table_html(const ReportData& data) {
  if (data.holds.empty()) return absent_html("No inventory: it needs a pixel size.");
  HtmlTable table("Inventory of every hold",
                  {"hold", "time (s)", "frames", "support (nm²)", "particles / frame", "density (1/nm²)",
                   "mean d (nm)", "s.d. (nm)", "coverage", "d50 (nm)", "d90 (nm)", "c_np (atoms / site)"});
  for (const HoldInventory& hold : data.holds)
    table.row({hold_name(data, hold.hold, hold.region, hold.temperature_K),
               number(hold.start_s, 6) + " to " + number(hold.end_s, 6), std::to_string(hold.frames),
               hold.support_area_nm2 > 0 ? number(hold.support_area_nm2, 4) : "–",
               number(hold.particles_per_frame, 3, "–"), number(hold.number_density_nm2, 3, "–"),
               hold.diameter_mean_nm ? with_error(*hold.diameter_mean_nm, hold.diameter_mean_se_nm) : "–",
               number(hold.diameter_sd_nm, 2, "–"), number(hold.coverage, 3, "–"),
               number(hold.d50_nm, 3, "–"), number(hold.d90_nm, 3, "–"), c_np_text(hold)});
  return table.finish();
}

std::string event_table_html(const ReportData& data) {
  if (data.events.empty()) return absent_html("No event was found.");
  const std::optional<double> nm = data.calibration.pixel_size_nm();
  std::string html = event_counts_html(data);
  HtmlTable table("One by one: a click opens the frame",
                  {"event", "probability", "track", "with", "time (s)", "temperature", "frame",
                   nm ? "diameter (nm)" : "diameter (px)"});
  for (std::size_t i = 0; i < std::min(data.events.size(), shown_events); ++i) {
    const Event& event = data.events[i];
    const FrameRecord& frame = data.history.frames.at(static_cast<std::size_t>(event.frame));
    table.row(
        {to_text(event.kind), probability_text(event.probability), std::to_string(event.track),
         fmt::format("{}", fmt::join(event.partners, ", ")), number(event.time_s, 6),
         hold_temperature(data, frame.hold, data.history.regions[static_cast<std::size_t>(frame.region)],
                          event.temperature_K),
         std::to_string(event.frame), number(event.diameter_px * nm.value_or(1.0))},
        "", fmt::format(" data-frame=\"{}\" data-track=\"{}\"", event.frame, event.track));
  }
  html += table.finish();
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
    HtmlTable table("Input files", {"file", "SHA-256"});
    for (const InputFile& input : run.inputs)
      table.row({input.path, input.sha256.empty() ? "–" : input.sha256}, "input");
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
