// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A step of the way from frames to the fit: a name, described options, and run(). A new stage is one file in
// pipeline/stages and one line in registry.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sinterscope/pipeline/archive.h"
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
  /// Hands everything that run() adds to the products to the archive, which writes it, or fills it from an
  /// earlier run (sources of frames are made again then). Return false to keep nothing: the stage then runs
  /// anew whenever a run goes on, as those do that only set up lazy views.
  virtual bool keep(Products& products, Archive& archive) const {
    static_cast<void>(products), static_cast<void>(archive);
    return false;
  }
  /// Where run() begins to depend on the sample section of the pipeline file. The stages before it are kept
  /// when only the sample changes; those after it are not.
  virtual bool reads_sample() const { return false; }
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
