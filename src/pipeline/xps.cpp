// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/xps.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sinterscope/core/error.h"
#include "sinterscope/core/units.h"
#include "sinterscope/inference/xps_fit.h"
#include "sinterscope/io/file_hash.h"
#include "sinterscope/io/output_file.h"
#include "sinterscope/io/spectrum_file.h"
#include "sinterscope/pipeline/describe_stages.h"
#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/output_directory.h"
#include "sinterscope/pipeline/version.h"
#include "xps_outputs.h"

namespace sinterscope {
namespace {

constexpr const char* spectra_schema = "sinterscope/xps/1";
constexpr const char* result_schema = "sinterscope/xps-result/1";

struct SpectraFile {
  std::string name;
  XpsOptions options;
  std::vector<Spectrum> spectra;
  nlohmann::json inputs = nlohmann::json::array();  ///< files and their hashes
};

Spectrum read_entry(JsonReader entry, const std::filesystem::path& folder, nlohmann::json& inputs) {
  const std::filesystem::path file = folder / entry.text("file");
  SpectrumChoice choice;
  choice.block = entry.text("block", "");
  choice.variable = entry.text("variable", "");
  choice.photon_energy_eV = entry.optional_number("photon_energy_ev");
  choice.work_function_eV = entry.number("work_function_ev", 0.0);
  choice.dwell_s = entry.optional_number("dwell_s");
  const auto name = entry.optional_text("name");
  const auto celsius = entry.optional_number("temperature_c");
  entry.finish();
  if (celsius && !(*celsius > -zero_celsius_K && *celsius < 5000.0))
    throw entry.wrong("temperature_c", "must lie between -273.15 and 5000 C");
  Spectrum spectrum = in_context(entry.where(), [&] { return read_spectrum(file, choice); });
  if (name) spectrum.name = *name;
  if (celsius) spectrum.temperature_K = kelvin_from_celsius(*celsius);
  inputs.push_back({{"file", file.filename().string()}, {"sha256", sha256_of_file(file)}});
  return spectrum;
}

SpectraFile read_spectra_file(const std::filesystem::path& path) {
  JsonReader file(read_json_file(path), path.string());
  SpectraFile result;
  if (file.text("schema") != spectra_schema)
    throw file.wrong("schema", fmt::format("this program reads \"{}\"", spectra_schema));
  result.name = file.text("name", path.stem().string());
  JsonReader options = file.object("options");
  options.read_fields(result.options);
  options.finish();
  std::set<std::string> names;
  for (JsonReader& entry : file.objects("spectra")) {
    result.spectra.push_back(read_entry(entry, path.parent_path(), result.inputs));
    const std::string& name = result.spectra.back().name;
    if (!names.insert(name).second)
      throw usage_error(fmt::format(
          "{}: a second spectrum is called '{}': give them different names by 'name'", entry.where(), name));
  }
  file.finish();
  if (result.spectra.empty()) throw file.wrong("spectra", "must list one spectrum at least");
  return result;
}

}  // namespace

std::string analyse_spectra(const XpsRequest& request) {
  const SpectraFile file = read_spectra_file(request.spectra);
  const XpsFit fit =
      in_context(request.spectra.string(), [&] { return fit_xps(file.spectra, file.options); });
  make_directory(request.out);
  write_xps_tables(fit, request.out);
  nlohmann::json json = xps_json(fit);
  json["schema"] = result_schema;
  json["version"] = version;
  json["name"] = file.name;
  json["inputs"] = file.inputs;
  write_file(request.out / "xps.json", json.dump(1) + "\n");
  return describe_xps(fit);
}

std::string describe_xps_options() {
  const XpsOptions options;
  const nlohmann::json values = to_json(options);
  std::string text =
      "schema \"sinterscope/xps/1\", name\n"
      "spectra\n    list of {file, temperature_c, name, block, variable, photon_energy_ev, work_function_ev, "
      "dwell_s}\noptions\n";
  XpsOptions::describe(options, [&](const auto&, const OptionField& field) {
    text += describe_field(field, values.at(field.name).dump());
  });
  return text;
}

std::vector<DispersedShare> read_dispersed_shares(const std::filesystem::path& xps_json) {
  JsonReader file(read_json_file(xps_json), xps_json.string());
  if (file.text("schema") != result_schema)
    throw file.wrong("schema", fmt::format("must be \"{}\": give the xps.json that `sinterscope xps` wrote",
                                           result_schema));
  // Nearer to 0 or 1 the logit of a share with a normal error is not normal.
  constexpr double nearest = 0.02;
  std::vector<DispersedShare> shares;
  for (JsonReader& spectrum : file.objects("spectra")) {
    const auto temperature_K = spectrum.optional_number("temperature_k");
    const auto fraction = spectrum.object("interfacial_fraction").optional_number("estimate");
    const double se = spectrum.number("interfacial_fraction_se");
    if (!temperature_K || !fraction || !(se > 0.0)) continue;
    const double f = std::clamp(*fraction, nearest, 1.0 - nearest);
    shares.push_back({*temperature_K, f, se / (f * (1.0 - f))});
  }
  if (shares.empty())
    throw Error(
        fmt::format("{}: no spectrum with a temperature bounds the interfacial fraction", xps_json.string()));
  return shares;
}

}  // namespace sinterscope
