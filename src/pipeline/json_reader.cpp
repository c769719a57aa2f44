// SPDX-License-Identifier: GPL-3.0-or-later
#include "sinterscope/pipeline/json_reader.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

namespace sinterscope {
namespace {

std::string shortened(const nlohmann::json& value) {
  std::string text = value.dump();
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

}  // namespace

nlohmann::json read_json_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw usage_error(
        fmt::format("{}: cannot be read; check that the file exists and is readable", path.string()));
  try {
    return nlohmann::json::parse(file, nullptr, true, true);
  } catch (const nlohmann::json::exception& error) {
    throw usage_error(fmt::format("{}: not valid JSON: {}", path.string(), error.what()));
  }
}

JsonReader::JsonReader(const nlohmann::json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object_.is_object())
    throw usage_error(fmt::format("{} is {}: must be an object {{...}}", where_, shortened(object_)));
}

std::string JsonReader::name_of(const std::string& key) const {
  return where_.find(": ") == std::string::npos ? where_ + ": " + key : where_ + "." + key;
}

const nlohmann::json* JsonReader::find(const std::string& key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.push_back(key);
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

const nlohmann::json& JsonReader::require(const std::string& key) {
  const nlohmann::json* value = find(key);
  if (value) return *value;
  std::string hint;
  const std::string nearest = nearest_name(key, keys());
  if (!nearest.empty()) hint = fmt::format(" (nearest key there: '{}')", nearest);
  throw usage_error(fmt::format("{} is missing{}", name_of(key), hint));
}

Error JsonReader::wrong(const std::string& key, const std::string& what_would_be_right) const {
  const auto found = object_.find(key);
  return usage_error(fmt::format("{} is {}: {}", name_of(key),
                                 found == object_.end() ? "missing" : shortened(*found),
                                 what_would_be_right));
}

bool JsonReader::has(const std::string& key) { return find(key) != nullptr; }

double JsonReader::number(const std::string& key) {
  const nlohmann::json& value = require(key);
  if (!value.is_number() || !std::isfinite(value.get<double>())) throw wrong(key, "must be a number");
  return value.get<double>();
}

int JsonReader::integer(const std::string& key) {
  const double value = number(key);
  if (value != std::floor(value) || std::abs(value) > std::numeric_limits<int>::max())
    throw wrong(key, "must be a whole number");
  return static_cast<int>(value);
}

std::string JsonReader::text(const std::string& key) {
  const nlohmann::json& value = require(key);
  if (!value.is_string()) throw wrong(key, "must be text in quotes");
  return value.get<std::string>();
}

bool JsonReader::flag(const std::string& key, bool otherwise) {
  const nlohmann::json* value = find(key);
  if (!value) return otherwise;
  if (!value->is_boolean()) throw wrong(key, "must be true or false");
  return value->get<bool>();
}

double JsonReader::number(const std::string& key, double otherwise) {
  return has(key) ? number(key) : otherwise;
}
int JsonReader::integer(const std::string& key, int otherwise) { return has(key) ? integer(key) : otherwise; }

std::string JsonReader::text(const std::string& key, const std::string& otherwise) {
  return has(key) ? text(key) : otherwise;
}

std::optional<double> JsonReader::optional_number(const std::string& key) {
  return has(key) ? std::optional<double>(number(key)) : std::nullopt;
}

std::optional<std::string> JsonReader::optional_text(const std::string& key) {
  return has(key) ? std::optional<std::string>(text(key)) : std::nullopt;
}

std::vector<JsonReader> JsonReader::objects(const std::string& key) {
  std::vector<JsonReader> result;
  const nlohmann::json* value = find(key);
  if (!value) return result;
  if (!value->is_array()) throw wrong(key, "must be a list [...]");
  for (std::size_t i = 0; i < value->size(); ++i)
    result.emplace_back((*value)[i], fmt::format("{}[{}]", name_of(key), i));
  return result;
}

JsonReader JsonReader::object(const std::string& key) {
  const nlohmann::json* value = find(key);
  return JsonReader(value ? *value : nlohmann::json::object(), name_of(key));
}

nlohmann::json JsonReader::raw(const std::string& key) {
  const nlohmann::json* value = find(key);
  return value ? *value : nlohmann::json();
}

std::vector<std::string> JsonReader::keys() const {
  std::vector<std::string> result;
  for (const auto& [key, value] : object_.items())
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) result.push_back(key);
  return result;
}

void JsonReader::finish() const {
  for (const std::string& key : keys()) {
    if (key.rfind("//", 0) == 0) continue;  // a remark
    throw usage_error(
        fmt::format("{}: unknown key '{}'; did you mean '{}'?", where_, key, nearest_name(key, asked_)));
  }
}

}  // namespace sinterscope
