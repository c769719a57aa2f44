// SPDX-License-Identifier: GPL-3.0-or-later
// The snapshots of lattice runs as a scene for the microscope.

#include <algorithm>
#include <cmath>
#include <complex>

#include "sinterscope/core/units.h"
#include "sinterscope/pipeline/config.h"
#include "sinterscope/pipeline/kmc_outputs.h"
#include "sinterscope/pipeline/simulate.h"

namespace sinterscope {
namespace {

using nlohmann::ordered_json;

constexpr double border_nm = 2.0;  ///< bare support around a lattice that is filmed alone
constexpr double frame_interval_s = 2.0;

/// Even and without drift, so that a film of so small a field stays in the frame.
nlohmann::json plain_microscope() {
  return {{"sample", {{"particle", "PdO"}, {"support", "CeO2(100)"}, {"shape_factor", 0.5}}},
          {"optics", {{"detector", "HAADF"}, {"pixel_size_nm", 0.1}, {"dose_counts", 400.0}}},
          {"support", {{"kind", "flat"}, {"mottle_amplitude", 0.01}, {"texture_amplitude", 0.005}}},
          {"drift", {{"walk_px", 0.0}}}};
}

/// The last snapshots of a step, at most `most`: they lie close together, as frames do.
std::vector<int> last_maps(const KmcResult& result, int step, int most) {
  std::vector<int> maps;
  for (std::size_t i = 0; i < result.snapshots.size(); ++i)
    if (result.snapshots[i].step == step) maps.push_back(static_cast<int>(i));
  if (maps.size() > static_cast<std::size_t>(most)) maps.erase(maps.begin(), maps.end() - most);
  return maps;
}

/// Whether the next step stays at the temperature of this one: the hold goes on, and is filmed there.
bool goes_on(const KmcRun& run, int step) {
  const auto next = static_cast<std::size_t>(step) + 1;
  return next < run.program.size() && run.program[next].is_hold() &&
         run.program[next].from_K == run.program[next - 1].to_K;
}

/// Brings the centre of all atoms, as it is on a period, into the middle of the map.
cv::Point centring_roll(const HeightMap& map) {
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

FilmedRun film_of(const KmcConfig& config, const NamedRun& named, const KmcResult& result,
                  const std::string& folder) {
  FilmedRun film{folder.empty() ? "heights.tif" : folder + "/heights.tif", result.side, {}};
  for (const HoldAverages& hold : result.holds) {
    if (goes_on(named.run, hold.step)) continue;
    FilmedHold filmed{hold.temperature_K, last_maps(result, hold.step, config.output.microscope_frames), {}};
    filmed.roll = centring_roll(result.snapshots[static_cast<std::size_t>(filmed.maps.back())].heights);
    film.holds.push_back(std::move(filmed));
  }
  return film;
}

std::string scene_of_films(const KmcConfig& config, const std::string& name,
                           std::span<const FilmedRun> films) {
  nlohmann::json scene = plain_microscope();
  if (config.microscope.is_object()) scene.merge_patch(config.microscope);
  const Sample sample = read_sample(scene["sample"], config.path.string() + ": microscope.sample");
  const double site_nm = 1.0 / std::sqrt(sample.site_density_nm2);
  const int across = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(films.size()))));
  const int down = (static_cast<int>(films.size()) + across - 1) / across;
  const double tile_nm = films.front().side * site_nm, border = films.size() > 1 ? 0.0 : border_nm;
  nlohmann::json& optics = scene["optics"];
  const double pixel_nm = optics.value("pixel_size_nm", 0.1);
  const auto pixels = [&](int tiles) {
    return static_cast<int>(std::ceil((tiles * tile_nm + 2.0 * border) / pixel_nm));
  };
  if (!optics.contains("width_px")) optics["width_px"] = pixels(across);
  if (!optics.contains("height_px")) optics["height_px"] = pixels(down);

  ordered_json json;
  json["schema"] = scene_schema;
  json["name"] = config.name + "-" + name;
  json["seed"] = static_cast<int>(config.seed % 2147483647U);
  for (const auto& [key, value] : scene.items()) json[key] = value;
  json["programme"] = ordered_json::array();
  double start_s = 0.0;
  for (std::size_t hold = 0; hold < films.front().holds.size(); ++hold) {
    std::size_t frames = films.front().holds[hold].maps.size();
    for (const FilmedRun& film : films) frames = std::min(frames, film.holds[hold].maps.size());
    for (std::size_t frame = 0; frame < frames; ++frame) {
      ordered_json lattices = ordered_json::array();
      for (std::size_t i = 0; i < films.size(); ++i) {
        const FilmedHold& filmed = films[i].holds[hold];
        lattices.push_back({{"file", films[i].heights_file},
                            {"map", filmed.maps[filmed.maps.size() - frames + frame]},
                            {"x_nm", border + 0.5 * site_nm + tile_nm * static_cast<double>(i % across)},
                            {"y_nm", border + 0.5 * site_nm + tile_nm * static_cast<double>(i / across)},
                            {"roll_x", filmed.roll.x},
                            {"roll_y", filmed.roll.y}});
      }
      json["programme"].push_back({{"temperature_k", films.front().holds[hold].temperature_K},
                                   {"start_s", start_s},
                                   {"frames", 1},
                                   {"frame_interval_s", frame_interval_s},
                                   {"lattices", lattices}});
      start_s += frame_interval_s;
    }
  }
  return json.dump(1) + "\n";
}

}  // namespace sinterscope
