// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Options described once.
//
// Every algorithm has one plain struct of options. Its static template describe(self, visit) names each field
// once with unit, meaning and allowed range; reading JSON, help text, the default configuration, provenance
// and validate() all walk that one description. Field types: bool, int, double, std::string,
// std::optional<double>.
//
//   struct DenoiseOptions {
//     double sigma_px = 1.0;
//     template <typename Self, typename Visit>
//     static void describe(Self& self, Visit&& visit) {
//       visit(self.sigma_px, {"sigma_px", "px", "standard deviation of the Gaussian", 0.0, 100.0});
//     }
//   };

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "sinterscope/core/error.h"

namespace sinterscope {

struct OptionField {
  std::string name;
  std::string unit;  ///< "1" for a pure number, "" for text and switches
  std::string text;  ///< one sentence: what it does, source of a published value
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  ///< the allowed words of a text field; empty = any
};

/// Throws usage_error naming field, value and what would be right, if a field lies outside its range or
/// choices.
template <typename Options>
void validate(const Options& options) {
  Options::describe(options, [](const auto& value, const OptionField& field) {
    using Value = std::decay_t<decltype(value)>;
    const auto check_range = [&field](double number) {
      if (!(number >= field.minimum && number <= field.maximum))
        throw usage_error(fmt::format("option '{}' is {} {}: must lie between {} and {}", field.name, number,
                                      field.unit, field.minimum, field.maximum));
    };
    if constexpr (std::is_same_v<Value, std::string>) {
      if (field.choices.empty()) return;
      for (const std::string& choice : field.choices)
        if (choice == value) return;
      throw usage_error(fmt::format("option '{}' is '{}': must be one of {} (nearest: '{}')", field.name,
                                    value, fmt::join(field.choices, ", "),
                                    nearest_name(value, field.choices)));
    } else if constexpr (std::is_same_v<Value, std::optional<double>>) {
      if (value) check_range(*value);
    } else if constexpr (!std::is_same_v<Value, bool>) {
      check_range(static_cast<double>(value));
    }
  });
}

}  // namespace sinterscope
