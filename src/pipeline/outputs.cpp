// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/outputs.h"

#include <algorithm>
#include <cmath>

#include "sinterscope/core/units.h"
#include "sinterscope/inference/mass_balance.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/pipeline/size_outputs.h"
#include "sinterscope/pipeline/version.h"

namespace sinterscope {
namespace {

using std::optional;

Cell whole(std::int64_t value) { return value; }

optional<double> celsius(const optional<double>& kelvin) {
  return kelvin ? optional<double>(std::round(celsius_from_kelvin(*kelvin) * 1e6) / 1e6) : std::nullopt;
}

/// px -> nm^power, empty where uncalibrated.
Cell in_nm(const Products& products, int region, double value_px, int power = 1) {
  const auto pixel = products.regions.at(static_cast<std::size_t>(region)).pixel_size_nm();
  return pixel ? Cell(value_px * std::pow(*pixel, power)) : Cell();
}

}  // namespace

void write_particles(const Products& products, const std::filesystem::path& path) {
  const std::vector<std::string> columns = {
      "frame",          "region",        "hold",       "time_s",      "temperature_c", "track",
      "x_px",           "y_px",          "x_nm",       "y_nm",        "diameter_px",   "diameter_nm",
      "diameter_se_nm", "area_nm2",      "contrast",   "snr",         "flags",         "diameter_se_px",
      "x_specimen_px",  "y_specimen_px", "axis_ratio", "chi2_per_dof"};
  write_csv(path, columns, [&](const RowSink& add_row) {
    for (const Particle& p : products.particles) {
      const FrameRecord& frame = products.history.frames.at(static_cast<std::size_t>(p.frame));
      add_row({whole(p.frame),
               products.history.regions.at(static_cast<std::size_t>(p.region)),
               whole(p.hold),
               frame.time_s,
               cell(celsius(frame.temperature_K)),
               p.track >= 0 ? whole(p.track) : Cell(),
               p.x_px,
               p.y_px,
               in_nm(products, p.region, p.x_specimen_px),
               in_nm(products, p.region, p.y_specimen_px),
               p.diameter_px,
               in_nm(products, p.region, p.diameter_px),
               in_nm(products, p.region, p.diameter_se_px),
               in_nm(products, p.region, p.area_px, 2),
               p.contrast,
               p.snr,
               to_text(p.flags),
               p.diameter_se_px,
               p.x_specimen_px,
               p.y_specimen_px,
               p.axis_ratio,
               p.chi2_per_dof});
    }
  });
}

Table track_table(const Products& products) {
  Table table({"track", "region", "first_frame", "last_frame", "frames", "x_nm", "y_nm", "x_specimen_px",
               "y_specimen_px", "diameter_px", "diameter_nm", "diameter_se_nm", "previous_at_site",
               "same_site_chance"});
  for (const Track& t : products.tracks)
    table.add_row({whole(t.track), products.history.regions.at(static_cast<std::size_t>(t.region)),
                   whole(t.first_frame), whole(t.last_frame),
                   whole(static_cast<std::int64_t>(t.particles.size())),
                   in_nm(products, t.region, t.x_specimen_px), in_nm(products, t.region, t.y_specimen_px),
                   t.x_specimen_px, t.y_specimen_px, t.diameter_px, in_nm(products, t.region, t.diameter_px),
                   in_nm(products, t.region, t.diameter_se_px),
                   t.previous_at_site >= 0 ? whole(t.previous_at_site) : Cell(),
                   t.previous_at_site >= 0 ? Cell(t.same_site_chance) : Cell()});
  return table;
}

Table event_table(const Products& products) {
  Table table({"event", "probability", "track", "region", "frame", "hold", "time_s", "temperature_c", "x_nm",
               "y_nm", "x_specimen_px", "y_specimen_px", "diameter_px", "diameter_nm", "partners"});
  for (const Event& e : products.events) {
    std::string partners;
    for (const int partner : e.partners) partners += (partners.empty() ? "" : "|") + std::to_string(partner);
    table.add_row({to_text(e.kind), e.probability, whole(e.track),
                   products.history.regions.at(static_cast<std::size_t>(e.region)), whole(e.frame),
                   whole(e.hold), e.time_s, cell(celsius(e.temperature_K)),
                   in_nm(products, e.region, e.x_specimen_px), in_nm(products, e.region, e.y_specimen_px),
                   e.x_specimen_px, e.y_specimen_px, e.diameter_px, in_nm(products, e.region, e.diameter_px),
                   partners});
  }
  return table;
}

Table hold_table(const Products& products) {
  Table table({"hold",
               "region",
               "temperature_c",
               "start_s",
               "end_s",
               "frames",
               "support_area_nm2",
               "particles_per_frame",
               "number_density_nm2",
               "diameter_mean_nm",
               "diameter_mean_se_nm",
               "diameter_sd_nm",
               "coverage",
               "d50_nm",
               "d90_nm",
               "c_np",
               "c_np_se",
               "c_np_upper95",
               "c_np_low95",
               "c_np_high95",
               "c_released",
               "c_released_se",
               "c_ad_by_loading",
               "imbalance",
               "imbalance_z",
               "settled",
               "relaxation_time_s",
               "still_to_change"});
  // Where no length is known there is a count, and no atoms.
  const bool weighed = !products.inventory.empty() && products.inventory.front().c_np;
  const std::vector<AtomBalance> balances = weighed
                                                ? balance_atoms(products.inventory, *products.config.sample)
                                                : std::vector<AtomBalance>(products.inventory.size());
  for (std::size_t i = 0; i < products.inventory.size(); ++i) {
    const HoldInventory& h = products.inventory[i];
    const AtomBalance& balance = balances[i];
    const Interval interval = weighed ? c_np_interval95(h, *products.config.sample) : Interval{};
    table.add_row({whole(h.hold),
                   h.region,
                   cell(celsius(h.temperature_K)),
                   h.start_s,
                   h.end_s,
                   whole(h.frames),
                   h.support_area_nm2 > 0.0 ? Cell(h.support_area_nm2) : Cell(),
                   cell(h.particles_per_frame),
                   cell(h.number_density_nm2),
                   cell(h.diameter_mean_nm),
                   cell(h.diameter_mean_se_nm),
                   cell(h.diameter_sd_nm),
                   cell(h.coverage),
                   cell(h.d50_nm),
                   cell(h.d90_nm),
                   cell(h.c_np),
                   cell(h.c_np_se),
                   cell(h.c_np_upper95),
                   cell(interval.low),
                   cell(interval.high),
                   weighed ? Cell(balance.released) : Cell(),
                   weighed ? Cell(balance.released_se) : Cell(),
                   cell(balance.ad_atoms),
                   cell(balance.imbalance),
                   cell(balance.imbalance_z),
                   h.settled ? whole(*h.settled ? 1 : 0) : Cell(),
                   cell(h.relaxation_time_s),
                   cell(h.still_to_change)});
  }
  return table;
}

/// null where no particle told the profile.
nlohmann::json profile_json(const Probe& probe) {
  if (!probe.profile) return {};
  nlohmann::json json = {{"kind", to_text(probe.profile->kind)}};
  if (probe.profile->kind == ProfileKind::rim_disk) json["rim"] = probe.profile->rim;
  return json;
}

nlohmann::json imaging_json(const Products& products) {
  nlohmann::json regions = nlohmann::json::object();
  for (const RegionProducts& region : products.regions) {
    double farthest = 0.0, largest_sigma = 0.0;
    int unreliable = 0;
    for (const FrameShift& shift : region.drift) {
      farthest = std::max(farthest, std::hypot(shift.shift_px.x, shift.shift_px.y));
      largest_sigma = std::max(largest_sigma, shift.sigma_px);
      unreliable += shift.reliable ? 0 : 1;
    }
    const NoiseModel& noise = region.noise;
    const ScanLineReport& rows = region.scan_lines;
    regions[region.name] = {
        {"noise",
         {{"gain", noise.gain},
          {"gain_se", noise.gain_se},
          {"offset", noise.offset},
          {"read_noise", std::sqrt(noise.read_variance)},
          {"coarse_ratio", noise.coarse_ratio},
          {"saturation", noise.saturation > 0.0 ? nlohmann::json(noise.saturation) : nlohmann::json()},
          {"clipped_share", region.clipped_share}}},
        {"scan_lines",
         {{"row_noise_sd", rows.row_noise_sd},
          {"row_noise_removed", rows.row_noise_removed},
          {"jitter_sd_px", rows.jitter_sd_px},
          {"jitter_corrected", rows.jitter_corrected}}},
        {"drift",
         {{"farthest_px", farthest}, {"largest_sigma_px", largest_sigma}, {"unreliable_frames", unreliable}}},
        {"support",
         {{"area_px", region.support.area_px},
          {"area_se_px", region.support.area_se_px},
          {"oxide_px", cv::countNonZero(region.support.oxide)},
          {"facetted", region.support.facetted},
          {"guard_px", region.support.guard_px}}},
        {"search",
         {{"polarity", region.detect.polarity},
          {"holds_compared_with_particle_free_ones", region.holds_compared}}},
        {"size",
         {{"probe_sigma_px", region.probe.sigma_px},
          {"probe_sigma_se_px", region.probe.sigma_se_px},
          {"profile", profile_json(region.probe)}}}};
  }
  return regions;
}

void write_tables(const Products& products, const std::filesystem::path& folder) {
  write_particles(products, folder / "particles.csv");
  write_csv(folder / "tracks.csv", track_table(products));
  write_csv(folder / "events.csv", event_table(products));
  write_csv(folder / "holds.csv", hold_table(products));
  write_size_tables(products, folder);
  write_file(folder / "fit.json", fit_json(products).dump(1) + "\n");
}

}  // namespace sinterscope
