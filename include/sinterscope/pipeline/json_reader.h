// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Reading JSON so that a mistake is answered with where it stands, what was found and what would be right.
//
// A JsonReader walks one object. Every key that is asked for is known; finish() refuses the rest, naming the
// nearest known key. Errors are usage errors that read "pipeline.json: frames[2].temperature_c is \"hot\":
// must be a number".

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "sinterscope/core/options.h"

namespace sinterscope {

/// Parses a file. Error where it cannot be read, usage error with line and column where it is not JSON.
nlohmann::json read_json_file(const std::filesystem::path& path);

class JsonReader {
 public:
  /// `where` names the object in messages, e.g. "pipeline.json" or "pipeline.json: frames[2]".
  JsonReader(const nlohmann::json& object, std::string where);

  bool has(const std::string& key);
  double number(const std::string& key);
  int integer(const std::string& key);
  std::string text(const std::string& key);
  bool flag(const std::string& key, bool otherwise);
  double number(const std::string& key, double otherwise);
  int integer(const std::string& key, int otherwise);
  std::string text(const std::string& key, const std::string& otherwise);
  std::optional<double> optional_number(const std::string& key);
  std::optional<std::string> optional_text(const std::string& key);
  /// The array under the key; an empty list where the key is absent.
  std::vector<JsonReader> objects(const std::string& key);
  /// The object under the key; an empty object where the key is absent.
  JsonReader object(const std::string& key);
  /// The value as it stands, null where absent.
  nlohmann::json raw(const std::string& key);
  /// Keys not asked for so far, in the file's order.
  std::vector<std::string> keys() const;
  void finish() const;

  /// All fields of an options struct from keys of this object; absent keys keep their default. Does not
  /// finish().
  template <typename Options>
  void read_fields(Options& options) {
    Options::describe(options, [this](auto& value, const OptionField& field) {
      using Value = std::decay_t<decltype(value)>;
      if (!has(field.name)) return;
      if constexpr (std::is_same_v<Value, bool>)
        value = flag(field.name, value);
      else if constexpr (std::is_same_v<Value, int>)
        value = integer(field.name);
      else if constexpr (std::is_same_v<Value, double>)
        value = number(field.name);
      else if constexpr (std::is_same_v<Value, std::optional<double>>)
        value = optional_number(field.name);
      else
        value = text(field.name);
    });
    in_context(where_, [&] { validate(options); });
  }

  const std::string& where() const { return where_; }
  /// A usage error about one key of this object.
  Error wrong(const std::string& key, const std::string& what_would_be_right) const;

 private:
  const nlohmann::json* find(const std::string& key);
  const nlohmann::json& require(const std::string& key);
  std::string name_of(const std::string& key) const;

  nlohmann::json object_;
  std::string where_;
  std::vector<std::string> asked_;
};

/// The fields of an options struct as a JSON object.
template <typename Options>
nlohmann::json to_json(const Options& options) {
  nlohmann::json object = nlohmann::json::object();
  Options::describe(options, [&object](const auto& value, const OptionField& field) {
    using Value = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, std::optional<double>>) {
      if (value)
        object[field.name] = *value;
      else
        object[field.name] = nullptr;
    } else {
      object[field.name] = value;
    }
  });
  return object;
}

}  // namespace sinterscope
