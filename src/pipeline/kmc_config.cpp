// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/kmc_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "sinterscope/core/units.h"
#include "sinterscope/pipeline/config.h"
#include "sinterscope/pipeline/describe_stages.h"
#include "sinterscope/pipeline/height_maps.h"
#include "sinterscope/pipeline/json_reader.h"

namespace sinterscope {
namespace {

constexpr std::size_t most_runs = 100000;

std::uint64_t read_seed(JsonReader& file, std::uint64_t otherwise) {
  if (!file.has("seed")) return otherwise;
  const nlohmann::json value = file.raw("seed");
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  throw file.wrong("seed", fmt::format("must be a whole number between 0 and {}",
                                       std::numeric_limits<std::uint64_t>::max()));
}

/// A temperature given as NAME_k or NAME_c.
std::optional<double> read_kelvin(JsonReader& reader, const std::string& name) {
  const std::optional<double> kelvin = reader.optional_number(name + "_k"),
                              celsius = reader.optional_number(name + "_c");
  if (kelvin && celsius) throw reader.wrong(name + "_c", fmt::format("give {0}_k or {0}_c, not both", name));
  const std::optional<double> value = celsius ? kelvin_from_celsius(*celsius) : kelvin;
  if (value && !(*value >= 1.0 && *value <= 1e5))
    throw reader.wrong(name + (celsius ? "_c" : "_k"), "must lie between 1 and 100000 K");
  return value;
}

TemperatureStep read_step(JsonReader reader) {
  TemperatureStep step;
  const std::optional<double> hold = read_kelvin(reader, "temperature"), from = read_kelvin(reader, "from"),
                              to = read_kelvin(reader, "to");
  reader.read_fields(step);
  reader.finish();
  if (hold ? from || to : !(from && to))
    throw usage_error(reader.where() + ": give temperature_k (a hold), or from_k and to_k (a ramp)");
  step.from_K = hold ? *hold : *from;
  step.to_K = hold ? *hold : *to;
  if (step.events < 1.0 && step.duration <= 0.0)
    throw usage_error(reader.where() +
                      ": has no end: give events (executed hops, at least 1), duration, or both");
  return step;
}

std::vector<TemperatureStep> read_program(JsonReader& reader, const std::vector<TemperatureStep>& otherwise) {
  if (!reader.has("program")) return otherwise;
  std::vector<TemperatureStep> program;
  for (JsonReader& step : reader.objects("program")) program.push_back(read_step(std::move(step)));
  if (program.empty())
    throw reader.wrong("program", "give at least one step, e.g. [{\"temperature_k\": 773, \"events\": 1e8}]");
  return program;
}

KmcOptions read_lattice(JsonReader& reader, const KmcOptions& otherwise) {
  KmcOptions options = otherwise;
  JsonReader section = reader.object("lattice");
  if (section.has("dh_ev") && !section.has("pair_energy_ev")) options.pair_energy_eV.reset();
  section.read_fields(options);
  section.finish();
  return options;
}

/// {"file": image of height maps, "map": which (the last where absent)}.
void read_start(JsonReader& reader, const std::filesystem::path& folder, NamedRun& run) {
  if (!reader.has("start_state")) return;
  JsonReader section = reader.object("start_state");
  run.start_file = folder / section.text("file");
  std::optional<int> map;
  if (section.has("map")) map = section.integer("map");
  section.finish();
  in_context(reader.where() + ": start_state",
             [&] { run.run.start = height_map_of(read_height_map(run.start_file, map)); });
}

void check_name(JsonReader& reader, const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '+';
  });
  if (name.empty() || name.front() == '.' || !plain || name == "checkpoints")
    throw reader.wrong("name", "it names a folder: use letters, digits, '-', '_', '+' and '.' (not first)");
}

std::vector<double> read_list(JsonReader& reader, const std::string& key, double minimum, double maximum) {
  const nlohmann::json list = reader.raw(key);
  std::vector<double> values;
  for (const nlohmann::json& value : list.is_array() ? list : nlohmann::json::array({list})) {
    if (!value.is_number() || !(value.get<double>() >= minimum && value.get<double>() <= maximum))
      throw reader.wrong(key, fmt::format("must be a list of numbers between {} and {}", minimum, maximum));
    values.push_back(value.get<double>());
  }
  if (values.empty()) throw reader.wrong(key, "must hold at least one number");
  return values;
}

/// One run for every value of the list.
template <typename Apply>
std::vector<NamedRun> varied(const std::vector<NamedRun>& runs, const std::vector<double>& values,
                             const std::string& unit, const Apply& apply) {
  std::vector<NamedRun> result;
  for (const NamedRun& run : runs)
    for (const double value : values) {
      result.push_back(run);
      result.back().name += fmt::format("_{}{}", value, unit);
      apply(result.back().run, value);
    }
  return result;
}

std::vector<NamedRun> vary(JsonReader& reader, std::vector<NamedRun> runs) {
  JsonReader section = reader.object("vary");
  if (section.has("atoms"))
    runs = varied(runs, read_list(section, "atoms", 1, 100000), "atoms", [&](KmcRun& run, double value) {
      if (value != std::floor(value)) throw section.wrong("atoms", "must be whole numbers");
      run.options.atoms = static_cast<int>(value);
    });
  if (section.has("dh_ev"))
    runs = varied(runs, read_list(section, "dh_ev", -10.0, -1e-6), "eV", [](KmcRun& run, double value) {
      run.options.dh_eV = value;
      run.options.pair_energy_eV.reset();
    });
  if (section.has("temperature_k"))
    runs = varied(runs, read_list(section, "temperature_k", 1.0, 1e5), "K", [&](KmcRun& run, double value) {
      if (run.program.size() != 1 || !run.program[0].is_hold())
        throw section.wrong("temperature_k", "needs a program of one hold, whose temperature it replaces");
      run.program[0].from_K = run.program[0].to_K = value;
    });
  section.finish();
  return runs;
}

/// An entry of "runs", or the file itself where it has none: one run or many.
void read_run(JsonReader& reader, const KmcConfig& config, const std::vector<TemperatureStep>& program,
              const std::string& name, std::vector<NamedRun>& runs) {
  NamedRun run;
  run.name = name;
  run.run.options = config.lattice;
  run.run.program = program;
  read_start(reader, config.path.parent_path(), run);
  const int repeat = reader.integer("repeat", 1);
  if (repeat < 1 || repeat > 10000) throw reader.wrong("repeat", "must lie between 1 and 10000");
  for (NamedRun& one : vary(reader, {run})) {
    one.series = one.name;
    if (one.run.program.empty())
      throw usage_error(reader.where() +
                        ": program is missing: give at least one step, e.g. [{\"temperature_k\": 773, "
                        "\"events\": 1e8}]");
    for (int i = 1; i <= repeat; ++i) {
      runs.push_back(one);
      if (repeat > 1) runs.back().name += fmt::format("_{}", i);
      if (runs.size() > most_runs)
        throw reader.wrong("repeat", fmt::format("makes more than {} runs", most_runs));
    }
  }
}

void read_runs(JsonReader& file, KmcConfig& config) {
  const std::vector<TemperatureStep> program = read_program(file, {});
  if (!file.has("runs")) {
    read_run(file, config, program, "run", config.runs);
    return;
  }
  KmcConfig entry_config = config;
  for (JsonReader& entry : file.objects("runs")) {
    const std::string name = entry.text("name", fmt::format("{}", config.runs.size() + 1));
    check_name(entry, name);
    entry_config.lattice = read_lattice(entry, config.lattice);
    read_run(entry, entry_config, read_program(entry, program), name, config.runs);
    entry.finish();
  }
  if (config.runs.empty()) throw file.wrong("runs", "must hold at least one run");
  std::set<std::string> names;
  for (const NamedRun& run : config.runs)
    if (!names.insert(run.name).second)
      throw file.wrong("runs", fmt::format("two runs are called '{}': give them different names", run.name));
}

void override_events(KmcConfig& config, double events) {
  if (!(events >= 1.0 && events <= 1e15))
    throw usage_error(fmt::format("--events is {}: must lie between 1 and 1e15", events));
  for (NamedRun& run : config.runs)
    for (TemperatureStep& step : run.run.program) step.events = events;
  if (config.phases) config.phases->events = events;
}

}  // namespace

KmcConfig read_kmc_config(const std::filesystem::path& path, const KmcOverrides& overrides) {
  const nlohmann::json json = read_json_file(path);
  JsonReader file(json, path.string());
  KmcConfig config;
  config.path = path;
  if (file.text("schema") != kmc_schema)
    throw file.wrong("schema", fmt::format("this program reads \"{}\"", kmc_schema));
  config.name = file.text("name", path.stem().string());
  config.seed = overrides.seed.value_or(read_seed(file, 1));
  config.lattice = read_lattice(file, config.lattice);
  JsonReader output = file.object("output");
  output.read_fields(config.output);
  output.finish();
  config.microscope = file.raw("microscope");
  if (!config.microscope.is_null() && !config.microscope.is_object())
    throw file.wrong("microscope", "must be an object {...} of scene keys");
  if (config.microscope.contains("sample"))
    read_sample(config.microscope["sample"], path.string() + ": microscope.sample");
  if (file.has("phase_diagram")) {
    config.phases.emplace();
    JsonReader section = file.object("phase_diagram");
    section.read_fields(*config.phases);
    section.finish();
    if (file.has("runs") || file.has("program"))
      throw file.wrong("phase_diagram", "it makes its own runs: give no runs and no program beside it");
  } else {
    read_runs(file, config);
  }
  file.finish();
  if (overrides.events) override_events(config, *overrides.events);
  for (const NamedRun& run : config.runs)
    in_context(fmt::format("{}: run '{}'", path.string(), run.name), [&] { validate(run.run); });
  if (config.phases)
    in_context(path.string() + ": phase_diagram", [&] { validate(config.lattice, *config.phases); });
  return config;
}

std::string default_kmc_text() {
  nlohmann::ordered_json json;
  json["schema"] = kmc_schema;
  json["name"] = "my-lattice";
  json["seed"] = 1;
  json["lattice"] = to_json(KmcOptions());
  json["program"] = nlohmann::ordered_json::array();
  json["program"].push_back({{"temperature_k", 300}, {"events", 1e7}});
  json["program"].push_back({{"from_k", 300}, {"to_k", 773}, {"events", 1e6}});
  json["program"].push_back({{"temperature_k", 773}, {"events", 1e7}});
  json["output"] = to_json(KmcOutput());
  return json.dump(2) + "\n";
}

std::string describe_kmc_options() {
  std::string text;
  const auto section = [&text](const std::string& title, const auto& options) {
    text += title + "\n";
    const nlohmann::json values = to_json(options);
    std::decay_t<decltype(options)>::describe(options, [&](const auto&, const OptionField& field) {
      text += describe_field(field, values.at(field.name).dump());
    });
  };
  text +=
      "schema \"sinterscope/kmc/1\", name, seed (0 to 2^64 - 1)\n"
      "runs\n    list of {name, lattice, program, start_state {file, map}, repeat, vary {atoms, dh_ev, "
      "temperature_k}};\n    without it, the same keys at the top make one run\n"
      "microscope\n    scene keys (see simulate) for scene.json\n";
  section("lattice", KmcOptions());
  section("program\n    list of steps; a hold may say temperature_k or temperature_c, a ramp from_c and to_c",
          TemperatureStep());
  section("phase_diagram\n    instead of runs", PhaseOptions());
  section("output", KmcOutput());
  return text;
}

}  // namespace sinterscope
