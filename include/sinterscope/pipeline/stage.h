// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A step of the way from frames to the fit: a name, described options, and run(). A new stage is one file in
// pipeline/stages and one line in registry.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sinterscope/pipeline/json_reader.h"
#include "sinterscope/pipeline/products.h"

namespace sinterscope {

class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::string name() const = 0;
  virtual std::string summary() const = 0;
  /// Reads this stage's section of the pipeline file; usage error for an unknown key or a wrong value.
  virtual void configure(const nlohmann::json& section, const std::string& where) = 0;
  virtual std::vector<OptionField> option_fields() const = 0;
  virtual nlohmann::json options() const = 0;  ///< in full, defaults included
  virtual void run(Products& products, const RunContext& context) const = 0;
};

/// A stage whose options are one described struct.
template <typename Options>
class StageWith : public Stage {
 public:
  void configure(const nlohmann::json& section, const std::string& where) override {
    JsonReader reader(section, where);
    reader.read_fields(options_);
    reader.finish();
  }
  std::vector<OptionField> option_fields() const override {
    std::vector<OptionField> fields;
    Options::describe(options_,
                      [&fields](const auto&, const OptionField& field) { fields.push_back(field); });
    return fields;
  }
  nlohmann::json options() const override { return to_json(options_); }

 protected:
  Options options_;
};

}  // namespace sinterscope
