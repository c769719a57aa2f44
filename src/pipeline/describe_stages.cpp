// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/describe_stages.h"

#include <fmt/format.h>

#include <cmath>

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
