// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/config.h"

#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/theory/nanoparticle.h"

namespace sinterscope {
namespace {

void read_particle(JsonReader& section, Sample& sample, double& molar_mass_g_mol) {
  if (section.raw("particle").is_object()) {
    JsonReader own = section.object("particle");
    sample.particle_name = own.text("name");
    sample.volume_per_metal_atom_nm3 = own.number("volume_per_metal_atom_nm3");
    molar_mass_g_mol = own.number("metal_molar_mass_g_mol", 0.0);
    if (!(sample.volume_per_metal_atom_nm3 > 0.0))
      throw own.wrong("volume_per_metal_atom_nm3", "must be positive");
    own.finish();
    return;
  }
  const std::string name = section.text("particle");
  const ParticleMaterial& material =
      in_context(section.where(), [&]() -> const ParticleMaterial& { return particle_material(name); });
  sample.particle_name = material.name;
  sample.volume_per_metal_atom_nm3 = material.volume_per_metal_atom_nm3;
  molar_mass_g_mol = material.metal_molar_mass_g_mol;
}

void read_support(JsonReader& section, Sample& sample) {
  if (section.raw("support").is_object()) {
    JsonReader own = section.object("support");
    sample.support_name = own.text("name");
    sample.site_density_nm2 = own.number("site_density_nm2");
    if (!(sample.site_density_nm2 > 0.0)) throw own.wrong("site_density_nm2", "must be positive");
    own.finish();
    return;
  }
  const std::string name = section.text("support");
  const SupportSurface& surface =
      in_context(section.where(), [&]() -> const SupportSurface& { return support_surface(name); });
  sample.support_name = surface.name;
  sample.site_density_nm2 = surface.site_density_nm2;
}

FrameEntry read_entry(JsonReader entry, const std::filesystem::path& folder) {
  FrameEntry result;
  const std::filesystem::path file = entry.text("file");
  result.file = file.is_absolute() ? file : folder / file;
  result.region = entry.text("region", "1");
  result.dataset = entry.text("dataset", "");
  result.temperature_c = entry.optional_number("temperature_c");
  if (const auto log = entry.optional_text("temperature_log")) result.temperature_log = folder / *log;
  result.start_s = entry.optional_number("start_s");
  result.frame_interval_s = entry.optional_number("frame_interval_s");
  if (result.temperature_c && *result.temperature_c <= -273.15)
    throw entry.wrong("temperature_c", "must lie above -273.15 C");
  if (result.frame_interval_s && !(*result.frame_interval_s > 0.0))
    throw entry.wrong("frame_interval_s", "must be positive");
  entry.finish();
  return result;
}

}  // namespace

Sample read_sample(const nlohmann::json& json, const std::string& where) {
  JsonReader section(json, where);
  Sample sample;
  double molar_mass_g_mol = 0.0;
  read_particle(section, sample, molar_mass_g_mol);
  read_support(section, sample);
  if (section.has("shape_factor") && section.has("contact_angle_deg"))
    throw section.wrong("contact_angle_deg", "give either shape_factor or contact_angle_deg, not both");
  if (section.has("contact_angle_deg"))
    sample.shape_factor = shape_factor(section.number("contact_angle_deg"));
  else
    sample.shape_factor = section.number("shape_factor", 0.5);
  if (!(sample.shape_factor > 0.0 && sample.shape_factor <= 2.0))
    throw section.wrong("shape_factor", "must lie between 0 and 2 (0.5 = hemisphere, 1 = sphere)");
  sample.loading_wt_percent = section.optional_number("loading_wt_percent");
  if (sample.loading_wt_percent && !(*sample.loading_wt_percent > 0.0 && *sample.loading_wt_percent < 100.0))
    throw section.wrong("loading_wt_percent", "must lie between 0 and 100");
  const std::optional<double> surface_m2_g = section.optional_number("surface_area_m2_g");
  if (sample.loading_wt_percent && surface_m2_g && molar_mass_g_mol > 0.0)
    sample.loading_per_site = loading_per_site(*sample.loading_wt_percent / 100.0, molar_mass_g_mol,
                                               *surface_m2_g, sample.site_density_nm2);
  section.finish();
  return sample;
}

PipelineConfig read_pipeline(const std::filesystem::path& path) {
  const nlohmann::json json = read_json_file(path);
  JsonReader file(json, path.string());
  PipelineConfig config;
  config.path = path;
  if (file.text("schema") != pipeline_schema)
    throw file.wrong("schema", fmt::format("this program reads \"{}\"", pipeline_schema));
  config.name = file.text("name", path.stem().string());
  if (file.has("sample")) config.sample = read_sample(file.raw("sample"), path.string() + ": sample");

  JsonReader acquisition = file.object("acquisition");
  acquisition.read_fields(config.acquisition);
  acquisition.finish();

  JsonReader outputs = file.object("outputs");
  outputs.read_fields(config.outputs);
  outputs.finish();

  JsonReader report = file.object("report");
  report.read_fields(config.report);
  report.finish();

  const std::filesystem::path folder = path.parent_path();
  for (JsonReader& entry : file.objects("frames"))
    config.frames.push_back(read_entry(std::move(entry), folder));
  if (config.frames.empty())
    throw usage_error(
        fmt::format("{}: frames is empty: name at least one image file, "
                    "e.g. \"frames\": [{{\"file\": \"stack.tif\"}}]",
                    path.string()));
  if (const auto log = file.optional_text("temperature_log")) config.temperature_log = folder / *log;
  config.temperature_log_offset_s = file.number("temperature_log_offset_s", 0.0);
  config.temperature_log_settle_s = file.number("temperature_log_settle_s", 0.0);
  if (!(config.temperature_log_settle_s >= 0.0))
    throw file.wrong("temperature_log_settle_s", "must not be negative");
  for (FrameEntry& entry : config.frames)
    if (entry.temperature_log.empty()) entry.temperature_log = config.temperature_log;
  config.seed = static_cast<std::uint64_t>(file.integer("seed", 1));
  config.check_images = file.flag("check_images", false);
  if (file.has("stages")) config.stages = file.raw("stages");
  if (!config.stages.is_object())
    throw file.wrong("stages", "must be an object {\"stage\": {\"option\": value}}");
  file.finish();
  return config;
}

}  // namespace sinterscope
