// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/describe_stages.h"

#include <fmt/format.h>

#include <cmath>

#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/registry.h"

namespace sinterscope {
namespace {

std::string allowed_values(const OptionField& field) {
  if (!field.choices.empty()) return fmt::format("one of {}", fmt::join(field.choices, ", "));
  if (std::isfinite(field.minimum) && std::isfinite(field.maximum))
    return fmt::format("{} to {}", field.minimum, field.maximum);
  if (std::isfinite(field.minimum)) return fmt::format("at least {}", field.minimum);
  return "";
}

struct Section {
  std::string name, text;
};

/// A section of the pipeline file beside the stages.
template <typename Options>
Section section(const std::string& name, const std::string& summary) {
  const Options options;
  const nlohmann::json values = to_json(options);
  std::string text = fmt::format("{} (a section of its own, beside stages)\n    {}\n", name, summary);
  Options::describe(options, [&](const auto&, const OptionField& field) {
    text += describe_field(field, values.at(field.name).dump());
  });
  return {name, text};
}

std::vector<Section> sections() {
  return {section<Acquisition>("acquisition", "how the frames were taken"),
          section<OutputOptions>("outputs",
                                 "what a run writes beside its tables, labels.tif, overlays and report"),
          section<PictureOptions>("report", "the pictures of report.html")};
}

std::string describe(const Stage& stage) {
  std::string text = fmt::format("{}\n    {}\n", stage.name(), stage.summary());
  const nlohmann::json values = stage.options();
  for (const OptionField& field : stage.option_fields())
    text += describe_field(field, values.at(field.name).dump());
  return text;
}

}  // namespace

std::string describe_field(const OptionField& field, const std::string& value) {
  const std::string unit = field.unit.empty() || field.unit == "1" ? "" : " " + field.unit;
  const std::string allowed = allowed_values(field);
  return fmt::format("      {:<28} {}{}{}\n          {}\n", field.name, value, unit,
                     allowed.empty() ? "" : "  (" + allowed + ")", field.text);
}

std::string describe_stages(const std::string& name) {
  std::string text;
  std::vector<std::string> names;
  for (const auto& stage : make_stages()) {
    names.push_back(stage->name());
    if (name.empty() || name == stage->name()) text += describe(*stage);
  }
  for (const Section& beside : sections()) {
    names.push_back(beside.name);
    if (name.empty() || name == beside.name) text += beside.text;
  }
  if (text.empty())
    throw usage_error(fmt::format("unknown stage '{}'; did you mean '{}'? (stages: {})", name,
                                  nearest_name(name, names), fmt::join(names, ", ")));
  return text;
}

std::string default_pipeline_text() {
  nlohmann::ordered_json json;
  json["schema"] = pipeline_schema;
  json["name"] = "my-experiment";
  json["sample"] = {{"particle", "PdO"}, {"support", "CeO2(100)"}, {"shape_factor", 0.5}};
  json["acquisition"] = {{"detector", "SE"}};
  json["frames"] = nlohmann::ordered_json::array();
  json["frames"].push_back(
      {{"file", "00_200C.tif"}, {"temperature_c", 200}, {"frame_interval_s", 1.0}, {"region", "1"}});
  for (const auto& stage : make_stages()) json["stages"][stage->name()] = stage->options();
  return json.dump(2) + "\n";
}

}  // namespace sinterscope
