// SPDX-License-Identifier: GPL-3.0-or-later
// The snapshots of a lattice run as a scene for the microscope.

#include <cmath>

#include "sinterscope/pipeline/config.h"
#include "sinterscope/pipeline/kmc_outputs.h"
#include "sinterscope/pipeline/simulate.h"

namespace sinterscope {
namespace {

using nlohmann::ordered_json;

constexpr double border_nm = 2.0;  ///< bare support around the lattice
constexpr double frame_interval_s = 2.0;

/// Without drift, so that a film of so small a field stays in the frame.
nlohmann::json plain_microscope() {
  return {{"sample", {{"particle", "PdO"}, {"support", "CeO2(100)"}, {"shape_factor", 0.5}}},
          {"optics", {{"detector", "HAADF"}, {"pixel_size_nm", 0.1}, {"dose_counts", 400.0}}},
          {"support", {{"kind", "flat"}}},
          {"drift", {{"walk_px", 0.0}}}};
}

/// Snapshots in the measured part of a hold, at most `most` of them, evenly.
std::vector<std::size_t> maps_of_hold(const KmcResult& result, const HoldAverages& hold, int most) {
  std::vector<std::size_t> all, chosen;
  for (std::size_t i = 0; i < result.snapshots.size(); ++i)
    if (result.snapshots[i].step == hold.step && result.snapshots[i].time >= hold.from_time) all.push_back(i);
  const std::size_t take = std::min(all.size(), static_cast<std::size_t>(most));
  for (std::size_t k = 0; k < take; ++k) chosen.push_back(all[k * all.size() / take]);
  return chosen;
}

}  // namespace

std::string scene_of_run(const KmcConfig& config, const NamedRun& named, const KmcResult& result) {
  nlohmann::json scene = plain_microscope();
  if (config.microscope.is_object()) scene.merge_patch(config.microscope);
  const Sample sample = read_sample(scene["sample"], config.path.string() + ": microscope.sample");
  const double site_nm = 1.0 / std::sqrt(sample.site_density_nm2);
  nlohmann::json& optics = scene["optics"];
  const double pixel_nm = optics.value("pixel_size_nm", 0.1);
  const int frame_px = static_cast<int>(std::ceil((result.side * site_nm + 2.0 * border_nm) / pixel_nm));
  if (!optics.contains("width_px")) optics["width_px"] = frame_px;
  if (!optics.contains("height_px")) optics["height_px"] = frame_px;
  const double corner_nm = border_nm + 0.5 * site_nm;

  ordered_json json;
  json["schema"] = scene_schema;
  json["name"] = config.name + "-" + named.name;
  json["seed"] = static_cast<int>(config.seed % 2147483647U);
  for (const auto& [key, value] : scene.items()) json[key] = value;
  json["programme"] = ordered_json::array();
  double start_s = 0.0;
  for (const HoldAverages& hold : result.holds)
    for (const std::size_t map : maps_of_hold(result, hold, config.output.microscope_frames)) {
      json["programme"].push_back(
          {{"temperature_k", hold.temperature_K},
           {"start_s", start_s},
           {"frames", 1},
           {"frame_interval_s", frame_interval_s},
           {"lattices",
            {{{"file", "heights.tif"}, {"map", map}, {"x_nm", corner_nm}, {"y_nm", corner_nm}}}}});
      start_s += frame_interval_s;
    }
  return json.dump(1) + "\n";
}

}  // namespace sinterscope
