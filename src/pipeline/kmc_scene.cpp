// SPDX-License-Identifier: GPL-3.0-or-later
// The snapshots of a lattice run as a scene for the microscope.

#include <cmath>
#include <complex>

#include "sinterscope/core/units.h"
#include "sinterscope/pipeline/config.h"
#include "sinterscope/pipeline/kmc_outputs.h"
#include "sinterscope/pipeline/simulate.h"

namespace sinterscope {
namespace {

using nlohmann::ordered_json;

constexpr double border_nm = 2.0;  ///< bare support around the lattice
constexpr double frame_interval_s = 2.0;

/// Even and without drift, so that a film of so small a field stays in the frame.
nlohmann::json plain_microscope() {
  return {{"sample", {{"particle", "PdO"}, {"support", "CeO2(100)"}, {"shape_factor", 0.5}}},
          {"optics", {{"detector", "HAADF"}, {"pixel_size_nm", 0.1}, {"dose_counts", 400.0}}},
          {"support", {{"kind", "flat"}, {"mottle_amplitude", 0.01}, {"texture_amplitude", 0.005}}},
          {"drift", {{"walk_px", 0.0}}}};
}

/// The last snapshots of a step, at most `most`: they lie close together, as frames do.
std::vector<std::size_t> last_maps(const KmcResult& result, int step, int most) {
  std::vector<std::size_t> maps;
  for (std::size_t i = 0; i < result.snapshots.size(); ++i)
    if (result.snapshots[i].step == step) maps.push_back(i);
  if (maps.size() > static_cast<std::size_t>(most)) maps.erase(maps.begin(), maps.end() - most);
  return maps;
}

/// Whether the next step stays at the temperature of this one: the hold goes on, and is filmed there.
bool goes_on(const KmcRun& run, int step) {
  const auto next = static_cast<std::size_t>(step) + 1;
  return next < run.program.size() && run.program[next].is_hold() &&
         run.program[next].from_K == run.program[next - 1].to_K;
}

struct Roll {
  int x = 0, y = 0;
};

/// Brings the centre of all atoms, as it is on a period, into the middle of the map.
Roll centring_roll(const HeightMap& map) {
  std::complex<double> x = 0.0, y = 0.0;
  const double turn = 2.0 * pi / map.side;
  for (std::size_t site = 0; site < map.height.size(); ++site) {
    const auto side = static_cast<std::size_t>(map.side);
    const double atoms = map.height[site];
    x += std::polar(atoms, turn * static_cast<double>(site % side));
    y += std::polar(atoms, turn * static_cast<double>(site / side));
  }
  const auto shift = [&](const std::complex<double>& mean) {
    return static_cast<int>(std::lround(std::arg(mean) / turn)) - map.side / 2;
  };
  return {shift(x), shift(y)};
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
  for (const HoldAverages& hold : result.holds) {
    if (goes_on(named.run, hold.step)) continue;
    const std::vector<std::size_t> maps = last_maps(result, hold.step, config.output.microscope_frames);
    const Roll roll = centring_roll(result.snapshots[maps.back()].heights);
    for (const std::size_t map : maps) {
      json["programme"].push_back({{"temperature_k", hold.temperature_K},
                                   {"start_s", start_s},
                                   {"frames", 1},
                                   {"frame_interval_s", frame_interval_s},
                                   {"lattices",
                                    {{{"file", "heights.tif"},
                                      {"map", map},
                                      {"x_nm", corner_nm},
                                      {"y_nm", corner_nm},
                                      {"roll_x", roll.x},
                                      {"roll_y", roll.y}}}}});
      start_s += frame_interval_s;
    }
  }
  return json.dump(1) + "\n";
}

}  // namespace sinterscope
