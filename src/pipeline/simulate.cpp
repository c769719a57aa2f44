// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/simulate.h"

#include <fmt/format.h>

#include <cmath>

#include "sinterscope/core/parallel.h"
#include "sinterscope/core/table.h"
#include "sinterscope/core/units.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/table_file.h"
#include "sinterscope/io/tiff_writer.h"
#include "sinterscope/pipeline/config.h"
#include "sinterscope/pipeline/height_maps.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/output_directory.h"
#include "sinterscope/synth/lattice_scene.h"
#include "sinterscope/synth/microscope.h"
#include "sinterscope/theory/entropy_model.h"

namespace sinterscope {
namespace {

using nlohmann::ordered_json;

struct SceneFile {
  Scene scene;
  Sample sample;
  nlohmann::json sample_section;
  std::optional<double> dh_eV;
  nlohmann::json pipeline = nlohmann::json::object();  ///< extra keys for pipeline.json
};

template <typename Section>
void read_section(JsonReader& file, const char* key, Section& section) {
  JsonReader reader = file.object(key);
  reader.read_fields(section);
  reader.finish();
}

/// {"file": image of height maps, "map": which, "region", "site_nm", "x_nm", "y_nm", "roll_x", "roll_y":
/// sites by which the periodic map is moved}.
LatticePatch read_lattice(JsonReader& reader, const std::filesystem::path& folder, const Sample& sample) {
  LatticePatch patch;
  std::optional<int> map;
  if (reader.has("map")) map = reader.integer("map");
  patch.heights =
      in_context(reader.where(), [&] { return read_height_map(folder / reader.text("file"), map); });
  patch.heights = rolled(patch.heights, reader.integer("roll_y", 0), reader.integer("roll_x", 0));
  patch.region = reader.text("region", patch.region);
  patch.site_nm = reader.number("site_nm", 1.0 / std::sqrt(sample.site_density_nm2));
  patch.x_nm = reader.number("x_nm", 0.0);
  patch.y_nm = reader.number("y_nm", 0.0);
  reader.finish();
  return patch;
}

SceneStep read_step(JsonReader reader, const SceneFile& file, const std::filesystem::path& folder) {
  SceneStep step;
  if (const auto celsius = reader.optional_number("temperature_c"))
    step.temperature_K = kelvin_from_celsius(*celsius);
  reader.read_fields(step);
  for (JsonReader& scripted : reader.objects("particles")) {
    step.particles.emplace_back();
    scripted.read_fields(step.particles.back());
    scripted.finish();
  }
  for (JsonReader& lattice : reader.objects("lattices"))
    step.lattices.push_back(read_lattice(lattice, folder, file.sample));
  reader.finish();
  if (!step.c_star && file.dh_eV && step.temperature_K)
    step.c_star = critical_concentration(*file.dh_eV, *step.temperature_K);
  return step;
}

SceneFile read_scene(const std::filesystem::path& path) {
  const nlohmann::json json = read_json_file(path);
  JsonReader file(json, path.string());
  if (file.text("schema") != scene_schema)
    throw file.wrong("schema", fmt::format("this program reads \"{}\"", scene_schema));
  SceneFile result;
  file.read_fields(result.scene);
  if (file.has("regions")) {
    result.scene.regions.clear();
    for (const nlohmann::json& region : file.raw("regions")) {
      if (!region.is_string()) throw file.wrong("regions", "must be a list of names in quotes");
      result.scene.regions.push_back(region.get<std::string>());
    }
  }
  result.sample_section = file.raw("sample");
  result.sample = read_sample(result.sample_section, path.string() + ": sample");
  JsonReader thermodynamics = file.object("thermodynamics");
  result.dh_eV = thermodynamics.optional_number("dh_ev");
  thermodynamics.finish();
  read_section(file, "optics", result.scene.optics);
  read_section(file, "support", result.scene.support);
  read_section(file, "detector", result.scene.detector);
  read_section(file, "drift", result.scene.drift);
  read_section(file, "population", result.scene.population);
  for (JsonReader& step : file.objects("programme"))
    result.scene.programme.push_back(read_step(std::move(step), result, path.parent_path()));
  if (file.has("pipeline")) result.pipeline = file.raw("pipeline");
  file.finish();
  in_context(path.string(), [&] { validate_scene(result.scene); });
  return result;
}

/// Frames of one step and region: one file.
struct Stack {
  int step = 0, region = 0;
  std::vector<int> frames;
  std::string file;
};

std::vector<Stack> stacks_of(const Microscope& microscope) {
  std::vector<Stack> stacks;
  const ThermalHistory& history = microscope.history();
  for (const FrameRecord& record : history.frames) {
    const int step = microscope.step_of(record.frame);
    if (stacks.empty() || stacks.back().step != step || stacks.back().region != record.region) {
      const std::string temperature =
          record.temperature_K ? fmt::format("_{:.0f}C", celsius_from_kelvin(*record.temperature_K))
                               : std::string();
      const std::string region = history.regions.size() > 1
                                     ? "_" + history.regions[static_cast<std::size_t>(record.region)]
                                     : std::string();
      stacks.push_back({step, record.region, {}, fmt::format("{:02}{}{}.tif", step, region, temperature)});
    }
    stacks.back().frames.push_back(record.frame);
  }
  return stacks;
}

void write_stack(const Microscope& microscope, const Stack& stack, const std::filesystem::path& out,
                 int threads, Progress& progress) {
  const OpticsSettings& optics = microscope.scene().optics;
  const SceneStep& step = microscope.scene().programme[static_cast<std::size_t>(stack.step)];
  TiffStackFormat format;
  format.frames = stack.frames.size();
  format.calibration = {optics.pixel_size_nm, optics.pixel_size_nm, "scene"};
  format.frame_interval_s = step.frame_interval_s;
  format.deflate = true;
  TiffStackWriter writer(out / stack.file, format);
  const std::size_t batch = 16;  // frames in memory at once
  for (std::size_t first = 0; first < stack.frames.size(); first += batch) {
    std::vector<cv::Mat> recorded(std::min(batch, stack.frames.size() - first));
    parallel_for(recorded.size(), threads, [&](std::size_t i) {
      const cv::Mat1f pixels = microscope.record(stack.frames[first + i]).pixels;
      pixels.convertTo(recorded[i], microscope.scene().detector.bits <= 8 ? CV_8U : CV_16U);
      progress.advance();
    });
    for (const cv::Mat& frame : recorded) writer.write(frame);
  }
  writer.finish();
}

ordered_json pipeline_json(const SceneFile& file, const Microscope& microscope,
                           const std::vector<Stack>& stacks) {
  const Scene& scene = file.scene;
  ordered_json json;
  json["schema"] = pipeline_schema;
  json["name"] = scene.name;
  json["sample"] = file.sample_section;
  json["acquisition"] = {{"detector", scene.optics.detector}, {"pixel_size_nm", scene.optics.pixel_size_nm}};
  json["frames"] = ordered_json::array();
  for (const Stack& stack : stacks) {
    const SceneStep& step = scene.programme[static_cast<std::size_t>(stack.step)];
    ordered_json entry = {{"file", stack.file}};
    if (step.temperature_K)
      entry["temperature_c"] = std::round(celsius_from_kelvin(*step.temperature_K) * 1e6) / 1e6;
    entry["start_s"] = step.start_s;
    entry["frame_interval_s"] = step.frame_interval_s;
    entry["region"] = microscope.history().regions[static_cast<std::size_t>(stack.region)];
    json["frames"].push_back(entry);
  }
  for (const auto& [key, value] : file.pipeline.items()) {
    if (value.is_object() && json.contains(key))
      json[key].update(ordered_json(value));
    else
      json[key] = value;
  }
  return json;
}

Table truth_table(const Microscope& microscope) {
  Table table({"frame", "region", "hold", "id", "x_px", "y_px", "x_nm", "y_nm", "diameter_nm", "axis_ratio",
               "angle_deg", "atoms", "large", "cut_by_edge", "previous_at_site"});
  const std::vector<std::string>& regions = microscope.history().regions;
  for (int frame = 0; frame < microscope.frame_count(); ++frame)
    for (const TruthParticle& p : microscope.particles_in(frame))
      table.add_row({std::int64_t{p.frame}, regions[static_cast<std::size_t>(p.region)], std::int64_t{p.hold},
                     std::int64_t{p.id}, p.x_px, p.y_px, p.x_nm, p.y_nm, p.diameter_nm, p.axis_ratio,
                     p.angle_deg, p.atoms, std::int64_t{p.large ? 1 : 0}, std::int64_t{p.cut_by_edge ? 1 : 0},
                     p.previous_at_site >= 0 ? Cell(std::int64_t{p.previous_at_site}) : Cell()});
  return table;
}

/// Every cluster of the lattices in every frame, single ad-atoms too: the atoms of a frame add up.
Table lattice_truth_table(const Microscope& microscope) {
  Table table({"frame", "region", "hold", "lattice", "x_nm", "y_nm", "atoms", "columns", "diameter_nm"});
  const ThermalHistory& history = microscope.history();
  for (const FrameRecord& record : history.frames) {
    const auto step = static_cast<std::size_t>(microscope.step_of(record.frame));
    const std::vector<LatticePatch>& lattices = microscope.scene().programme[step].lattices;
    const std::string& region = history.regions[static_cast<std::size_t>(record.region)];
    for (std::size_t lattice = 0; lattice < lattices.size(); ++lattice) {
      if (lattices[lattice].region != region) continue;
      for (const LatticeCluster& cluster : lattice_clusters(lattices[lattice], 1))
        table.add_row({std::int64_t{record.frame}, region, std::int64_t{record.hold},
                       static_cast<std::int64_t>(lattice), cluster.x_nm, cluster.y_nm,
                       std::int64_t{cluster.atoms}, std::int64_t{cluster.columns}, cluster.diameter_nm});
    }
  }
  return table;
}

ordered_json number_or_null(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

ordered_json truth_json(const SceneFile& file, const Microscope& microscope) {
  const Truth& truth = microscope.truth();
  ordered_json json;
  json["schema"] = "sinterscope/truth/1";
  json["dh_ev"] = number_or_null(file.dh_eV);
  json["c_ad"] = file.scene.population.c_tot;
  json["probe_sigma_nm"] = file.scene.optics.probe_sigma_nm;
  json["pixel_size_nm"] = file.scene.optics.pixel_size_nm;
  json["gain"] = file.scene.detector.gain;
  json["offset"] = file.scene.detector.offset;
  json["read_noise"] = file.scene.detector.read_noise;
  for (const TruthStep& s : truth.steps)
    json["steps"].push_back({{"step", s.step},
                             {"hold", s.hold},
                             {"region", truth.regions[static_cast<std::size_t>(s.region)]},
                             {"temperature_k", number_or_null(s.temperature_K)},
                             {"c_star", number_or_null(s.c_star)},
                             {"c_ad", number_or_null(s.c_ad)},
                             {"c_tot", s.c_tot},
                             {"c_np", s.c_np},
                             {"c_np_in_view", s.c_np_in_view},
                             {"particles_in_view", s.particles_in_view},
                             {"support_area_nm2", s.support_area_nm2},
                             {"oxide_area_nm2", s.oxide_area_nm2},
                             {"diameter_mean_nm", number_or_null(s.diameter_mean_nm)},
                             {"diameter_sd_nm", number_or_null(s.diameter_sd_nm)}});
  json["events"] = ordered_json::array();
  for (const TruthEvent& e : truth.events)
    json["events"].push_back({{"event", to_text(e.kind)},
                              {"region", truth.regions[static_cast<std::size_t>(e.region)]},
                              {"hold", e.hold},
                              {"frame", e.frame},
                              {"id", e.id},
                              {"partners", e.partners}});
  for (std::size_t region = 0; region < truth.drift.size(); ++region) {
    ordered_json shifts = ordered_json::array();
    for (const FrameShift& shift : truth.drift[region])
      shifts.push_back({shift.shift_px.x, shift.shift_px.y});
    json["drift_px"][truth.regions[region]] = shifts;
  }
  return json;
}

}  // namespace

std::string simulate_experiment(const std::filesystem::path& scene_file, const std::filesystem::path& out,
                                int threads, Progress& progress) {
  const SceneFile file = read_scene(scene_file);
  make_directory(out);
  const Microscope microscope =
      in_context(scene_file.string(), [&] { return Microscope(file.scene, file.sample, threads); });
  const std::vector<Stack> stacks = stacks_of(microscope);
  progress.start("simulate", static_cast<std::size_t>(microscope.frame_count()));
  for (const Stack& stack : stacks) write_stack(microscope, stack, out, threads, progress);
  write_csv(out / "truth.csv", truth_table(microscope));
  const Table lattices = lattice_truth_table(microscope);
  if (lattices.size() > 0) write_csv(out / "lattice_truth.csv", lattices);
  write_file(out / "truth.json", truth_json(file, microscope).dump(1) + "\n");
  write_file(out / "pipeline.json", pipeline_json(file, microscope, stacks).dump(2) + "\n");
  return fmt::format("{} frames in {} files, pipeline.json, truth.csv and truth.json in {}\n",
                     microscope.frame_count(), stacks.size(), out.string());
}

}  // namespace sinterscope
